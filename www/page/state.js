// The state of the chat, and how an event changes it. Nothing here knows the page.
//
// `connection` is "none", "connecting", "joining" (open, the join is sent), "joined", "leaving", "lost" (it has ended,
// and what follows is not known yet), "waiting" (for the next attempt), or "ended".

export function initialState({ token, isOnline = true }) {
  return {
    place: { name: "", room: "" },
    token,
    connection: "none",
    wasOpened: false,
    hasLeft: false,
    /** The person's reason for leaving. */
    leaveReason: "",
    /** Whether the connection comes back by itself, in place of a person who joins. */
    isComingBack: false,
    retryAt: 0,
    isOnline,
    /** The end of the last connection: its close code and reason. */
    end: null,
    isFormShown: true,
    /** The room whose messages are in the log. */
    logRoom: null,
    log: [],
    /** The id of the last entry in the log. */
    lastId: null,
    people: [],
    /** People who were there before the connection was lost. Their return is no news. */
    expected: [],
    /** The unconfirmed messages: `{ key, kind, time, text or picture, isGoing, isSent, wasSent }`.
        `isGoing` is `true` until the message has failed, `isSent` once the connection has it, `wasSent` once any
        connection had it. */
    outgoing: [],
    /** The errors beside fields, by the names of the fields. */
    errors: {},
    unread: 0,
    /** Whether the reader sees the newest message. */
    isSeen: true,
  };
}

/** The state after an event. */
export function next(state, event) {
  return transitions[event.type](state, event);
}

/** Whether there is a connection, or one comes. A message can be written then: it leaves when the room is joined. */
export function isGoingOn({ connection }) {
  return connection !== "none" && connection !== "leaving" && connection !== "ended";
}

/** Whether no further attempt helps: the name, the room or this client itself was refused, or there was no join yet. */
export function isFinal({ isFormShown }, code) {
  return isFormShown || [NAME_REFUSED, ROOM_REFUSED, REPLACED].includes(code);
}

/** The join of this state. */
export function joinOf({ place, lastId, token }) {
  return { ...place, after: lastId ?? undefined, token };
}

/** The messages to send on the connection now. */
export function toSend({ connection, outgoing }) {
  return connection === "joined" ? outgoing.filter((message) => message.isGoing && !message.isSent) : [];
}

/** Codes of the chat's server. */
const NAME_REFUSED = 4003;
const ROOM_REFUSED = 4004;
const REPLACED = 4012;
/** The first code with which the server refuses something that the client sent. */
const REFUSED = 4000;

const transitions = {
  join(state, { name, room }) {
    const isSameRoom = room === state.logRoom;
    return {
      ...state,
      ...(isSameRoom ? {} : { logRoom: null, log: [], lastId: null, outgoing: [], people: [], unread: 0 }),
      place: { name, room },
      connection: "connecting",
      wasOpened: false,
      hasLeft: false,
      leaveReason: "",
      isComingBack: false,
      end: null,
      errors: {},
    };
  },

  opened: (state) => ({ ...state, connection: "joining", wasOpened: true }),

  /** A message of the server. An answer to a ping, for example, changes nothing. */
  received: (state, event) => receptions[event.message.kind]?.(state, event) ?? state,

  leave: (state, { reason }) => ({
    ...state,
    connection: "leaving",
    hasLeft: true,
    leaveReason: reason,
    isComingBack: false,
    errors: {},
  }),

  terminated(state, { code, reason }) {
    // The server would refuse the message again, so it is not sent again by itself.
    const isRefused = code >= REFUSED;
    const outgoing = state.outgoing.map((sent) => (isRefused && sent.isSent ? { ...sent, isGoing: false } : sent));
    const connection = state.connection === "leaving" ? "leaving" : "lost";
    // A failed attempt does not change the reason for the loss of the connection.
    const hasFailed = state.isComingBack && state.connection === "connecting";
    return { ...state, connection, end: hasFailed ? state.end : { code, reason }, outgoing };
  },

  retry: (state, { retryAt }) => ({ ...state, connection: "waiting", isComingBack: true, retryAt }),

  attempt: (state) => (state.connection === "leaving" ? state : { ...state, connection: "connecting" }),

  online: (state, { isOnline }) => ({ ...state, isOnline }),

  /** There is no further attempt. */
  stopped(state) {
    const { code, reason } = state.end ?? {};
    const field = state.hasLeft ? undefined : { [NAME_REFUSED]: "name", [ROOM_REFUSED]: "room" }[code];
    return {
      ...state,
      connection: "ended",
      isComingBack: false,
      isFormShown: state.isFormShown || field !== undefined,
      errors: field ? { ...state.errors, [field]: reason } : state.errors,
      outgoing: state.outgoing.map((sent) => ({ ...sent, isGoing: false })),
    };
  },

  elsewhere: (state) => ({ ...state, isFormShown: true, end: null, errors: {} }),

  write(state, { message }) {
    return {
      ...withoutError(state, "message"),
      outgoing: [...state.outgoing, { ...message, isGoing: true, isSent: false, wasSent: false }],
    };
  },

  sent: (state, { key }) => withOutgoing(state, key, { isSent: true, wasSent: true }),
  failed: (state, { key }) => withOutgoing(state, key, { isGoing: false, isSent: false }),
  again: (state, { key }) => withOutgoing(withoutError(state, "message"), key, { isGoing: true, isSent: false }),

  error: (state, { field, text }) => ({ ...state, errors: { ...state.errors, [field]: text } }),

  typed: (state, { field }) => withoutError(state, field),

  seen: (state, { isSeen }) => ({ ...state, isSeen, unread: isSeen ? 0 : state.unread }),
};

const receptions = {
  joined(state, { message, time }) {
    const { name, room, people, complete, history } = message;
    const isBack = state.isComingBack;
    let after = {
      ...state,
      place: { name, room },
      connection: "joined",
      isComingBack: false,
      end: null,
      isFormShown: false,
      logRoom: room,
      log: complete ? state.log : [...state.log, { kind: "gap", time }],
      people,
      expected: isBack ? state.people.filter((person) => !people.includes(person)) : [],
    };
    for (const entry of history) after = entered(after, entry);
    // A message that was sent on the lost connection and is not in the history has not arrived. Without the whole
    // history, this is unknown.
    const outgoing = after.outgoing.map((sent) =>
      sent.isSent ? { ...sent, isSent: false, isGoing: complete && sent.isGoing } : sent,
    );
    return { ...after, outgoing, log: [...after.log, ...noteOf(state, time)] };
  },

  said: (state, { message }) => entered(state, message),
  picture: (state, { message }) => entered(state, message),

  came(state, { message }) {
    const { name } = message;
    return {
      ...state,
      people: [...state.people.filter((person) => person !== name), name],
      expected: state.expected.filter((person) => person !== name),
      log: state.expected.includes(name) ? state.log : [...state.log, message],
    };
  },

  went(state, { message }) {
    return {
      ...state,
      people: state.people.filter((person) => person !== message.name),
      log: [...state.log, message],
    };
  },
};

/** The note about the own join. After a refusal, it has the reason, which the others have seen. */
function noteOf({ isComingBack, end }, time) {
  if (!isComingBack) return [{ kind: "joined", time }];
  return end.code >= REFUSED ? [{ kind: "refused", time, end }] : [];
}

function withoutError(state, field) {
  const { [field]: _, ...errors } = state.errors;
  return { ...state, errors };
}

function withOutgoing(state, key, change) {
  return { ...state, outgoing: state.outgoing.map((sent) => (sent.key === key ? { ...sent, ...change } : sent)) };
}

/** Adds an entry of the server to the log. An own entry confirms the first equal message, because entries come
    back in the order of sending. */
function entered(state, entry) {
  const isOwn = entry.name === state.place.name;
  const at = isOwn ? state.outgoing.findIndex((sent) => isSame(sent, entry)) : -1;
  return {
    ...state,
    log: [...state.log, { ...entry, isOwn }],
    lastId: entry.id,
    outgoing: at < 0 ? state.outgoing : state.outgoing.toSpliced(at, 1),
    unread: isOwn || state.isSeen ? state.unread : state.unread + 1,
  };
}

const isSame = (sent, { kind, text, size }) =>
  sent.wasSent && sent.kind === kind && (kind === "said" ? sent.text === text : sent.size === size);

// A connection on this side of wasm: everything that touches a payload, calls an application's code, or differs by host.
// What is to be done, and what may be said, is asked of the law (src/law.rs) in numbers.

const componentSignature = "4DWS";

// --- The law ----------------------------------------------------------------------------------------------------

/** The functions of src/law.rs, from when the first connection is opened. */
let law;

/** Takes the functions by their names. */
export function setLaw(functions) {
  law = functions;
}

/** For programs that keep a wire in wasm: takes the functions by their places in a table, in this order, and the texts of
    the errors from 5000 on. */
export function setLawAt(table, step, scan, sendable, since, wait, errorTexts) {
  const at = (place) => table.get(place);
  law = { step: at(step), scan: at(scan), sendable: at(sendable), since: at(since), wait: at(wait) };
  texts = errorTexts;
  // Where there is no WeakRef, the handler is gone.
  keep = (handler) => handler && globalThis.WeakRef && new WeakRef(handler);
}

/** What the wire of a connection that has ended keeps of the handler, which is there as long as the object is: the host may
    keep its connection, and by that the wire, for longer than both. */
let keep = () => undefined;

// What happens to a connection.
const OPENED = 0;
const FLUSHED = 1;
const RECEIVED = 2;
const UNDECODABLE = 3;
const UNSENDABLE = 4;
const FAILED = 5;
const ENDED = 6;
const TERMINATED = 7;
const ABANDONED = 8;
const ELAPSED = 9;

// What is to be done about it. The error of the five from `ERROR` on has the number 5021 and those after it; the two from
// `END` on are with and without a closing handshake; the three from `CLOSE` on are as in `closeCodes`.
const FLUSH = 1;
const OPEN = 2;
const MESSAGE = 3;
const RECEIVE = 4;
const ERROR = 5;
const END = 10;
const CLOSE = 12;
const ABANDON = 15;
const AWAIT_CLOSE = 16;
const AWAIT_VERDICT = 17;

const CONNECTING = 0;
const CONNECTED = 1;
const CLOSING = 2;
const statuses = ["Connecting", "Connected", "Closing", "Closed"];

/** What a text may have to be. */
const TOKEN = 0;
const FIELD_VALUE = 1;
const RESERVED = 2;
const REASON = 3;

/** Whether a value is such a text. */
function is(rule, text) {
  if (typeof text !== "string") return false;
  let state = 0;
  for (let at = 0; at < text.length && state >= 0; at++) state = law.scan(rule, state, text.charCodeAt(at));
  return law.scan(rule, state, -1) >= 0;
}

/** No closing handshake took place. */
const ABNORMAL = 1006;
const NORMAL = 1000;

/** The codes to close with: of `terminate()`, for a message that is not as the data type says, for one that cannot be sent. */
const closeCodes = (wire) => [wire.farewell, 4007, 4008];

/** How long a host's `close` event may take to follow its `error` event, in milliseconds. Hosts that send one do so at once. */
const VERDICT = 50;

// --- What happens -----------------------------------------------------------------------------------------------

/** Puts what happened to the lifecycle, and does what it says. The code is that of the host's `close` event. */
function handle(wire, input, code = 0) {
  const answer = law.step(wire.state, input, code, waiting(wire));
  wire.state = answer & 7;
  const status = (answer >> 3) & 3;
  if (status !== wire.status) {
    wire.status = status;
    show(wire);
  }
  for (let actions = answer >> 5; actions; actions >>= 5) perform(wire, actions & 31);
}

function perform(wire, action) {
  switch (action) {
    case FLUSH:
      flush(wire);
      return handle(wire, FLUSHED);
    case OPEN:
      return call(wire, "onOpen", { type: "open" });
    case MESSAGE:
      if (!deliver(wire, wire.event)) handle(wire, UNDECODABLE);
      return;
    case RECEIVE:
      return handle(wire, RECEIVED);
    case END:
      return end(wire, wire.event);
    case END + 1:
      return end(wire);
    case ABANDON:
      // A turn of its own, before anything else happens.
      queueMicrotask(() => hear(wire, ABANDONED));
      return close(wire, wire.farewell);
    case AWAIT_CLOSE:
      wire.countdown = { now: 0, since: 0, left: buffered(wire) };
      return pause(wire, law.wait(wire.closeTimeout, 0, 0));
    case AWAIT_VERDICT:
      wire.said = wire.event;
      wire.countdown = undefined;
      return wait(wire, VERDICT);
    default:
      if (action < END) return callError(wire, ERR_NOT_OPENED + action - ERROR);
      wire.closing = closeCodes(wire)[action - CLOSE];
      return flush(wire);
  }
}

/** Hears of what happens by itself: `event` is what the host, or what failed, says about it. */
function hear(wire, input, event) {
  const { event: outer, object, socket } = wire;
  // No callback comes before the object is there, and none after the end.
  if (!object) return socket && queueMicrotask(() => hear(wire, input, event));
  wire.event = event;
  handle(wire, input, input === ENDED ? event.code : 0);
  wire.event = outer;
}

/** Hears that a wait is over, in place of the one before. */
function wait(wire, milliseconds) {
  clearTimeout(wire.timer);
  wire.timer = setTimeout(() => goesOn(wire) || hear(wire, ELAPSED), milliseconds);
}

/** Waits before it is asked again whether the wait for the answer to a close frame goes on. */
function pause(wire, milliseconds) {
  Object.assign(wire.countdown, { milliseconds, clock: performance.now() });
  wait(wire, milliseconds);
}

/** Whether the wait for the answer to a close frame goes on. */
function goesOn(wire) {
  const { closeTimeout, countdown } = wire;
  if (!countdown) return false;
  const passed = performance.now() - countdown.clock;
  // Who fakes timers may leave the clock as it is: then the pause is what has passed.
  countdown.now += passed < countdown.milliseconds / 2 ? countdown.milliseconds : passed;
  const left = buffered(wire);
  countdown.since = law.since(countdown.since, countdown.left, countdown.now, left);
  countdown.left = left;
  const milliseconds = law.wait(closeTimeout, countdown.since, countdown.now);
  if (milliseconds > 0) pause(wire, milliseconds);
  return milliseconds > 0;
}

// --- The host's class -------------------------------------------------------------------------------------------

/** The host's own class, looked up at each call so that test doubles are seen; on a Node that has none, `ws`. */
const hostClass = () => globalThis.WebSocket ?? (nodeClass ??= findNodeClass());

let nodeClass;

function findNodeClass() {
  const process = globalThis.process;
  const builtin = (name) => process?.getBuiltinModule?.(name);
  const nodeModule = builtin("node:module");
  if (!nodeModule) return;
  // The program that was started, what a link to it leads to, and the folder it was started in.
  const origins = [
    () => process.argv[1],
    () => builtin("node:fs").realpathSync(process.argv[1]),
    () => process.cwd() + "/",
  ];
  for (const origin of origins) {
    try {
      return nodeModule.createRequire(origin())("ws");
    } catch {
      // Not installed beside this origin.
    }
  }
}

// --- Opening ----------------------------------------------------------------------------------------------------

/** Opens a connection of which nothing is heard yet, and gives all there is of it, its wire. `handler` is an object, null or
    undefined. Nothing is open if it throws. */
export function open(url, handler) {
  const urls = urlTexts(url);
  if (!urls) throw exception(ERR_URL, url);
  const settings = settingsOf(handler);
  const HostClass = hostClass();
  if (!HostClass) throw exception(ERR_NO_HOST);
  try {
    return connect(HostClass, urls, handler, settings);
  } catch (cause) {
    // All is right: where there are headers, they are what a host that cannot send any objects to.
    throw exception(settings.headers && !isWs(HostClass) ? ERR_HEADERS_UNSUPPORTED : ERR_HOST_REFUSED, urls[0], cause);
  }
}

/** The texts of an absolute `ws:` or `wss:` URL without a fragment, as it was passed and as it goes to the host; undefined
    if it is none. */
function urlTexts(url) {
  return attempt(() => {
    const text = typeof url === "string" ? url : isA(URL, url) ? url.href : "";
    const { protocol, hostname, href } = new URL(text);
    const isOurs = protocol === "ws:" || protocol === "wss:";
    // Chromium lets a space in a host pass, as "%20".
    // workerd takes what it is given: it sends letters beyond ASCII as they are, and refuses `ws:host`.
    if (isOurs && hostname && !hostname.includes("%") && !text.includes("#")) return [text, href];
  });
}

const callbacks = ["onOpen", "onMessage", "onError", "onTerminate"];
const members = [...callbacks, "dataType", "headers", "protocols", "closeTimeout"];
const dataTypes = ["text", "blob", "object"];

/** The members of a handler, each read once, and checked. */
function settingsOf(handler) {
  const settings = {};
  if (handler === undefined || handler === null) return settings;
  if (typeof handler !== "object") throw exception(ERR_HANDLER, handler);
  for (const name of members) {
    try {
      settings[name] = handler[name];
    } catch (error) {
      throw exception(ERR_MEMBER, undefined, error, name);
    }
  }
  for (const name of callbacks) {
    const callback = settings[name];
    if (callback !== undefined && typeof callback !== "function") throw exception(ERR_CALLBACK, callback, undefined, name);
  }
  const { dataType, headers, protocols, closeTimeout } = settings;
  if (dataType !== undefined && !dataTypes.includes(dataType)) throw exception(ERR_DATA_TYPE, dataType);
  if (headers !== undefined) settings.headers = headerList(headers);
  if (protocols !== undefined) settings.protocols = protocolList(protocols);
  // At most what a host's timer takes.
  if (closeTimeout !== undefined && !(typeof closeTimeout === "number" && closeTimeout >= 0 && closeTimeout < 2 ** 31)) {
    throw exception(ERR_CLOSE_TIMEOUT, closeTimeout);
  }
  return settings;
}

/** A list of its own of the subprotocols: one, or an array of them. */
function protocolList(protocols) {
  let list;
  try {
    list = Array.isArray(protocols) ? [...protocols] : [protocols];
  } catch (cause) {
    throw exception(ERR_PROTOCOLS, protocols, cause);
  }
  for (const protocol of list) if (!is(TOKEN, protocol)) throw exception(ERR_PROTOCOLS, protocol);
  // Whatever its case: some hosts tell `a` and `A` apart, some throw.
  const lower = list.map((protocol) => protocol.toLowerCase());
  const repeated = list.find((_, at) => lower.indexOf(lower[at]) < at);
  if (repeated !== undefined) throw exception(ERR_PROTOCOL_REPEATED, repeated);
  return list;
}

/** The headers as a list of pairs of a name and a value. */
function headerList(headers) {
  let list;
  try {
    // The entries of an array, a Map or a Headers are not members: they would be lost.
    const hasMembers = typeof headers === "object" && headers !== null && !(Symbol.iterator in headers);
    list =
      hasMembers &&
      Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => [name, one]));
  } catch (cause) {
    throw exception(ERR_HEADERS, headers, cause);
  }
  // A text may hold a secret, and is not shown.
  if (!list) throw exception(ERR_HEADERS, typeof headers === "string" ? Object(headers) : headers);
  for (const [name, value] of list) {
    // What stands behind a colon may be a value, and is not shown.
    if (!is(TOKEN, name)) throw exception(ERR_HEADER_NAME, name.replace(/:.*/s, ":…"));
    if (is(RESERVED, name)) throw exception(ERR_HEADER_RESERVED, undefined, undefined, name);
    if (!is(FIELD_VALUE, value)) throw exception(ERR_HEADER_VALUE, undefined, undefined, name);
  }
  return list;
}

/** `urls` is as of `urlTexts`. */
function connect(HostClass, [text, url], handler, { dataType = "text", headers, protocols = [], closeTimeout = 5000 }) {
  const socket = headers ? openWithHeaders(HostClass, url, protocols, headers) : new HostClass(url, protocols);
  socket.binaryType = dataType === "blob" ? "blob" : "arraybuffer";
  return {
    url: text,
    handler: handler ?? null,
    dataType,
    id: nextId(),
    // There from when the connection is open.
    protocol: "",
    protocols,
    // As the lifecycle has them.
    state: 0,
    status: CONNECTING,
    // The next two are there until the end.
    socket,
    object: undefined,
    // What waits to be sent: frames, of which those before `head` have left, and how many bytes they are.
    frames: none,
    head: 0,
    bytes: 0,
    isReading: false,
    // What is being heard, and what is kept of it for `onError`.
    event: undefined,
    said: undefined,
    // Those of `terminate()`.
    farewell: NORMAL,
    reason: "",
    // The code to close with when nothing waits any more.
    closing: undefined,
    // `ws` compresses in a turn of its own: what it is given has to stay as it is until then.
    readsLater: isWs(HostClass),
    closeTimeout,
    // How long the answer to a close frame has been waited for, since when of that, and how many bytes were left to be sent
    // when that was last asked.
    countdown: undefined,
    timer: undefined,
  };
}

/** Whether the host's class is that of the package `ws`. */
const isWs = (HostClass) => !!HostClass.createWebSocketStream;

function openWithHeaders(HostClass, url, protocols, headers) {
  // `ws` takes its options third, and a list of values for a name that is repeated.
  if (!isWs(HostClass)) return new HostClass(url, { protocols, headers });
  const lists = Object.create(null);
  for (const [name, value] of headers) {
    const [first] = headers.find(([one]) => one.toLowerCase() === name.toLowerCase());
    (lists[first] ??= []).push(value);
  }
  return new HostClass(url, protocols, { headers: lists });
}

/** Has `object` stand for a connection: its callbacks come from now on, none before this returns. */
export function listen(wire, object) {
  const { socket } = wire;
  new Shown(object, wire);
  // Not every host checks that the server chose a subprotocol that was offered.
  socket.addEventListener("open", (event) => wire.socket && hear(wire, isOffered(wire) ? OPENED : FAILED, event));
  // The lifecycle has nothing to decide about a message on an open connection, unless it cannot be had.
  socket.addEventListener("message", (event) => {
    if (wire.status !== CONNECTED || !deliver(wire, event)) hear(wire, RECEIVED, event);
  });
  // They stay after the end: an `error` event of `ws` that nobody listens to ends the process.
  socket.addEventListener("error", (event) => hear(wire, FAILED, event));
  socket.addEventListener("close", (event) => hear(wire, ENDED, event));
  wire.object = object;
}

function isOffered(wire) {
  const { protocol } = wire.socket;
  const offered = !protocol || wire.protocols.includes(protocol);
  if (offered) wire.protocol = protocol ?? "";
  return offered;
}

const properties = ["url", "handler", "dataType", "id", "protocol"];

/** What a connection has for good, for programs that keep its wire in wasm. */
export function property(wire, index) {
  const value = wire[properties[index]];
  return !wire.socket && value?.deref ? value.deref() : value;
}

/** The place of the status in `statuses`, as it is now: the peer may be closing, and the host's `close` event still to come. */
export const statusOf = ({ status, socket }) => (status === CONNECTED && socket.readyState > 1 ? CLOSING : status);

export const statusName = (wire) => statuses[statusOf(wire)];

// --- The end ----------------------------------------------------------------------------------------------------

/** Ends a connection, unless it is ending: its status is closing at once. */
export function terminate(wire, code = NORMAL, reason) {
  if (typeof code !== "number" || !law.sendable(code)) throw exception(ERR_CLOSE_CODE, code);
  if (reason !== undefined && !is(REASON, reason)) throw exception(ERR_CLOSE_REASON, reason);
  if (wire.status > CONNECTED) return;
  wire.farewell = code;
  wire.reason = reason ?? "";
  handle(wire, TERMINATED);
}

/** Lets go of a host connection that may not have ended on the host's side. */
function release(socket) {
  if (socket.readyState === 3) return;
  // The peer may wait for the answer to its close frame: workerd, as it was before 2026-04-07, leaves that to us.
  if (socket.readyState) close({ socket, reason: "" }, 1000);
  // `ws` and Bun can end a connection whose peer is silent; elsewhere the host's own limits do.
  socket.terminate?.();
}

/** Closes the host connection. What a host may object to was checked before; the close timeout covers the rest. */
function close({ socket, reason }, code) {
  attempt(() => socket.close(code, reason));
}

/** What a function returns; undefined if it throws. */
function attempt(action) {
  try {
    return action();
  } catch {
    // Not kept either: an exception keeps, by its stack, the handler whose callback it came from.
  }
}

const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

/** Whether an object is of a class of the host's: of this realm, or by its tag of another. workerd had no tags before the
    compatibility date 2024-09-26. */
const isA = (Class, value) => value instanceof Class || tagOf(value) === Class.name;

// --- Data received ----------------------------------------------------------------------------------------------

/** Made when it is needed: most connections receive text. */
let utf8;

/** Calls `onMessage` with the message of an event, as the data type has it; false if it cannot be had as that. */
function deliver(wire, event) {
  const { dataType, handler, object } = wire;
  let { data } = event;
  try {
    if (dataType === "blob") {
      if (!(data instanceof Blob)) data = new Blob([data]);
    } else {
      if (typeof data !== "string") data = (utf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(data);
      if (dataType === "object") data = JSON.parse(data);
    }
  } catch (error) {
    wire.said ??= error;
    return false;
  }
  try {
    // `call`, written out for the one callback that is called often.
    handler?.onMessage?.call(handler, object, { type: "message", data });
  } catch (error) {
    report(error);
  }
  return true;
}

// --- Data sent --------------------------------------------------------------------------------------------------

// By its tag: a buffer may come from another realm.
const isShared = ({ buffer }) => buffer[Symbol.toStringTag] === "SharedArrayBuffer";
// Node takes a view of shared memory for text: there it has to be known before. To ask a view for its buffer takes longer
// than all else that is done with it, in Bun as long as to send it; Bun throws, and is asked afterwards.
const isToCopy = typeof SharedArrayBuffer === "function" && !globalThis.Bun ? isShared : () => false;

/** Whether a message goes to the host as it is: a string, or a view that need not be copied. */
const isReady = (message) => typeof message === "string" || (ArrayBuffer.isView(message) && !isToCopy(message));

/** Any other message as it goes to the host: a string, an ArrayBuffer or view, or a Blob; undefined if it is none. */
function payload(message) {
  if (typeof message !== "object" || message === null) return;
  try {
    // What is sent most is told without its tag, which takes as long as all else.
    return message.constructor === Object ? JSON.stringify(message) : binary(message) ?? JSON.stringify(message);
  } catch (cause) {
    throw exception(ERR_MESSAGE, message, cause);
  }
}

/** An object that is no message of JSON: a copy of a view, or what it is; undefined if it is one. */
function binary(message) {
  if (ArrayBuffer.isView(message)) return copy(message);
  const mayBeBlob = isA(Blob, message) || tagOf(message) === "File";
  if (isA(ArrayBuffer, message) || (mayBeBlob && isBlob(message))) return message;
  // As that of jsdom: as JSON it would be `{}`.
  if (mayBeBlob && "slice" in message) throw new TypeError("it has no arrayBuffer()");
}

const isBlob = (data) => typeof data.arrayBuffer === "function";

/** The bytes of a buffer or view, as they are now. */
const copy = (data) => new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength).slice();

/** Sends a message on a connection, or keeps it until that can be. */
export function put(wire, message) {
  // As it is before `payload`, which may run an application's `toJSON`: what that sends is the later call.
  const atOnce = isFree(wire);
  if (wire.status > CONNECTED) throw exception(ERR_NOT_OPEN);
  offer(wire, message, isReady(message) ? message : payload(message), atOnce);
}

/** The same with what is to be sent of the message, which came when the connection was free or not. */
function offer(wire, message, data, atOnce) {
  if (data === undefined) throw exception(ERR_MESSAGE, message);
  const hasToWait = !atOnce || (typeof data === "object" && isBlob(data));
  const frame = hasToWait || wire.readsLater ? still(data) : data;
  const { socket } = wire;
  // Asked after `payload`: that may have ended the connection, and a host drops in silence what it is given then.
  if (hasToWait ? statusOf(wire) > CONNECTED : socket?.readyState !== 1) throw exception(ERR_NOT_OPEN);
  if (hasToWait) {
    enqueue(wire, frame);
    if (atOnce) flush(wire);
  } else {
    const refusal = hand(socket, frame);
    if (refusal) throw exception(ERR_SEND_REFUSED, message, refusal.cause);
  }
}

/** Data that has to wait, as it is now. */
function still(data) {
  try {
    if (typeof data === "string") return data;
    if (!isBlob(data)) return copy(data);
    // What has only the methods of a Blob throws here, or has none.
    if (data.size >= 0) return data;
  } catch (cause) {
    throw exception(ERR_MESSAGE, data, cause);
  }
  throw exception(ERR_MESSAGE, data);
}

/** Hands data to the host; what comes of it if the host refuses. */
function hand(socket, data) {
  try {
    socket.send(data);
  } catch (error) {
    return refused(socket, data, error);
  }
}

/** What comes of data that the host has refused: of memory that is shared, or can be resized, it gets a copy. */
function refused(socket, data, cause) {
  const isRefusedAsIs = ArrayBuffer.isView(data) ? isShared(data) || data.buffer.resizable : data.resizable;
  return isRefusedAsIs ? hand(socket, copy(data)) : { cause };
}

const size = (data) => (typeof data === "string" ? new TextEncoder().encode(data).length : data.size ?? data.byteLength);

/** The frames of all connections for which nothing has waited yet. */
const none = [];

function enqueue(wire, frame) {
  if (wire.frames === none) wire.frames = [];
  wire.frames.push(frame);
  wire.bytes += size(frame);
  show(wire);
}

/** How many messages wait. */
const waiting = ({ frames, head }) => frames.length - head;

/** Whether a message can leave at once. */
const isFree = (wire) => wire.status === CONNECTED && !waiting(wire);

/** What waits to be sent, in bytes. */
export const buffered = ({ socket, bytes }) => (socket ? socket.bufferedAmount + bytes : 0);

/** Lets go of the messages that wait. */
function giveUp(wire) {
  wire.frames = none;
  wire.head = wire.bytes = 0;
}

/** Hands the waiting messages to the host as far as they can be had, then closes it if that is what is left. */
function flush(wire) {
  while (waiting(wire)) {
    const { frames, head } = wire;
    const data = frames[head];
    if (isBlob(data)) return read(wire);
    // The host's `close` event is on the way.
    if (wire.socket.readyState !== 1) return;
    // Out before it is sent: a host may call back while it takes it.
    frames[head] = undefined;
    wire.head++;
    wire.bytes -= size(data);
    show(wire);
    const refusal = hand(wire.socket, data);
    if (refusal) {
      // Unless what waited was given up meanwhile; what waited behind it may have left.
      if (wire.frames === frames) {
        frames.splice(wire.head, 0, data);
        wire.bytes += size(data);
      }
      wire.said ??= refusal.cause;
      return handle(wire, UNSENDABLE);
    }
  }
  wire.frames.length = wire.head = 0;
  const { closing } = wire;
  wire.closing = undefined;
  if (closing) close(wire, closing);
}

/** Reads the Blob in front. */
function read(wire) {
  if (wire.isReading) return;
  wire.isReading = true;
  const { frames, head } = wire;
  // `await` is there when the promise rejects: for workerd, as it was before 2026-03-03, one tick later is too late.
  (async () => await frames[head].arrayBuffer())().then(
    (bytes) => {
      wire.isReading = false;
      frames[head] = bytes;
      if (wire.object) flush(wire);
    },
    (error) => hear(wire, UNSENDABLE, error),
  );
}

// --- Callbacks --------------------------------------------------------------------------------------------------

function call({ handler, object }, name, event) {
  try {
    handler?.[name]?.call(handler, object, event);
  } catch (error) {
    report(error);
  }
}

/** An exception in a callback is the application's: it surfaces as uncaught, and the connection goes on.
    Thrown in a turn of its own, since Node has no `reportError`. */
function report(error) {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls `onError`; what waits is given up. */
function callError(wire, errCode) {
  const unsent = waiting(wire);
  giveUp(wire);
  let message = texts[errCode - 5000];
  if (unsent) message += `; ${unsent} message${unsent > 1 ? "s were" : " was"} not sent`;
  const errors = [{ errCode, message, componentSignature }];
  const said = attempt(() => words(wire.said ?? wire.event));
  if (said) errors.push({ errCode: ERR_HOST_SAID, message: said, componentSignature });
  call(wire, "onError", { type: "error", errors });
}

/** Lets go of all that is only there until the end, then calls `onTerminate` with what the host's `close` event says;
    without one, the connection was lost. */
function end(wire, closed) {
  const { handler, object, socket, timer } = wire;
  clearTimeout(timer);
  giveUp(wire);
  wire.object = wire.socket = wire.said = undefined;
  wire.handler = keep(handler);
  attempt(() => release(socket));
  const { code, reason } = closed ?? { code: ABNORMAL };
  call(
    { handler, object },
    "onTerminate",
    Object.freeze({ type: "terminate", code, reason: reason || "", wasClean: !!closed }),
  );
}

/** What an event or an exception says; undefined if nothing. Some hosts say it only in what caused it. */
function words(source) {
  for (let depth = 0; source && depth < 4; depth++) {
    for (const text of [source.message, source.reason, source.code]) if (text && typeof text === "string") return text;
    source = source.error ?? source.cause ?? source.errors?.[0];
  }
}

/** The private fields of a connection's object: what consoles show of it, and no program sees. */
class Shown extends function (object) {
  return object;
} {
  #url;
  #status;
  #id;
  // Not in a WeakMap: a look into that takes longer than all else that `send` does.
  #wire;
  // That of the host, while a message can leave at once and as it is.
  #socket;
  #handler;

  constructor(object, wire) {
    super(object);
    this.#url = wire.url;
    this.#id = wire.id;
    this.#wire = wire;
    this.#handler = wire.handler;
    this.#status = statuses[wire.status];
  }

  /** Shows the status, and whether a message can leave at once and as it is: called wherever that may have changed. */
  static show(wire) {
    const { object } = wire;
    object.#status = statuses[wire.status];
    object.#socket = isFree(wire) && !wire.readsLater ? wire.socket : undefined;
  }

  /** The wire of a connection's object; throws if it is none. */
  static wireOf(object) {
    try {
      return object.#wire;
    } catch {
      throw new TypeError("this is not a WebSocket of fourd-websocket");
    }
  }

  /** The handler of a connection's object; throws if it is none. */
  static handlerOf(object) {
    wireOf(object);
    return object.#handler;
  }

  /** Sends a message on the connection of an object. */
  static send(object, message) {
    let socket;
    try {
      socket = object.#socket;
    } catch {
      // `wireOf` says it.
    }
    if (socket === undefined) return put(wireOf(object), message);
    const asIs = isReady(message);
    const data = asIs ? message : payload(message);
    if (!((asIs || typeof data === "string") && socket.readyState === 1)) return offer(wireOf(object), message, data, true);
    // `hand`, written out for the one way that is taken often: JavaScriptCore inlines it then.
    let refusal;
    try {
      return socket.send(data);
    } catch (error) {
      refusal = refused(socket, data, error);
    }
    if (refusal) throw exception(ERR_SEND_REFUSED, message, refusal.cause);
  }
}

// As constants, which V8 takes for what they are without a look.
const { show } = Shown;
export const { handlerOf, send, wireOf } = Shown;

// --- Errors and properties --------------------------------------------------------------------------------------

// Their numbers: those of src/error.rs, which says what each is about.
const ERR_URL = 5001;
const ERR_HANDLER = 5002;
const ERR_MEMBER = 5003;
const ERR_CALLBACK = 5004;
const ERR_DATA_TYPE = 5005;
const ERR_HEADERS = 5006;
const ERR_HEADER_NAME = 5007;
const ERR_HEADER_VALUE = 5008;
const ERR_HEADER_RESERVED = 5009;
const ERR_HEADERS_UNSUPPORTED = 5010;
const ERR_PROTOCOLS = 5011;
const ERR_PROTOCOL_REPEATED = 5012;
const ERR_CLOSE_TIMEOUT = 5013;
const ERR_NO_HOST = 5014;
const ERR_HOST_REFUSED = 5015;
const ERR_MESSAGE = 5016;
const ERR_NOT_OPEN = 5017;
const ERR_SEND_REFUSED = 5018;
const ERR_CLOSE_CODE = 5019;
const ERR_CLOSE_REASON = 5020;
const ERR_NOT_OPENED = 5021;
const ERR_HOST_SAID = 5026;

/** Their texts, from 5000 on. */
let texts = [];

/** The exception that `new`, `send` and `terminate` throw: about a value that is wrong, what caused it, and what has a name,
    each where there is one. `{got}` and `{name}` in the text are filled in. */
export function exception(errCode, got, cause, name, text = texts[errCode - 5000]) {
  const message = text.replace("{name}", () => name).replace("{got}", () => describe(got));
  const error = new Error(message, cause === undefined ? cause : { cause });
  return Object.assign(Object.defineProperty(error, "name", { value: "WebSocketError" }), { errCode, componentSignature });
}

function describe(value) {
  if (typeof value === "string") {
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}… (${value.length} characters)` : JSON.stringify(value);
  }
  if (typeof value === "bigint") return value + "n";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = attempt(() => tagOf(value)) ?? "Object";
  return (/^[AEIOU]/.test(tag) ? "an " : "a ") + tag;
}

let ids;

/** Threads and copies of the package share nothing to count with: each counts on from a place of its own. */
function nextId() {
  ids ??= Math.floor(Math.random() * 2 ** 32) * 2 ** 20;
  return ++ids;
}

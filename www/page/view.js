// What the page shows for a state. Nothing here knows the page.

import { ending } from "./ending.js";
import { isGoingOn } from "./state.js";

/** Returns what is shown at `now`, in milliseconds since 1970. */
export function view(state, now) {
  const { place, connection, isFormShown, logRoom, people, log, outgoing, errors, unread } = state;
  const isJoined = connection === "joined";
  const title = isFormShown ? "Chat" : (logRoom ?? place.room);
  return {
    title,
    documentTitle: `${unread ? `(${unread}) ` : ""}${title} – fourd-websocket`,
    status: status(state),
    canLeave: isGoingOn(state),
    form: { isShown: isFormShown, isBusy: connection !== "none" && connection !== "ended", problem: problem(state) },
    room: { isShown: !isFormShown, isLive: isJoined },
    people,
    own: place.name,
    comeback: comeback(state, now),
    ending: connection === "ended" && !isFormShown ? ending(state) : null,
    /** The room that is empty, and invites. */
    invitation: isJoined && people.length === 1 && outgoing.length === 0 && !log.some(isEntry) ? logRoom : null,
    composer: { canWrite: isGoingOn(state), placeholder: `Message ${logRoom ?? place.room}` },
    errors,
    unread,
  };
}

const isEntry = ({ kind }) => kind === "said" || kind === "picture";

const OFFLINE = { words: "Offline", tone: "off" };

/** The state of the connection in a few words. `tone` is "on", "busy", "off", or "" before the first connection. */
function status({ connection, isComingBack, isOnline, hasLeft }) {
  switch (connection) {
    case "none":
      return { words: "", tone: "" };
    case "connecting":
      if (isComingBack && !isOnline) return OFFLINE;
      return { words: isComingBack ? "Connecting again…" : "Connecting…", tone: "busy" };
    case "joining":
      return { words: "Joining…", tone: "busy" };
    case "joined":
      return { words: "Connected", tone: "on" };
    case "leaving":
      return { words: "Leaving…", tone: "busy" };
    case "lost":
    case "waiting":
      return isOnline ? { words: "Connection lost", tone: "busy" } : OFFLINE;
    default:
      return { words: hasLeft ? "You left" : "Not connected", tone: "off" };
  }
}

/** The line about a connection that comes back: its words, the seconds that are left, and whether one can try now. */
function comeback(state, now) {
  const { connection, isComingBack, isOnline, retryAt } = state;
  if (!isComingBack) return null;
  const canTry = connection === "waiting";
  if (!isOnline) return { words: "You are offline.", countdown: "The chat comes back with the network.", canTry };
  if (!canTry) return { words: reasonOf(state), countdown: "Trying again…", canTry };
  const seconds = Math.ceil((retryAt - now) / 1000);
  return {
    words: reasonOf(state),
    countdown: seconds > 0 ? `Trying again in ${seconds} s` : "Trying again…",
    canTry,
  };
}

function reasonOf({ end, wasOpened }) {
  if (!wasOpened) return "The chat cannot be reached.";
  return end.code === 1001 ? "The chat is restarting." : "Connection lost.";
}

/** What is said on the form about a connection that ended before the room was shown. */
function problem(state) {
  const { connection, isFormShown, end, errors } = state;
  if (connection !== "ended" || !isFormShown || !end || errors.name || errors.room) return "";
  const { words, detail } = ending(state);
  return detail ? `${words} ${detail}` : words;
}

// The content of the page for a state. Nothing here knows the page.

import { cause, ending } from "./ending.js";
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

const OFFLINE = { label: "Offline", tone: "off" };

/** The state of the connection as a short label. `tone` is "on", "busy", "off", or "" before the first connection. */
function status({ connection, isComingBack, isOnline, hasLeft }) {
  switch (connection) {
    case "none":
      return { label: "", tone: "" };
    case "connecting":
      if (isComingBack && !isOnline) return OFFLINE;
      return { label: isComingBack ? "Connecting again…" : "Connecting…", tone: "busy" };
    case "joining":
      return { label: "Joining…", tone: "busy" };
    case "joined":
      return { label: "Connected", tone: "on" };
    case "leaving":
      return { label: "Leaving…", tone: "busy" };
    case "lost":
    case "waiting":
      return isOnline ? { label: "Connection lost", tone: "busy" } : OFFLINE;
    default:
      return { label: hasLeft ? "You left" : "Not connected", tone: "off" };
  }
}

/** The line about a connection that comes back: its summary, the seconds that are left, and whether one can try now. */
function comeback(state, now) {
  const { connection, isComingBack, isOnline, retryAt } = state;
  if (!isComingBack) return null;
  // Without the network, an attempt cannot help.
  const canTry = connection === "waiting" && isOnline;
  if (!isOnline) return { summary: "You are offline.", countdown: "The chat comes back with the network.", canTry };
  if (!canTry) return { summary: cause(state), countdown: "Trying again…", canTry };
  const seconds = Math.ceil((retryAt - now) / 1000);
  return {
    summary: cause(state),
    countdown: seconds > 0 ? `Trying again in ${seconds} s` : "Trying again…",
    canTry,
  };
}

/** The error on the form for a connection that ended before the room was shown. */
function problem(state) {
  const { connection, isFormShown, end, errors } = state;
  if (connection !== "ended" || !isFormShown || !end || errors.name || errors.room) return "";
  const { summary, detail } = ending(state);
  return detail ? `${summary} ${detail}` : summary;
}

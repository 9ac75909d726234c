// The functions that tests/browser/pages.test.js calls in a page.

import { WebSocket } from "fourd-websocket";

import { violations } from "../contract/lib/invariants.js";
import { Recording } from "../contract/lib/recording.js";

const recordings = [];
const late = [];

// --- The page ---

const handlers = ["onbeforeunload", "onunload", "onpagehide", "onpageshow", "onoffline", "ononline"];
const set = handlers.filter((name) => window[name]);
let shown = Promise.withResolvers();
// Event handler properties, so that every recorded listener is the package's.
window.onpageshow = ({ persisted }) => shown.resolve(persisted);
window.onpagehide = () => (shown = Promise.withResolvers());
if (new URLSearchParams(location.search).has("unload")) window.onunload = () => {};

// --- Connections ---

/** The address of a path of the server, with a unique key. */
function address(path) {
  const url = new URL(path, location.origin.replace(/^http/, "ws"));
  url.searchParams.set("key", `page-${Math.random().toString(36).slice(2)}`);
  return url.href;
}

/** Opens a connection to a path of the server. Returns its index in `recordings`. */
function open(path, members = {}) {
  const recording = new Recording(members, (what) => late.push(what));
  recording.ws = WebSocket.new(address(path), recording.handler);
  return recordings.push(recording) - 1;
}

/** The recording of a connection up to now. */
function recorded(at) {
  const recording = recordings[at];
  const faults = recording.hasEnded ? [...violations(recording), ...late] : late;
  const { code } = recording.event("terminate") ?? {};
  return { key: recording.key, sequence: recording.sequence(), status: recording.ws.status, code, faults };
}

globalThis.page = {
  /** `true` if the page came out of the back/forward cache when it was last shown. */
  wasKept: () => shown.promise,
  /** The listeners of the page, after a connection has ended. */
  listeners: () => [...set, ...listened],
  isOnline: () => navigator.onLine,
  address,
  open,
  recorded,
  object: (at) => recordings[at].ws,
  send: (at, message) => recordings[at].ws.send(message),
  terminate: (at) => recordings[at].ws.terminate(),
  opened: (at) => recordings[at].opened.then(() => recorded(at)),
  received: (at, count) => recordings[at].received(count),
  ended: (at) => recordings[at].terminated.then(() => recorded(at)),
};

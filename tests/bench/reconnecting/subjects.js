// Connections that come back, of three packages, behind one interface. `start(source, note, settings)` calls `note`
// with the name and the event of each callback. The settings: `delay` and `timeout` in milliseconds, `retries`, and
// `queue`, the number of messages of one byte that may wait. Without `delay`, the package's own delays apply.

import { createRequire } from "node:module";

import { given } from "../../harness/given.js";

const inProject = createRequire(`${given.project}/`);
const inBench = createRequire(import.meta.url);

const CALLBACKS = ["onOpen", "onMessage", "onError", "onTerminate", "onRetry", "onStop"];

function ours(source, note, { delay, timeout, retries = Number.POSITIVE_INFINITY, queue }) {
  const { ReconnectingWebSocket } = inProject("fourd-websocket/reconnecting");
  const handler = {
    connectionTimeout: timeout,
    retry: { firstDelay: delay, maxDelay: delay, maxAttempts: retries + 1, maxWaiting: queue },
  };
  for (const name of CALLBACKS) {
    handler[name] = (_, event) => {
      note(name, event);
      // The delay itself, for the same wait as with the others.
      if (name === "onRetry") return delay;
    };
  }
  const socket = ReconnectingWebSocket.new(source, handler);
  return { send: (message) => socket.send(message), end: () => socket.terminate() };
}

/** A package with the interface of the host's class. */
const eventful = (name) => (source, note, settings) => {
  // Each connection loads the package again, as in different pages. A package may choose a random number when it loads.
  delete inBench.cache[inBench.resolve(name)];
  const loaded = inBench(name);
  const ReconnectingWebSocket = loaded.default ?? loaded;
  const { delay, timeout, retries, queue } = settings;
  const options = {
    minReconnectionDelay: delay,
    maxReconnectionDelay: delay,
    connectionTimeout: timeout,
    maxRetries: retries,
    maxEnqueuedMessages: queue,
  };
  const isDefined = ([, value]) => value !== undefined;
  const socket = new ReconnectingWebSocket(source, [], Object.fromEntries(Object.entries(options).filter(isDefined)));
  for (const event of ["open", "message", "error", "close"]) {
    socket.addEventListener(event, (detail) => note(event, detail));
  }
  return { send: (message) => socket.send(message), end: () => socket.close() };
};

export const subjects = {
  "fourd-websocket": ours,
  partysocket: eventful("partysocket/ws"),
  "reconnecting-websocket": eventful("reconnecting-websocket"),
};

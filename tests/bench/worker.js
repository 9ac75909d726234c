// A thread for one subject, so that subjects do not share machine code and garbage. It receives a request to prepare a
// run, and then requests for samples.

import * as connections from "./runs/connections.js";
import * as delivery from "./runs/delivery.js";
import * as large from "./runs/large.js";
import * as receive from "./runs/receive.js";
import * as rust from "./runs/rust.js";
import * as send from "./runs/send.js";
import * as sending from "./runs/sending.js";

const runs = { connections, delivery, large, receive, rust, send, sending };
const subjects = {
  "fourd-websocket": () => import("./subjects/fourd-websocket.js"),
  "gloo-net": () => import("./subjects/gloo-net.js"),
  unread: () => import("./subjects/unread.js"),
  "ws-stream": () => import("./subjects/ws-stream.js"),
  // Once more, to show the difference between equal threads.
  again: () => import("./subjects/bare.js"),
  bare: () => import("./subjects/bare.js"),
  package: () => import("./subjects/package.js"),
  ws: () => import("./subjects/ws.js"),
  partysocket: () => import("./subjects/partysocket.js"),
  "reconnecting-websocket": () => import("./subjects/reconnecting-websocket.js"),
  "websocket-ts": () => import("./subjects/websocket-ts.js"),
};

// Node has no Worker global, and no `postMessage` in a worker.
const port = globalThis.postMessage ? globalThis : process.getBuiltinModule("node:worker_threads").parentPort;
let sample;

const acts = {
  async prepare({ run, subject, parameters }) {
    sample = await runs[run].prepare(await subjects[subject](), parameters);
  },
  sample: ({ count }) => sample(count),
};

port.onmessage = async ({ data: { act, ...request } }) => {
  try {
    port.postMessage({ answer: await acts[act](request) });
  } catch (error) {
    port.postMessage({ error: `${error?.stack ?? error}` });
  }
};

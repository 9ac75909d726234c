// A thread for one subject: the machine code and the garbage of one are not those of another. It is told what to
// prepare, then to take a sample, as often as it is asked.

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
  // Once more, to see how far two threads differ that do the same.
  again: () => import("./subjects/bare.js"),
  bare: () => import("./subjects/bare.js"),
  package: () => import("./subjects/package.js"),
  ws: () => import("./subjects/ws.js"),
  partysocket: () => import("./subjects/partysocket.js"),
  "reconnecting-websocket": () => import("./subjects/reconnecting-websocket.js"),
  "websocket-ts": () => import("./subjects/websocket-ts.js"),
};

// Node has no Worker of its own, and no `postMessage` in one.
const port = globalThis.postMessage ? globalThis : process.getBuiltinModule("node:worker_threads").parentPort;
let sample;

const acts = {
  async prepare({ run, subject, given }) {
    sample = await runs[run].prepare(await subjects[subject](), given);
  },
  sample: ({ count }) => sample(count),
};

port.onmessage = async ({ data: { act, ...given } }) => {
  try {
    port.postMessage({ answer: await acts[act](given) });
  } catch (error) {
    port.postMessage({ error: `${error?.stack ?? error}` });
  }
};

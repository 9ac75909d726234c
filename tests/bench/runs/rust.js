// The cost of delivering a text to a program in Rust, without a host. Events are dispatched on a double of the host's
// connection. The program counts the messages that its API returns, from the first to the last.

import { Double } from "../double.js";
import { arrived, sizeOf } from "../message.js";

export const name = "rust";
export const subjects = ["bare", "fourd-websocket", "unread", "gloo-net", "ws-stream"];
export const cases = [11, 1 << 10, 64 << 10].map((size) => ({ kind: "text", size }));
export const rounds = 41;
/** The duration of a sample in milliseconds. */
export const time = 5;
/** An alternative queues the messages of one task, and copying them would take longer than everything else. */
export const mostOf = ({ size }) => Math.min(10_000, (2 << 20) / size);

/** The number of messages in one task: one in a browser, in Node those that are read at once. */
const inOneTurn = (host, size) => (host === "chromium" ? 1 : Math.max(1, Math.floor((64 << 10) / size)));

export async function prepare(subject, { kind, size, host, apps }) {
  globalThis.WebSocket = Double;
  let received = 0;
  let bytes = 0;
  const connection = await subject.open("ws://double.test/", {
    apps,
    onMessage(data) {
      received += 1;
      bytes += sizeOf[kind](data);
    },
  });
  const double = Double.last;
  if (double.readyState !== Double.OPEN) await new Promise((resolve) => double.addEventListener("open", resolve));
  const data = arrived[kind](size);
  const turn = inOneTurn(host, size);
  // A separate function, because V8 would compile the loop again for each sample, and discard it at its end.
  const dispatchAll = async (events) => {
    let left = turn;
    for (const event of events) {
      double.dispatchEvent(event);
      if (--left > 0) continue;
      await undefined;
      left = turn;
    }
  };
  return async (count) => {
    received = bytes = 0;
    // A host creates an event for each message. That is not measured.
    const events = Array.from({ length: count }, () => new MessageEvent("message", { data }));
    const start = performance.now();
    const all = connection.receive?.(count);
    await dispatchAll(events);
    if (all) [received, bytes] = [count, await all];
    const value = performance.now() - start;
    return { value, messages: received, bytes, wanted: subject.leavesTexts ? 0 : count * size };
  };
}

// The cost of delivering a message, without a host: events are dispatched on a double of its connection.

import { Double } from "../double.js";
import { arrived, dataTypes, sizeOf } from "../message.js";

const sizes = [11, 1 << 10, 64 << 10];

export const name = "delivery";
export const subjects = ["bare", "package", "partysocket", "reconnecting-websocket", "websocket-ts"];
export const cases = ["text", "binary", "object"].flatMap((kind) => sizes.map((size) => ({ kind, size })));
export const rounds = 41;
/** Milliseconds that a sample is to take. */
export const time = 5;
export const most = 10_000;

export async function prepare(subject, { kind, size }) {
  globalThis.WebSocket = Double;
  const measure = sizeOf[kind];
  let received = 0;
  let bytes = 0;
  await subject.open("ws://double.test/", {
    dataType: dataTypes[kind],
    onMessage(data) {
      received += 1;
      bytes += measure(data);
    },
  });
  const host = Double.last;
  const data = arrived[kind](size);
  // A function of its own: V8 would compile the loop anew for each sample, and throw it away at its end.
  const dispatchAll = (events) => {
    for (const event of events) host.dispatchEvent(event);
  };
  return async (count) => {
    received = bytes = 0;
    // A host makes an event for each message; that is not part of what is measured.
    const events = Array.from({ length: count }, () => new MessageEvent("message", { data }));
    const start = performance.now();
    dispatchAll(events);
    const value = performance.now() - start;
    return { value, messages: received, bytes, wanted: count * size };
  };
}

// The cost of delivering a message, without a host: events are dispatched on a double of its connection.

import { Double } from "../double.js";
import { arrived, dataTypes, sizeOf } from "../message.js";

const sizes = [11, 1 << 10, 64 << 10];

export const name = "delivery";
export const subjects = ["bare", "package", "partysocket", "reconnecting-websocket", "websocket-ts"];
export const cases = ["text", "binary", "object"].flatMap((kind) => sizes.map((size) => ({ kind, size })));
export const rounds = 41;
/** The duration of a sample in milliseconds. */
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
  // A separate function, because V8 would compile the loop again for each sample, and discard it at its end.
  const dispatchAll = (events) => {
    for (const event of events) host.dispatchEvent(event);
  };
  return async (count) => {
    received = bytes = 0;
    // A host creates an event for each message. That is not measured.
    const events = Array.from({ length: count }, () => new MessageEvent("message", { data }));
    const start = performance.now();
    dispatchAll(events);
    const value = performance.now() - start;
    return { value, messages: received, bytes, wanted: count * size };
  };
}

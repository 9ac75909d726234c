// The cost of sending a message, without a host. A double of the host's connection receives it.

import { Double } from "../double.js";
import { made } from "../message.js";

const sizes = [11, 1 << 10, 64 << 10];

export const name = "sending";
export const subjects = ["bare", "package", "partysocket", "reconnecting-websocket", "websocket-ts"];
export const cases = ["text", "binary", "object"].flatMap((kind) => sizes.map((size) => ({ kind, size })));
export const rounds = 41;
export const time = 5;
export const most = 500_000;

export async function prepare(subject, { kind, size }) {
  globalThis.WebSocket = Double;
  const connection = await subject.open("ws://double.test/", { onMessage() {} });
  const host = Double.last;
  const message = made[kind](size);
  const send = kind === "object" ? connection.sendObject : connection.send;
  // A separate function, because V8 would compile the loop again for each sample, and discard it at its end.
  const sendAll = (count) => {
    for (let index = 0; index < count; index++) send(message);
  };
  return async (count) => {
    host.sent = 0;
    const start = performance.now();
    sendAll(count);
    const value = performance.now() - start;
    return { value, messages: host.sent };
  };
}

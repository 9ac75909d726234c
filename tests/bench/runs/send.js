// Messages sent over loopback, from the first one to the server's report of their number.

import { made } from "../message.js";
import { stopwatch } from "../stopwatch.js";

const sizes = [16, 1 << 10, 64 << 10];

export const name = "send";
export const subjects = ["bare", "package", "again", "ws", "gloo-net"];
export const cases = ["text", "binary", "object"].flatMap((kind) => sizes.map((size) => ({ kind, size })));
export const rounds = 41;
export const time = 15;
export const most = 20_000;

export async function prepare(subject, { kind, size, server, apps }) {
  let answered;
  const connection = await subject.open(`${server}/tally`, { apps, onMessage: (data) => answered(data) });
  const message = made[kind](size);
  const send = kind === "object" ? connection.sendObject : connection.send;
  // A separate function, because V8 would compile the loop again for each sample, and discard it at its end.
  const sendAll =
    connection.sendAll ??
    ((message, count) => {
      for (let index = 0; index < count; index++) send(message);
    });
  return async (count) => {
    const stop = stopwatch();
    const answer = new Promise((resolve) => (answered = resolve));
    await connection.send(String(count));
    await sendAll(message, count);
    const [messages, bytes] = JSON.parse(connection.next ? await connection.next() : await answer);
    return { ...stop(), messages, bytes, wanted: count * size };
  };
}

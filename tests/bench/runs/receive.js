// Messages received over loopback, from the request for them to the last one.

import { dataTypes, sizeOf } from "../message.js";
import { stopwatch } from "../stopwatch.js";

const sizes = [16, 1 << 10, 64 << 10];

export const name = "receive";
export const subjects = ["bare", "package", "again", "ws", "gloo-net"];
export const cases = ["text", "binary", "object"].flatMap((kind) => sizes.map((size) => ({ kind, size })));
export const rounds = 41;
export const time = 15;
export const most = 20_000;

export async function prepare(subject, { kind, size, server, apps }) {
  const measure = sizeOf[kind];
  let wanted, received, bytes, done;
  const connection = await subject.open(`${server}/burst?size=${size}&kind=${kind}`, {
    apps,
    dataType: dataTypes[kind],
    onMessage(data) {
      bytes += measure(data);
      if (++received === wanted) done();
    },
  });
  return async (count) => {
    wanted = count;
    received = bytes = 0;
    const stop = stopwatch();
    const all = new Promise((resolve) => (done = resolve));
    await connection.send(String(count));
    if (!connection.receive) await all;
    else [received, bytes] = [count, await connection.receive(count)];
    return { ...stop(), messages: received, bytes, wanted: count * size };
  };
}

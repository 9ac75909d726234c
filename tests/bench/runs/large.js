// The growth of wasm memory in bytes when a large message is received, and when it is sent.

import { dataTypes, made, sizeOf } from "../message.js";

const LARGE = 64 << 20;

export const name = "large";
export const subjects = ["package", "gloo-net"];
export const cases = ["text", "binary"].flatMap((kind) =>
  ["receive", "send"].map((direction) => ({ kind, direction, size: LARGE })),
);
export const rounds = 1;
export const most = 1;
export const warmUps = 0;

export async function prepare(subject, { kind, direction, size, server, apps }) {
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const instance = Reflect.construct(Instance, args, Instance);
    memories.push(Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory));
    return instance;
  };
  WebAssembly.Instance.prototype = Instance.prototype;

  let arrived;
  const path = direction === "receive" ? `burst?size=${size}&kind=${kind}` : "tally";
  const connection = await subject.open(`${server}/${path}`, {
    apps,
    dataType: direction === "receive" ? dataTypes[kind] : "text",
    onMessage: (data) => arrived(data),
  });
  const message = direction === "send" && made[kind](size);
  return async (count) => {
    const before = memories[0].buffer.byteLength;
    const arrival = new Promise((resolve) => (arrived = resolve));
    await connection.send("1");
    let bytes;
    if (direction === "receive") {
      bytes = connection.receive ? await connection.receive(1) : sizeOf[kind](await arrival);
    } else {
      await (connection.sendAll ?? connection.send)(message, 1);
      [, bytes] = JSON.parse(connection.next ? await connection.next() : await arrival);
    }
    return { value: memories[0].buffer.byteLength - before, messages: count, bytes, wanted: size };
  };
}

// A program in Rust with gloo-net. It has its own loops.

import { load } from "./app.js";

export async function open(url, { apps }) {
  const connection = (await load(apps, "gloo-net")).open(url);
  return {
    send: (text) => connection.sendText(text, 1),
    sendAll: (message, count) =>
      typeof message === "string" ? connection.sendText(message, count) : connection.sendBytes(message, count),
    receive: (count) => connection.receive(count),
    next: () => connection.receiveText(),
  };
}

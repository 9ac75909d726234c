// A program in Rust with the crate. It reads the text of each message.

import { load } from "./app.js";

export async function open(url, { apps, leavesTexts = false }) {
  const connection = (await load(apps, "fourd-websocket")).open(url, leavesTexts);
  return { receive: (count) => connection.receive(count) };
}

// A program in Rust with ws_stream_wasm. It has its own loops.

import { load } from "./app.js";

export async function open(url, { apps }) {
  const connection = await (await load(apps, "ws-stream")).open(url);
  return { receive: (count) => connection.receive(count) };
}

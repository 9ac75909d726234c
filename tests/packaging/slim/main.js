import { readFile } from "node:fs/promises";
import { init, WebSocket } from "fourd-websocket/slim";
import { converse } from "./program.js";

const url = process.argv.at(-1);
const file = new URL(import.meta.resolve("fourd-websocket/fourd_websocket.wasm"));
const print = ({ name, errCode, message }) => console.log(`${name} ${errCode}: ${message}`);
const printCause = ({ errCode, cause }) => console.log(`${errCode} because of a ${cause.name}`);

// Errors. After each, `init` can be called again.
try {
  WebSocket.new(url);
} catch (error) {
  print(error);
}
await init(5).catch(print);
await init(new Uint8Array(8)).catch(printCause);
await init(new URL("none.wasm", file)).catch(printCause);
await init(url.replace(/^ws(.*)echo$/, "http$1files/none.wasm")).catch(printCause);

// Valid sources, each in a copy of the entry without a module.
const bytes = await readFile(file);
for (const source of [file, file.href, bytes, bytes.buffer, await WebAssembly.compile(bytes)]) {
  const slim = await import(`${import.meta.resolve("fourd-websocket/slim")}?${Object.prototype.toString.call(source)}`);
  const first = slim.init(source);
  if (slim.init(null) !== first || (await first) !== undefined) console.log("init does more than once");
  console.log(await converse(slim.WebSocket, url));
}

// `wasm-pack build --target web`: an ES module that is initialized with the bytes of the wasm module.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check } from "./check.mjs";

const [dir, server] = process.argv.slice(2);
const { initSync, WebSocket } = await import(pathToFileURL(join(dir, "fourd_websocket.js")));
initSync({ module: readFileSync(join(dir, "fourd_websocket_bg.wasm")) });
await check(WebSocket, server);

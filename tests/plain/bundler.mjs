// `wasm-pack build --target bundler`: an ES module that imports the wasm module. Node 24 supports that.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check } from "./check.mjs";

const [dir, server] = process.argv.slice(2);
const { WebSocket } = await import(pathToFileURL(join(dir, "fourd_websocket.js")));
await check(WebSocket, server);

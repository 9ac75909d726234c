// `wasm-pack build --target bundler`: an ES module that imports the wasm module as a module. Node 24 does that by itself.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check } from "./check.mjs";

const [dir, server] = process.argv.slice(2);
const { WebSocket } = await import(pathToFileURL(join(dir, "fourd_websocket.js")));
await check(WebSocket, server);

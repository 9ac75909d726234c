// `wasm-pack build --target nodejs`: a CommonJS package.
const { join } = require("node:path");

const [dir, server] = process.argv.slice(2);
const { WebSocket } = require(join(dir, "fourd_websocket.js"));
import("./check.mjs").then(({ check }) => check(WebSocket, server));

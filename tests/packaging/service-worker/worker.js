// Import maps do not apply to workers. The package is imported by its address.
import { WebSocket } from "./node_modules/fourd-websocket/index.js";
import { ReconnectingWebSocket } from "./node_modules/fourd-websocket/reconnecting.js";
import { converse } from "./program.js";

addEventListener("message", (event) => {
  event.waitUntil(
    converse(WebSocket, event.data, ReconnectingWebSocket).then((report) => event.source.postMessage(report)),
  );
});

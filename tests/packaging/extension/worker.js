import { WebSocket } from "./node_modules/fourd-websocket/index.js";
import { ReconnectingWebSocket } from "./node_modules/fourd-websocket/reconnecting.js";
import { converse } from "./program.js";

chrome.runtime.onMessage.addListener((url, _sender, respond) => {
  converse(WebSocket, url, ReconnectingWebSocket).then(respond);
  // The response is asynchronous.
  return true;
});

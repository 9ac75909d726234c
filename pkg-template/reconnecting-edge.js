// The npm package's entry `fourd-websocket/reconnecting` for edge hosts, as `edge.js` is the main entry for them.

import { nextId, shortcutOf, WebSocket } from "./edge.js";
import module from "./reconnecting.wasm?module";
import { reconnectingOn } from "./supervised.js";

export { WebSocket };

export const ReconnectingWebSocket = reconnectingOn(() => module, { WebSocket, nextId, shortcutOf });

const { send } = ReconnectingWebSocket.prototype;

// workerd encodes lone surrogates as invalid UTF-8, and the peer would reject the message.
ReconnectingWebSocket.prototype.send = {
  send(message) {
    return send.call(this, typeof message === "string" ? message.toWellFormed() : message);
  },
}.send;

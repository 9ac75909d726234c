// The npm package's entry `fourd-websocket/reconnecting`. Its connections are objects of the class of the main entry.

import { nextId, shortcutOf, WebSocket } from "./index.js";
import { bytes } from "./module.js";
import { reconnectingOn } from "./supervised.js";

export { WebSocket };

export const ReconnectingWebSocket = reconnectingOn(() => new WebAssembly.Module(bytes()), {
  WebSocket,
  nextId,
  shortcutOf,
});

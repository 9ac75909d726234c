import { WebSocket } from "./node_modules/fourd-websocket/index.js";
import { ReconnectingWebSocket } from "./node_modules/fourd-websocket/reconnecting.js";
import { converse, report, url } from "./program.js";

report(converse(WebSocket, url(), ReconnectingWebSocket));

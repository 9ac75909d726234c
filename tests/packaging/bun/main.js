import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "./program.js";

console.log(await converse(WebSocket, process.argv[2], ReconnectingWebSocket));

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "./program.js";

onmessage = async ({ data }) => postMessage(await converse(WebSocket, data, ReconnectingWebSocket));

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "./program.js";

onconnect = ({ ports: [port] }) => {
  port.onmessage = async ({ data }) => port.postMessage(await converse(WebSocket, data, ReconnectingWebSocket));
};

import { WebSocket } from "fourd-websocket";
import { converse } from "./program.js";

onmessage = async ({ data }) => postMessage(await converse(WebSocket, data));

import { parentPort, workerData } from "node:worker_threads";
import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse } from "./program.js";

parentPort.postMessage(await converse(WebSocket, workerData, ReconnectingWebSocket));

import { WebSocket } from "fourd-websocket";
import { converse } from "./program.js";

console.log(await converse(WebSocket, process.argv[2]));

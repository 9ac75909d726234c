import { WebSocket } from "fourd-websocket";
import { converse, report, url } from "../program.js";

report(converse(WebSocket, url()));

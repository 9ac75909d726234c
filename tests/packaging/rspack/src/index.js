import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { converse, report, url } from "../program.js";

report(converse(WebSocket, url(), ReconnectingWebSocket));

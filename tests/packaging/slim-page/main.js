import { init, WebSocket } from "fourd-websocket/slim.js";
import { converse, report, url } from "./program.js";

report(init("node_modules/fourd-websocket/fourd_websocket.wasm").then(() => converse(WebSocket, url())));

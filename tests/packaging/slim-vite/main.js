import module from "fourd-websocket/fourd_websocket.wasm?url&no-inline";
import { init, WebSocket } from "fourd-websocket/slim";
import { converse, report, url } from "./program.js";

report(init(module).then(() => converse(WebSocket, url())));

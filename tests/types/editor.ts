// Unfinished code. Each empty string is completed.

import { WebSocket } from "fourd-websocket";

new WebSocket("ws://127.0.0.1/", { dataType: "" });
WebSocket.new("ws://127.0.0.1/", { dataType: "" });
void WebSocket.connect("ws://127.0.0.1/", { dataType: "" });

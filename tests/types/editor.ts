// Unfinished code. Each empty string is completed.

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";

new WebSocket("ws://127.0.0.1/", { dataType: "" });
WebSocket.new("ws://127.0.0.1/", { dataType: "" });
void WebSocket.connect("ws://127.0.0.1/", { dataType: "" });
new ReconnectingWebSocket("ws://127.0.0.1/", { dataType: "" });
ReconnectingWebSocket.new("ws://127.0.0.1/", { dataType: "" });

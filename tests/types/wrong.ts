// The compiler has to report these errors with the same text for both forms.

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";

WebSocket.new("ws://127.0.0.1/", { onmessage() {} });
new WebSocket("ws://127.0.0.1/", { onmessage() {} });
WebSocket.new("ws://127.0.0.1/", { dataType: "json" });
new WebSocket("ws://127.0.0.1/", { dataType: "json" });
WebSocket.new("ws://127.0.0.1/", { closeTimeout: "5" });
new WebSocket("ws://127.0.0.1/", { closeTimeout: "5" });
WebSocket.new("ws://127.0.0.1/", { onOpen: 5 });
new WebSocket("ws://127.0.0.1/", { onOpen: 5 });
WebSocket.new(5);
new WebSocket(5);
ReconnectingWebSocket.new("ws://127.0.0.1/", { onretry() {} });
new ReconnectingWebSocket("ws://127.0.0.1/", { onretry() {} });

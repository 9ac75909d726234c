// A program without types for `Blob` and `URL` in its environment.

import { WebSocket } from "fourd-websocket";
import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";
import { init } from "fourd-websocket/slim";

WebSocket.new("ws://127.0.0.1/", {
  onMessage(ws, event) {
    ws.send(event.data.toUpperCase());
  },
});
const blobs = WebSocket.new("ws://127.0.0.1/", { dataType: "blob", onMessage: (ws, event) => ws.send(event.data) });
blobs.terminate();
// @ts-expect-error a number is no url
WebSocket.new(5);
init(new Uint8Array(8));
ReconnectingWebSocket.new(async (_attempt, signal) =>
  signal.aborted ? "ws://127.0.0.1/" : { url: "ws://127.0.0.1/" },
);

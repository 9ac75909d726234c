import { WebSocket } from "fourd-websocket";

WebSocket.new("ws://127.0.0.1:8080", {
  onOpen: (ws) => ws.send("Hello world"),
  onMessage(ws, { data }) {
    console.log(data);
    ws.terminate();
  },
});

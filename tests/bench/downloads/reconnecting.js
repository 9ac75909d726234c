import { ReconnectingWebSocket } from "fourd-websocket/reconnecting";

const socket = ReconnectingWebSocket.new("ws://127.0.0.1:8080", {
  onOpen: (ws) => ws.send("Hello world"),
  onMessage(_, { data }) {
    console.log(data);
    socket.terminate();
  },
});

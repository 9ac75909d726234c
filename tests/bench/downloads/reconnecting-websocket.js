import ReconnectingWebSocket from "reconnecting-websocket";

const socket = new ReconnectingWebSocket("ws://127.0.0.1:8080");
socket.addEventListener("open", () => socket.send("Hello world"));
socket.addEventListener("message", ({ data }) => {
  console.log(data);
  socket.close();
});

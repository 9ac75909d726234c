import { io } from "socket.io-client";

const socket = io("ws://127.0.0.1:8080");
socket.on("connect", () => socket.send("Hello world"));
socket.on("message", (data) => {
  console.log(data);
  socket.close();
});

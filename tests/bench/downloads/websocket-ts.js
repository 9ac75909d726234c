import { WebsocketBuilder } from "websocket-ts";

new WebsocketBuilder("ws://127.0.0.1:8080")
  .onOpen((socket) => socket.send("Hello world"))
  .onMessage((socket, { data }) => {
    console.log(data);
    socket.close();
  })
  .build();

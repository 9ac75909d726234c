import { WebsocketBuilder } from "websocket-ts";

export function open(url, { dataType = "text", onMessage }) {
  const listener =
    dataType === "object" ? (_, event) => onMessage(JSON.parse(event.data)) : (_, event) => onMessage(event.data);
  return new Promise((resolve) => {
    const socket = new WebsocketBuilder(url)
      .onMessage(listener)
      .onOpen(() =>
        resolve({
          send: (message) => socket.send(message),
          sendObject: (message) => socket.send(JSON.stringify(message)),
        }),
      )
      .build();
  });
}

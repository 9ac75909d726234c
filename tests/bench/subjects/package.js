import { WebSocket } from "fourd-websocket";

export const open = (url, { dataType = "text", onMessage }) =>
  new Promise((resolve, reject) => {
    let closed;
    WebSocket.new(url, {
      dataType,
      onOpen: (ws) =>
        resolve({
          send: (message) => ws.send(message),
          sendObject: (message) => ws.send(message),
          close: () =>
            new Promise((resolve) => {
              closed = resolve;
              ws.terminate();
            }),
        }),
      onMessage: (ws, event) => onMessage(event.data),
      onError: (ws, { errors }) => reject(new Error(errors[0].message)),
      onTerminate: () => closed?.(),
    });
  });

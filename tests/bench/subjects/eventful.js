// A connection of any class with the host's interface. The code for a `dataType` is handwritten.

/** Resolves to the connection when it is open. `make` opens it. `onMessage` is called with the data. */
export function open(make, { dataType = "text", onMessage }) {
  const socket = make();
  const listener =
    dataType === "object" ? (event) => onMessage(JSON.parse(event.data)) : (event) => onMessage(event.data);
  if (dataType === "blob") socket.binaryType = "blob";
  socket.addEventListener("message", listener);
  return new Promise((resolve, reject) => {
    const connection = {
      send: (message) => socket.send(message),
      sendObject: (message) => socket.send(JSON.stringify(message)),
      close: () =>
        new Promise((resolve) => {
          socket.addEventListener("close", resolve);
          socket.close(1000);
        }),
    };
    socket.addEventListener("open", () => resolve(connection));
    socket.addEventListener("error", () => reject(new Error("it does not open")));
  });
}

// What every place runs with the package that it found by itself.

/** Opens a connection, has all kinds of messages echoed, and tells what came. */
export const converse = (WebSocket, url) =>
  new Promise((resolve) => {
    // Not by a TextEncoder, which some of them lack.
    const bytes = Uint8Array.from("bytes", (character) => character.charCodeAt());
    const messages = ["text", { an: "object" }, bytes];
    const events = [];
    WebSocket.new(url, {
      onOpen(ws) {
        events.push("open");
        for (const message of messages) ws.send(message);
      },
      onMessage(ws, { data }) {
        events.push(`message ${data}`);
        if (events.length > messages.length) ws.terminate(1000);
      },
      onError(ws, { errors }) {
        events.push(...errors.map(({ message }) => `error ${message}`));
      },
      onTerminate(ws, { code }) {
        // A minifier must not change the name of the class.
        resolve(`${WebSocket.name}: ${[...events, `terminate ${code}`].join(", ")}`);
      },
    });
  });

/** The address to connect to, of a page that was opened with it. */
export const url = () => new URLSearchParams(location.search).get("url");

/** Hands over what a conversation told, of a page that was opened with the address for that. */
export async function report(conversation) {
  const body = await conversation.catch((error) => `${error.name} ${error.errCode}: ${error.message}`);
  await fetch(new URLSearchParams(location.search).get("report"), { method: "POST", body });
}

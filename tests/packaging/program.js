// The program of every environment.

/** Opens a connection, has all kinds of messages echoed, and returns a report. The same for the class that reconnects,
    if the environment imports it. */
export const converse = async (WebSocket, url, ReconnectingWebSocket) => {
  const reports = [await conversation(WebSocket, url)];
  if (ReconnectingWebSocket) reports.push(await conversation(ReconnectingWebSocket, url));
  return reports.join("\n");
};

const conversation = (Class, url) =>
  new Promise((resolve) => {
    // Without a TextEncoder, which some environments lack.
    const bytes = Uint8Array.from("bytes", (character) => character.charCodeAt());
    const messages = ["text", { an: "object" }, bytes];
    const events = [];
    // A minifier must not change the name of the class.
    const report = () => resolve(`${Class.name}: ${events.join(", ")}`);
    Class.new(url, {
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
        events.push(`terminate ${code}`);
        if (Class.name === "WebSocket") report();
      },
      onRetry(socket, { attempt }) {
        events.push(`retry ${attempt}`);
        return false;
      },
      onStop(socket, { attempts }) {
        events.push(`stop ${attempts}`);
        report();
      },
    });
  });

/** Expects another message than the one that arrives, with the `expect` of a test runner. */
export const expectWrongMessage = (WebSocket, url, expect) =>
  new Promise((resolve) => {
    const ws = WebSocket.new(url, {
      onMessage(ws, { data }) {
        ws.terminate();
        expect(data).toBe("another");
      },
      onTerminate: resolve,
    });
    ws.send("text");
  });

/** The address to connect to, from the address of the page. */
export const url = () => new URLSearchParams(location.search).get("url");

/** Posts the report of a conversation to the address in the page's own address. */
export async function report(conversation) {
  const body = await conversation.catch((error) => `${error.name} ${error.errCode}: ${error.message}`);
  await fetch(new URLSearchParams(location.search).get("report"), { method: "POST", body });
}

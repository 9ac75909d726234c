/** The handler of a connection that comes back. `chat` is the page. */
export class ChatHandler {
  dataType = "object"; // the messages are JSON

  heartbeat = { message: () => ({ kind: "ping" }), interval: 25_000, timeout: 10_000 };

  constructor(chat) {
    this.chat = chat;
  }

  onOpen(ws, event) {
    this.chat.join(ws);
  }

  onMessage(ws, event) {
    this.chat.receive(event.data);
  }

  onError(ws, event) {
    // onTerminate follows, and the page shows the end then.
  }

  onTerminate(ws, event) {
    this.chat.end(event);
  }

  onRetry(socket, event) {
    if (this.chat.isFinal(event)) return false; // a refused name would be refused again
    this.chat.wait(event);
  }

  onStop(socket, event) {
    this.chat.stop();
  }
}

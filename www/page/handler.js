/** What the class calls. `chat` is the page. */
export class ChatHandler {
  dataType = "object"; // a message is handed over as the value of its JSON

  constructor(chat) {
    this.chat = chat;
  }

  onOpen(ws, event) {
    this.chat.showStatus(ws.status);
  }

  onMessage(ws, event) {
    const { kind, ...message } = event.data;
    if (kind === "joined") this.chat.enter(message);
    else if (kind === "said") this.chat.addText(message);
    else if (kind === "picture") this.chat.addPicture(message);
    else if (kind === "came") this.chat.addPerson(message);
    else if (kind === "went") this.chat.removePerson(message);
  }

  onError(ws, event) {
    this.chat.showStatus(ws.status);
    this.chat.showError(event.errors);
  }

  onTerminate(ws, event) {
    this.chat.showStatus(ws.status);
    this.chat.end(event);
  }
}

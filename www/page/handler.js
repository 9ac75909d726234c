/** The handler of the connection. `chat` is the page. */
export class ChatHandler {
  dataType = "object"; // the messages are JSON

  constructor(chat) {
    this.chat = chat;
  }

  onOpen(ws, event) {
    this.chat.showStatus(ws.status);
  }

  onMessage(ws, event) {
    const { data } = event;
    switch (data.kind) {
      case "joined":
        return this.chat.enter(data);
      case "said":
        return this.chat.addText(data);
      case "picture":
        return this.chat.addPicture(data);
      case "came":
        return this.chat.addPerson(data);
      case "went":
        return this.chat.removePerson(data);
    }
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

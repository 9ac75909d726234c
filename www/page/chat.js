import * as calls from "./calls.js";
import { Composer } from "./composer.js";
import { Drawer } from "./drawer.js";
import { ChatHandler } from "./handler.js";
import { Head } from "./head.js";
import { roomUrl } from "./invitation.js";
import { JoinForm } from "./join-form.js";
import { LeaveDialog } from "./leave-dialog.js";
import { Messages } from "./messages.js";
import { Notice } from "./notice.js";
import { People } from "./people.js";
import { PictureInput } from "./picture-input.js";
import { PictureViewer } from "./picture-viewer.js";
import { initialState, isFinal, isGoingOn, joinOf, next, toSend } from "./state.js";
import { view } from "./view.js";

const CHAT_URL = new URL("/chat", location.href);
CHAT_URL.protocol = location.protocol.replace("http", "ws");

const NOT_IN_THE_ROOM = "You are not in the room. Join again to send this.";

/** The page. Every input becomes an event, an event changes the state, and the state alone decides what is shown. */
class Chat {
  #state = initialState({ token: crypto.randomUUID(), isOnline: navigator.onLine });
  #socket = null;
  /** The connection that is open, or was. */
  #webSocket = null;
  #lastKey = 0;
  #tick = null;

  #drawer = new Drawer();
  #viewer = new PictureViewer();
  #head = new Head(() => this.#leaveDialog.open());
  #people = new People();
  #joinForm = new JoinForm({
    onJoin: (name, room) => this.#join(name, room),
    onError: (field, text) => this.#dispatch({ type: "error", field, text }),
    onInput: (field) => this.#dispatch({ type: "typed", field }),
  });
  #leaveDialog = new LeaveDialog((code, reason) => this.#leave(code, reason));
  #messages = new Messages({
    onSeen: (isSeen) => this.#dispatch({ type: "seen", isSeen }),
    onAgain: (key) => this.#sendAgain(key),
    onPicture: (source, description) => this.#viewer.open(source, description),
  });
  #notice = new Notice({
    onAgain: () => this.#join(this.#state.place.name, this.#state.place.room),
    onElsewhere: () => this.#dispatch({ type: "elsewhere" }),
    onTry: () => this.#drawer.call(calls.tryNow, { socket: this.#socket }),
  });
  #composer = new Composer({
    onText: (text) => this.#write({ kind: "said", text }),
    onInput: () => this.#dispatch({ type: "typed", field: "message" }),
    onError: (text) => this.#dispatch({ type: "error", field: "message", text }),
  });

  constructor() {
    new PictureInput({
      onChoice: () => this.#dispatch({ type: "typed", field: "message" }),
      onPicture: (picture) => this.#write({ kind: "picture", ...picture }),
      onRefusal: (text) => this.#dispatch({ type: "error", field: "message", text }),
    });
    for (const type of ["online", "offline"]) {
      addEventListener(type, () => this.#dispatch({ type: "online", isOnline: navigator.onLine }));
    }
    this.#render();
  }

  // --- Called by the handler ---

  join(webSocket) {
    this.#webSocket = webSocket;
    this.#dispatch({ type: "opened" });
    this.#drawer.call(calls.join, { webSocket, ...joinOf(this.#state) });
  }

  receive(message) {
    const { isComingBack } = this.#state;
    this.#dispatch({ type: "received", message, time: Date.now() });
    // After a lost connection, the person is still in the room, and the focus stays.
    if (message.kind === "joined" && !isComingBack) this.#entered(message.room);
  }

  end({ code, reason }) {
    this.#dispatch({ type: "terminated", code, reason });
  }

  isFinal({ code }) {
    return isFinal(this.#state, code);
  }

  wait({ delay }) {
    this.#dispatch({ type: "retry", retryAt: Date.now() + delay });
  }

  stop() {
    this.#dispatch({ type: "stopped" });
  }

  // --- Actions of the user ---

  #join(name, room) {
    if (room !== this.#state.logRoom) this.#composer.restore(this.#state.outgoing);
    this.#dispatch({ type: "join", name, room });
    const handler = this.#drawer.watch(new ChatHandler(this));
    const source = () => {
      this.#dispatch({ type: "attempt" });
      return CHAT_URL;
    };
    this.#socket = this.#drawer.call(calls.open, { source, handler });
  }

  #leave(code, reason) {
    this.#drawer.call(calls.leave, { socket: this.#socket, code, reason });
    this.#dispatch({ type: "leave", reason });
  }

  /** Adds a message to the room. Returns whether it is on its way. */
  #write(message) {
    if (!isGoingOn(this.#state)) {
      this.#dispatch({ type: "error", field: "message", text: NOT_IN_THE_ROOM });
      return false;
    }
    this.#lastKey += 1;
    this.#dispatch({ type: "write", message: { ...message, key: this.#lastKey, time: Date.now() } });
    return true;
  }

  #sendAgain(key) {
    if (isGoingOn(this.#state)) this.#dispatch({ type: "again", key });
    else this.#dispatch({ type: "error", field: "message", text: NOT_IN_THE_ROOM });
  }

  // --- The state ---

  #dispatch(event) {
    this.#state = next(this.#state, event);
    for (const message of toSend(this.#state)) this.#send(message);
    this.#render();
  }

  /** Sends a message on the connection. */
  #send({ key, kind, text, picture }) {
    const webSocket = this.#webSocket;
    // A connection that is closing takes no message. The next one does.
    if (webSocket.status !== "Connected") return;
    try {
      if (kind === "said") this.#drawer.call(calls.say, { webSocket, text });
      else this.#drawer.call(calls.show, { webSocket, picture });
      this.#state = next(this.#state, { type: "sent", key });
    } catch {
      // The drawer shows the exception, the message has "Send again".
      this.#state = next(this.#state, { type: "failed", key });
    }
  }

  #render() {
    const shown = view(this.#state, Date.now());
    this.#head.show(shown);
    this.#people.show(shown);
    this.#joinForm.show(shown);
    this.#messages.show(shown, this.#state);
    this.#notice.show(shown);
    this.#composer.show(shown);
    this.#composer.keep(this.#state.outgoing);
    if (!shown.canLeave) this.#leaveDialog.close();
    clearTimeout(this.#tick);
    if (shown.comeback) this.#tick = setTimeout(() => this.#render(), 250);
  }

  #entered(room) {
    history.replaceState(null, "", roomUrl(room));
    this.#messages.follow();
    this.#composer.focus();
  }
}

new Chat();

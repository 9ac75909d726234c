import * as calls from "./calls.js";
import { Composer } from "./composer.js";
import { Drawer } from "./drawer.js";
import { element } from "./element.js";
import { ending } from "./ending.js";
import { ChatHandler } from "./handler.js";
import { JoinForm } from "./join-form.js";
import { LeaveDialog } from "./leave-dialog.js";
import { Messages } from "./messages.js";
import { People } from "./people.js";
import { PictureInput } from "./picture.js";

const CHAT_URL = new URL("/chat", location.href);
CHAT_URL.protocol = location.protocol.replace("http", "ws");

/** The page. It connects its parts with each other and with the connection. */
class Chat {
  #room = document.querySelector("#room");
  #title = document.querySelector("#title");
  #status = document.querySelector("#status");
  #showLeaving = document.querySelector("#show-leaving");
  #ending = document.querySelector("#ending");
  #again = document.querySelector("#again");
  #joinAgain = document.querySelector("#join-again");

  #drawer = new Drawer();
  #messages = new Messages();
  #people = new People();
  #joinForm = new JoinForm((name, room) => this.#join(name, room));
  #leaveDialog = new LeaveDialog((code, reason) => this.#leave(code, reason));
  #composer = new Composer((text) => this.#call(calls.say, { text }));

  #webSocket = null;
  /** The name and the room that were joined, or are to be joined. */
  #place = { name: "", room: "" };
  /** The room whose messages are shown. */
  #shownRoom = null;
  #hasLeft = false;
  #wasOpened = false;
  #errors = [];

  constructor() {
    new PictureInput(
      (picture) => this.#show(picture),
      (words) => this.#composer.showError(words),
    );
    this.#showLeaving.addEventListener("click", () => this.#leaveDialog.open());
    this.#joinAgain.addEventListener("click", () => this.#join(this.#place.name, this.#place.room));
    document.querySelector("#join-elsewhere").addEventListener("click", () => this.#showJoinForm());
    this.#joinForm.show();
  }

  // --- Called by the handler ---

  showStatus(status) {
    this.#wasOpened ||= status === "Connected";
    this.#status.textContent = status;
    this.#status.dataset.status = status;
    const isGoingOn = status === "Connecting" || status === "Connected";
    this.#showLeaving.hidden = !isGoingOn;
    this.#joinForm.setBusy(status !== "Closed");
    this.#again.hidden = status !== "Closed";
    this.#room.classList.toggle("ended", status === "Closed");
  }

  showError(errors) {
    this.#errors = errors;
  }

  enter({ name, room, people, history }) {
    this.#place = { name, room };
    if (this.#shownRoom !== room) this.#messages.clear();
    this.#shownRoom = room;
    this.#showTitle(room);
    this.#joinForm.hide();
    this.#ending.replaceChildren();
    this.#room.hidden = false;
    this.#people.set(people, name);
    this.#composer.setRoom(room);
    for (const entry of history) {
      if (entry.kind === "said") this.#messages.addText(entry, entry.name === name);
      else this.#messages.addPicture(entry, entry.name === name);
    }
    this.#messages.addNote(Date.now(), "You joined");
    this.#messages.follow();
    this.#composer.focus();
  }

  addText(entry) {
    const isOwn = entry.name === this.#place.name;
    if (isOwn) this.#composer.answered();
    this.#messages.addText(entry, isOwn);
  }

  addPicture(entry) {
    this.#messages.addPicture(entry, entry.name === this.#place.name);
  }

  addPerson({ name, time }) {
    this.#people.add(name);
    this.#messages.addNote(time, element("bdi", {}, name), " joined");
  }

  removePerson({ name, time, code, reason }) {
    this.#people.remove(name);
    const why = reason ? [": ", element("bdi", {}, reason)] : [];
    this.#messages.addNote(time, element("bdi", {}, name), " left", ...why, code === 1000 ? "" : ` (${code})`);
  }

  end(event) {
    const { words, code, reason } = ending(event, { wasOpened: this.#wasOpened, hasLeft: this.#hasLeft });
    this.#leaveDialog.close();
    this.#composer.restore();
    const isRefused = code === 4003 || code === 4004;
    if (isRefused || !this.#shownRoom) {
      this.#showJoinForm();
      this.#joinForm.showError(`${words} (${code})${reason && `: ${reason}`}`, code);
      return;
    }
    const detail = reason || (code === 1006 && !this.#hasLeft && this.#errors[0]?.message) || "";
    this.#ending.replaceChildren(
      element("p", { className: "words" }, `${words} (${code})`),
      element("p", { className: "detail", dir: "auto" }, detail),
    );
    // The focus stays in the message field while the user is writing there.
    if (!document.activeElement.matches("#message")) this.#joinAgain.focus();
  }

  // --- Actions of the user ---

  #join(name, room) {
    this.#place = { name, room };
    this.#hasLeft = false;
    this.#wasOpened = false;
    this.#errors = [];
    const handler = this.#drawer.watch(new ChatHandler(this));
    this.#webSocket = this.#drawer.call(calls.open, { url: CHAT_URL.href, handler });
    this.#call(calls.join, { name, room });
    this.#ending.replaceChildren();
    this.showStatus(this.#webSocket.status);
  }

  #leave(code, reason) {
    this.#call(calls.leave, { code, reason });
    this.#hasLeft = true;
    this.showStatus(this.#webSocket.status);
  }

  #show(picture) {
    try {
      this.#call(calls.show, { picture });
    } catch (error) {
      this.#composer.showError(error.message);
    }
  }

  #call(call, values) {
    return this.#drawer.call(call, { webSocket: this.#webSocket, ...values });
  }

  #showJoinForm() {
    this.#room.hidden = true;
    this.#shownRoom = null;
    this.#showTitle("Chat");
    this.#joinForm.show();
  }

  #showTitle(title) {
    this.#title.textContent = title;
    document.title = `${title} – fourd-websocket`;
  }
}

new Chat();

import { element } from "./element.js";
import { Invitation } from "./invitation.js";
import { Log } from "./log.js";
import { Outgoing } from "./outgoing.js";
import { Tail } from "./tail.js";

/** The most items that come at once with motion. */
const MOVING = 5;

/** The messages of the room, those that are on their way, and how far the reader is. */
export class Messages {
  #box = document.querySelector("#messages");
  #log = new Log(this.#box.querySelector(".log"));
  #outgoing;
  #invitation = new Invitation();
  #newer = document.querySelector("#newer");
  #tail = new Tail(this.#box, () => this.#moved());
  #onSeen;
  #state = null;
  #shown = null;
  #first = null;
  #count = 0;
  #written = 0;
  #isExpected = false;

  /** `onSeen` receives whether the reader sees the newest message, `onPicture` the picture to show large. */
  constructor({ onSeen, onAgain, onPicture }) {
    this.#onSeen = onSeen;
    this.#outgoing = new Outgoing(this.#box.querySelector(".outgoing"), onAgain);
    document.addEventListener("visibilitychange", () => this.#moved());
    this.#newer.addEventListener("click", () => {
      this.follow();
      this.#box.focus();
    });
    this.#box.addEventListener("click", (event) => {
      const link = event.target.closest(".picture[href]");
      // With a key, the browser opens the link in a tab or a window.
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onPicture(link.href, link.firstElementChild.alt);
    });
    // The server keeps a picture only for a while.
    this.#box.addEventListener(
      "error",
      ({ target }) => {
        const link = target.closest?.(".picture");
        link?.replaceWith(element("p", { className: "picture gone" }, "This picture is no longer there"));
      },
      true,
    );
  }

  follow() {
    this.#tail.follow();
  }

  show(shown, state) {
    this.#shown = shown;
    this.#showNewer();
    this.#invitation.show(shown.invitation);
    if (this.#state?.log === state.log && this.#state.outgoing === state.outgoing) return;
    this.#state = state;
    const written = state.outgoing.at(-1)?.key ?? 0;
    if (written > this.#written) {
      this.#written = written;
      this.follow();
      // The person's own message appears at once.
      this.#showState(state);
    }
    this.#expectFrame();
  }

  #expectFrame() {
    if (this.#isExpected) return;
    this.#isExpected = true;
    requestAnimationFrame(() => {
      this.#isExpected = false;
      this.#showState(this.#state);
    });
  }

  #showState({ log, outgoing }) {
    if (log[0] !== this.#first || log.length < this.#count) {
      this.#log.clear();
      this.#count = 0;
    }
    const isNew = this.#count > 0 && log.length - this.#count <= MOVING;
    for (const item of log.slice(this.#count)) this.#log.add(item, isNew);
    this.#first = log[0];
    this.#count = log.length;
    this.#outgoing.show(outgoing, this.#shown.own);
  }

  #moved() {
    const isSeen = this.#tail.isFollowed && document.visibilityState === "visible";
    // The button depends on the state and on the reader's position.
    this.#onSeen(isSeen);
  }

  #showNewer() {
    const { unread } = this.#shown;
    this.#newer.hidden = this.#tail.isFollowed;
    this.#newer.lastElementChild.textContent = unread ? `${unread} new` : "Newest";
  }
}

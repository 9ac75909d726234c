import { element } from "./element.js";
import { createEntry, goingMark } from "./entry.js";
import { runHead } from "./log.js";

/** The messages that the server has not confirmed. They stand below the log. */
export class Outgoing {
  #run;
  #onAgain;
  #entries = null;
  #shown = new Map();

  /** `onAgain` receives the key of a message that is to be sent again. */
  constructor(run, onAgain) {
    this.#run = run;
    this.#onAgain = onAgain;
  }

  show(outgoing, own) {
    const keys = new Set(outgoing.map(({ key }) => key));
    for (const [key, { entry, url }] of this.#shown) {
      if (keys.has(key)) continue;
      entry.remove();
      if (url) URL.revokeObjectURL(url);
      this.#shown.delete(key);
    }
    this.#run.hidden = outgoing.length === 0;
    if (outgoing.length === 0) {
      this.#entries = null;
      this.#run.replaceChildren();
      return;
    }
    if (!this.#entries) {
      this.#entries = element("div", { className: "entries" }, runHead(own, outgoing[0].time));
      this.#run.append(this.#entries);
    }
    for (const message of outgoing) this.#showMessage(message);
  }

  #showMessage(message) {
    const { key, isGoing, url } = message;
    const shown = this.#shown.get(key);
    if (shown?.isGoing === isGoing) return;
    const mark = isGoing ? goingMark() : this.#unsentMark(key);
    if (shown) {
      shown.isGoing = isGoing;
      shown.entry.classList.toggle("unsent", !isGoing);
      shown.entry.lastElementChild.replaceWith(mark);
      return;
    }
    const entry = createEntry(message, mark);
    entry.classList.add("new");
    entry.classList.toggle("unsent", !isGoing);
    this.#entries.append(entry);
    this.#shown.set(key, { entry, isGoing, url });
  }

  #unsentMark(key) {
    const again = element("button", { className: "quiet", type: "button" }, "Send again");
    again.addEventListener("click", () => this.#onAgain(key));
    return element("div", { className: "not-sent" }, element("span", { role: "status" }, "Not sent"), again);
  }
}

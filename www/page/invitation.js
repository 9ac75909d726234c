import { element } from "./element.js";

/** The content of an empty room: its link, which can be copied. */
export class Invitation {
  #box = document.querySelector("#invitation");
  #link = element("a");
  #copy = this.#box.querySelector("button");
  #answer = this.#box.querySelector("[role=status]");
  #room = null;

  constructor() {
    this.#box.querySelector(".link").append(this.#link);
    this.#copy.addEventListener("click", () => this.#copyLink());
  }

  /** Shows the link to a room, or nothing for `null`. */
  show(room) {
    this.#box.hidden = room === null;
    if (room === null || room === this.#room) return;
    this.#room = room;
    this.#answer.textContent = "";
    this.#link.href = this.#link.textContent = roomUrl(room);
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(this.#link.href);
      this.#answer.textContent = "Copied";
    } catch {
      // Without the permission, the link is selected for the reader to copy it.
      getSelection().selectAllChildren(this.#link);
      this.#answer.textContent = "Selected. Copy it with your keyboard or menu.";
    }
  }
}

/** The URL of this page with a room. */
export function roomUrl(room) {
  return new URL(`?${new URLSearchParams({ room })}`, location.href).href;
}

import { element } from "./element.js";

/** The people in the room. */
export class People {
  #list = document.querySelector("#people ul");
  #count = document.querySelector("#people-count");
  #items = new Map();

  set(names, own) {
    this.#items.clear();
    this.#list.replaceChildren();
    for (const name of names) this.add(name, name === own);
    this.#showCount();
  }

  add(name, isOwn = false) {
    if (this.#items.has(name)) return;
    const item = element("li", { className: isOwn ? "own" : "" }, element("bdi", {}, name));
    if (isOwn) item.append(element("small", {}, "you"));
    this.#items.set(name, item);
    this.#list.append(item);
    this.#showCount();
  }

  remove(name) {
    this.#items.get(name)?.remove();
    this.#items.delete(name);
    this.#showCount();
  }

  #showCount() {
    this.#count.textContent = this.#items.size;
  }
}

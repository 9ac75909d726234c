import { element } from "./element.js";
import { portrait } from "./person.js";

/** The people in the room. */
export class People {
  #section = document.querySelector("#people");
  #title = document.querySelector("#people-title > span");
  #list = document.querySelector("#people ul");
  #count = document.querySelector("#people-count");
  #items = new Map();

  show({ people, own, room }) {
    this.#section.classList.toggle("past", !room.isLive);
    const title = room.isLive ? "People" : "Were here";
    if (this.#title.textContent !== title) this.#title.textContent = title;
    const there = new Set(people);
    for (const [name, item] of this.#items) {
      if (there.has(name) && item.classList.contains("own") === (name === own)) continue;
      item.remove();
      this.#items.delete(name);
    }
    for (const [at, name] of people.entries()) {
      if (!this.#items.has(name)) this.#items.set(name, createItem(name, name === own));
      const item = this.#items.get(name);
      if (this.#list.children[at] !== item) this.#list.insertBefore(item, this.#list.children[at] ?? null);
    }
    this.#count.textContent = people.length;
  }
}

function createItem(name, isOwn) {
  const item = element("li", { className: isOwn ? "own" : "" }, portrait(name), element("bdi", {}, name));
  if (isOwn) item.append(element("small", {}, "you"));
  return item;
}

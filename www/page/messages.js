import { element } from "./element.js";
import { Tail } from "./tail.js";

/** The longest time and the most entries of a group, which has one name. */
const GROUP_MS = 5 * 60_000;
const GROUP_ENTRIES = 20;
/** The number of groups at the end that are always laid out, wherever the reader is. */
const RECENT_GROUPS = 20;
const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The texts, pictures and notes of the room. */
export class Messages {
  #box = document.querySelector("#messages");
  #list = this.#box.firstElementChild;
  #newer = document.querySelector("#newer");
  #tail = new Tail(this.#box, () => this.#showNewer());
  /** The nodes that the next animation frame adds to the page. */
  #waiting = new DocumentFragment();
  #isExpected = false;
  #unread = 0;
  #shown = new Set();
  /** The last group: consecutive entries of one person. */
  #group = null;
  #recent = [];
  #day = "";

  constructor() {
    this.#newer.addEventListener("click", () => {
      this.#tail.follow();
      this.#box.focus();
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

  clear() {
    this.#list.replaceChildren();
    this.#waiting.replaceChildren();
    this.#shown.clear();
    this.#group = null;
    this.#recent = [];
    this.#day = "";
    this.follow();
  }

  follow() {
    this.#tail.follow();
  }

  addText({ id, name, time, text }, isOwn) {
    const content = () => element("p", { className: "text", dir: "auto" }, text);
    this.#addEntry({ id, name, time, isOwn }, "entry", content);
  }

  addPicture({ id, name, time, url }, isOwn) {
    this.#addEntry({ id, name, time, isOwn }, "entry shown", () => {
      const image = element("img", { src: url, alt: `Picture from ${name}`, decoding: "async" });
      return element("a", { className: "picture", href: url, target: "_blank", rel: "noopener" }, image);
    });
  }

  /** Adds a line between the entries. Screen readers do not announce it. */
  addNote(time, ...parts) {
    this.#startDay(new Date(time));
    this.#group = null;
    this.#append(element("p", { className: "note", ariaLive: "off" }, ...parts));
  }

  #addEntry({ id, name, time, isOwn }, className, content) {
    // A user who joins again receives the history again.
    const key = `${id} ${time}`;
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    const date = new Date(time);
    this.#startDay(date);
    const entries = this.#entriesOf(name, isOwn, time);
    entries.append(element("div", { className }, content(), clock(date)));
    if (!this.#tail.isFollowed && !isOwn) this.#unread += 1;
    if (isOwn) this.#tail.follow();
  }

  #entriesOf(name, isOwn, time) {
    const group = this.#group;
    const isFull = group?.entries.childElementCount > GROUP_ENTRIES;
    if (group?.name === name && time - group.time < GROUP_MS && !isFull) {
      this.#expectFrame();
      return group.entries;
    }
    const entries = element(
      "div",
      { className: "entries" },
      element("h3", { className: "name" }, element("bdi", {}, name)),
    );
    const added = element("div", { className: isOwn ? "group own" : "group" }, portrait(name), entries);
    this.#group = { name, time, entries };
    this.#recent.push(added);
    if (this.#recent.length > RECENT_GROUPS) this.#recent.shift().classList.add("old");
    this.#append(added);
    return entries;
  }

  #startDay(date) {
    const text = day.format(date);
    if (text === this.#day) return;
    this.#day = text;
    this.#group = null;
    this.#append(element("p", { className: "day", ariaLive: "off" }, text));
  }

  #append(node) {
    this.#waiting.append(node);
    this.#expectFrame();
  }

  #expectFrame() {
    if (this.#isExpected) return;
    this.#isExpected = true;
    requestAnimationFrame(() => {
      this.#isExpected = false;
      this.#list.append(this.#waiting);
      this.#showNewer();
    });
  }

  #showNewer() {
    if (this.#tail.isFollowed) this.#unread = 0;
    this.#newer.hidden = this.#tail.isFollowed;
    this.#newer.lastElementChild.textContent = this.#unread ? `${this.#unread} new` : "Newest";
  }
}

function clock(date) {
  return element("time", { dateTime: date.toISOString(), title: full.format(date) }, clockTime.format(date));
}

/** Creates a portrait from the first grapheme of a name, in any script. */
function portrait(name) {
  const [first] = graphemes.segment(name);
  return element("span", { className: "portrait", ariaHidden: "true" }, first.segment.toLocaleUpperCase());
}

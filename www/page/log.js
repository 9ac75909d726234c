import { clockTime, dayOf, fullTime } from "./clock.js";
import { element } from "./element.js";
import { cause, departure } from "./ending.js";
import { createEntry, sentMark } from "./entry.js";
import { colourClass, portrait } from "./person.js";

/** The longest time and the most entries of a run, which has one name and one time. */
const RUN_MS = 5 * 60_000;
const RUN_ENTRIES = 20;
/** The number of runs at the end that are always laid out, wherever the reader is. */
const RECENT_RUNS = 20;

/** Makes the elements of the log: days, notes, and runs of entries of one person. */
export class Log {
  #list;
  #run = null;
  #recent = [];
  #day = "";

  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#list.replaceChildren();
    this.#run = null;
    this.#recent = [];
    this.#day = "";
  }

  /** Adds an item of the log. `isNew` is for items that arrive while the reader looks. */
  add(item, isNew) {
    const { kind, name, time } = item;
    this.#startDay(time);
    switch (kind) {
      case "said":
      case "picture":
        return this.#addEntry(item, isNew);
      case "joined":
        return this.#addNote("You joined");
      case "refused":
        return this.#addNote(`You were disconnected. ${cause({ end: item.end, wasOpened: true })}`);
      case "gap":
        return this.#addNote("Some older messages are missing here");
      case "came":
        return this.#addNote(element("bdi", {}, name), " joined");
      case "went": {
        const reason = item.code !== 1006 && item.reason ? [element("bdi", {}, item.reason)] : [];
        return this.#addNote(element("bdi", {}, name), departure(item), ...reason);
      }
    }
  }

  #addEntry(item, isNew) {
    const entry = createEntry(item, item.isOwn && sentMark());
    entry.title = fullTime(item.time);
    if (isNew) entry.classList.add("new");
    this.#entriesOf(item).append(entry);
  }

  #entriesOf({ name, isOwn, time }) {
    const run = this.#run;
    const isFull = run?.entries.childElementCount > RUN_ENTRIES;
    if (run?.name === name && run.isOwn === isOwn && time - run.time < RUN_MS && !isFull) return run.entries;
    const entries = element("div", { className: "entries" }, runHead(name, time));
    const className = isOwn ? "run own" : `run ${colourClass(name)}`;
    const added = element("div", { className }, portrait(name), entries);
    this.#run = { name, isOwn, time, entries };
    this.#recent.push(added);
    if (this.#recent.length > RECENT_RUNS) this.#recent.shift().classList.add("old");
    this.#list.append(added);
    return entries;
  }

  /** Adds a line between the entries. Screen readers do not announce it. */
  #addNote(...parts) {
    this.#run = null;
    this.#list.append(element("p", { className: "note", ariaLive: "off" }, ...parts));
  }

  #startDay(time) {
    const text = dayOf(time);
    if (text === this.#day) return;
    this.#day = text;
    this.#run = null;
    this.#list.append(element("p", { className: "day", ariaLive: "off" }, text));
  }
}

/** The name and the time of a run. */
export function runHead(name, time) {
  const date = new Date(time);
  return element(
    "div",
    { className: "head" },
    element("h3", { className: "name" }, element("bdi", {}, name)),
    element("time", { dateTime: date.toISOString(), title: fullTime(date) }, clockTime(date)),
  );
}

// A handler that records its calls.

import { Failed, show } from "./assert.js";

const CALLBACKS = { onOpen: "open", onMessage: "message", onError: "error", onTerminate: "terminate" };

/** The calls of a connection's handler. */
export class Recording {
  /** The object that `new` returned. */
  ws;
  /** The name and event of each callback, and the status at that time, in order. */
  calls = [];
  /** The data of the messages so far. */
  data = [];
  /** The faults of the calls themselves. */
  faults = [];
  #waiting = [];
  #onLate;

  /** A callback in `members` is called after its call was recorded. Other members become members of the handler. */
  constructor(members, onLate) {
    this.#onLate = onLate;
    this.members = members;
    this.handler = { ...members };
    const recording = this;
    for (const [callback, name] of Object.entries(CALLBACKS)) {
      this.handler[callback] = function (...args) {
        recording.#note(name, this, args);
        return recording.members[callback]?.apply(this, args);
      };
    }
  }

  sequence() {
    return this.calls.map(({ name }) => name).join(" ");
  }

  get key() {
    return new URL(this.ws.url).searchParams.get("key");
  }

  get hasEnded() {
    return this.event("terminate") !== undefined;
  }

  event(name) {
    return this.calls.find((call) => call.name === name)?.event;
  }

  /** The event of `onOpen`. The promise is rejected if the connection ends before, as with all of these. */
  get opened() {
    return this.#when(() => this.event("open"), "open");
  }

  get errored() {
    return this.#when(() => this.event("error"), "error");
  }

  get terminated() {
    return this.#when(() => this.event("terminate"), "end");
  }

  /** The data of the first `count` messages. */
  received(count = 1) {
    return this.#when(() => (this.data.length >= count ? this.data.slice(0, count) : undefined), `${count} messages`);
  }

  #when(look, what) {
    return new Promise((resolve, reject) => {
      const isStillWaiting = () => {
        const found = look();
        if (found !== undefined) resolve(found);
        else if (this.hasEnded) reject(new Failed(`no ${what}, but ${this}`));
        else return true;
      };
      if (isStillWaiting()) this.#waiting.push(isStillWaiting);
    });
  }

  #note(name, self, args) {
    const [ws, event] = args;
    if (this.hasEnded) this.#onLate(`the callback for ${name} came after the end: ${show(event)}`);
    if (this.ws === undefined) this.faults.push(`the callback for ${name} came before new returned`);
    else if (ws !== this.ws) this.faults.push(`ws is not the object that new returned, in the callback for ${name}`);
    if (self !== this.handler) this.faults.push(`this is not the handler, in the callback for ${name}`);
    if (args.length !== 2) this.faults.push(`the callback for ${name} has ${args.length} arguments`);
    this.calls.push({ name, event, status: ws?.status });
    if (name === "message") this.data.push(event.data);
    this.#waiting = this.#waiting.filter((isStillWaiting) => isStillWaiting());
  }

  toString() {
    const errors = this.event("error")?.errors?.map(({ message }) => message) ?? [];
    return [`"${this.sequence()}"`, show(this.event("terminate")), ...errors].join(" ");
  }
}

// A network and a page that a case controls, in the place of the host's.

import { replaceGlobals } from "./clock.js";

/** The events that end a delay early. */
const EVENTS = ["online", "pageshow", "visibilitychange"];

/** What the host reports of its network and its page. */
export class Surroundings {
  isOnline = true;
  visibilityState = "hidden";
  #listeners = [];

  /** Replaces the members of the global object until the case is over. */
  constructor(t) {
    const { addEventListener, removeEventListener } = globalThis;
    const add = (host) => (type, listener) => {
      if (!EVENTS.includes(type)) return host?.call(globalThis, type, listener);
      this.#listeners.push({ type, listener });
    };
    const remove = (host) => (type, listener) => {
      if (!EVENTS.includes(type)) return host?.call(globalThis, type, listener);
      this.#listeners = this.#listeners.filter((one) => one.type !== type || one.listener !== listener);
    };
    const document = Object.defineProperty(
      {
        addEventListener: add(),
        removeEventListener: remove(),
      },
      "visibilityState",
      { get: () => this.visibilityState },
    );
    const navigator = Object.defineProperty({}, "onLine", { get: () => this.isOnline });
    t.atTheEnd(
      replaceGlobals({
        addEventListener: add(addEventListener),
        removeEventListener: remove(removeEventListener),
        document,
        navigator,
      }),
    );
  }

  /** The number of listeners that are attached. */
  get listeners() {
    return this.#listeners.length;
  }

  dispatch(type, members = {}) {
    const event = Object.assign(new Event(type), members);
    for (const one of [...this.#listeners]) if (one.type === type) one.listener.call(globalThis, event);
  }

  /** The network is there again. */
  comeBack() {
    this.isOnline = true;
    this.dispatch("online");
  }
}

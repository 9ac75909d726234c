// A network and a page that a case controls, in the place of the host's.

/** The events that end a delay early. */
const EVENTS = ["online", "pageshow", "visibilitychange"];

/** The network and the page, as the host reports them. */
export class Surroundings {
  isOnline = true;
  visibilityState = "hidden";
  #listeners = [];

  /** Replaces members of the host's objects until the case is over. A host without such an object gets one. */
  constructor(t) {
    const replace = (object, members) => t.atTheEnd(replaceMembers(object, members));
    for (const name of ["document", "navigator"]) {
      if (!globalThis[name]) replace(globalThis, { [name]: { value: {}, writable: true } });
    }
    for (const object of [globalThis, globalThis.document]) replace(object, this.#listening(object));
    replace(globalThis.navigator, { onLine: { get: () => this.isOnline } });
    replace(globalThis.document, { visibilityState: { get: () => this.visibilityState } });
  }

  /** Methods that keep the listeners for these events, and pass others to the host. */
  #listening(object) {
    const { addEventListener, removeEventListener } = object;
    const method = (host, keep) => ({
      writable: true,
      value: (type, listener) => {
        if (EVENTS.includes(type)) keep({ type, listener });
        else host?.call(object, type, listener);
      },
    });
    const isSame = (one, other) => one.type === other.type && one.listener === other.listener;
    return {
      addEventListener: method(addEventListener, (one) => this.#listeners.push(one)),
      removeEventListener: method(removeEventListener, (one) => {
        this.#listeners = this.#listeners.filter((other) => !isSame(one, other));
      }),
    };
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

/** Replaces own members of an object. Returns a function that restores them. */
function replaceMembers(object, members) {
  const before = Object.keys(members).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)]);
  for (const [name, descriptor] of Object.entries(members)) {
    Object.defineProperty(object, name, { ...descriptor, configurable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(object, name, descriptor);
      else delete object[name];
    }
  };
}

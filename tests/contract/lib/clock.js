// A clock and microtasks that a test controls. While it is installed, nothing else of the host may run. Use it within
// one task only.

/** The host's own functions. */
export const { queueMicrotask } = globalThis;

let takeTurn = queueMicrotask;

// The package captures these when it is loaded, and always calls the captured ones.
globalThis.queueMicrotask = (callback) => takeTurn(callback);

/** Passes every new microtask to a function, also those of the package. Returns a function that restores the host's
    own. */
export function takeTurns(take) {
  takeTurn = take;
  return () => {
    takeTurn = queueMicrotask;
  };
}

/** Replaces members of the global object. Returns a function that restores them. */
export function replaceGlobals(values) {
  const names = Object.keys(values);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  for (const name of names) {
    Object.defineProperty(globalThis, name, { value: values[name], configurable: true, writable: true });
  }
  return () => {
    for (const [at, name] of names.entries()) {
      if (before[at]) Object.defineProperty(globalThis, name, before[at]);
      else delete globalThis[name];
    }
  };
}

export class Clock {
  now = 0;
  /** Timers in the order of their times. */
  timers = [];
  turns = [];
  #owners;
  #count = 0;

  /** `owners` returns the possible owners of a timer. For a Blob that was read, the connection is unknown. */
  constructor(owners) {
    this.#owners = owners;
  }

  /** Installs this clock and its microtasks in the place of the host's. Returns a function that restores the host's
      own. If `isStill`, `performance` tells the same time throughout, and the microtasks stay those of the host: fake
      timers may leave both alone. */
  setUp(isStill = false) {
    const values = {
      setTimeout: (callback, milliseconds = 0) => this.#start(callback, milliseconds),
      clearTimeout: (id) => this.#stop(id),
      performance: { now: () => (isStill ? 0 : this.now) },
    };
    // Twice: compiled code in a page of WebKit may miss the first replacement of `performance`.
    replaceGlobals(values)();
    const undo = replaceGlobals(values);
    const undoTurns = isStill ? () => {} : takeTurns((callback) => this.turns.push(callback));
    return () => {
      undo();
      undoTurns();
    };
  }

  /** Advances to a time, and calls the timers that are due by then. */
  advanceTo(time) {
    for (let timer; (timer = this.next(time)); ) timer.callback();
  }

  /** Advances to the first timer that is due by `time`, and returns it. */
  next(time) {
    if (this.timers.length === 0 || this.timers[0].due > time) {
      this.now = Math.max(this.now, time);
      return;
    }
    const timer = this.timers.shift();
    this.now = Math.max(this.now, timer.due);
    return timer;
  }

  #start(callback, milliseconds) {
    const timer = { id: ++this.#count, callback, due: this.now + Math.max(0, milliseconds), owners: this.#owners() };
    const after = this.timers.findIndex(({ due }) => due > timer.due);
    this.timers.splice(after < 0 ? this.timers.length : after, 0, timer);
    return timer.id;
  }

  #stop(id) {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  }
}

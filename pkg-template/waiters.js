// Promises of a connection and iterations over its messages. They are JavaScript's own: they live as long as somebody has
// them, which only its collector knows.

import { WebSocket as Connection } from "./fourd_websocket.js";

/** The longest time, in milliseconds, between two looks at what is left to be sent, for which hosts have no event. */
const LOOK = 50;

/** A promise with what settles it. */
function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** What waits for one connection, told by the shortcut what happens to that, each time after the handler. */
export class Waiters {
  #shortcut;
  #connected;
  #drains = [];
  #closed;
  #timer;

  /** Those of a connection, made when they are first asked for. */
  static of(shortcut) {
    return (shortcut.waiters ??= new Waiters(shortcut));
  }

  constructor(shortcut) {
    this.#shortcut = shortcut;
  }

  /** Fulfilled with the object when the connection is open. */
  connected() {
    this.#connected = deferred();
    return this.#connected.promise;
  }

  get closed() {
    if (!this.#closed) {
      this.#closed = deferred();
      if (this.#shortcut.onTerminate) this.#closed.resolve(this.#shortcut.onTerminate);
    }
    return this.#closed.promise;
  }

  drained(bytes) {
    if (!(typeof bytes === "number" && bytes >= 0)) return Promise.reject(Connection.wrongLimit(bytes));
    if (this.#shortcut.onTerminate) return Promise.reject(Connection.failure());
    const drain = { bytes, ...deferred() };
    this.#drains.push(drain);
    this.look();
    return drain.promise;
  }

  /** Looks, in a turn of its own, at what is left to be sent: an end that is just being told comes first. */
  async look() {
    if (this.#drains.length === 0) return;
    await undefined;
    const { socket, waiting } = this.#shortcut;
    const left = socket ? socket.bufferedAmount + waiting : 0;
    this.#drains = this.#drains.filter(({ bytes, resolve }) => left > bytes || resolve());
    if (this.#drains.length === 0) return this.#stop();
    this.#timer ??= setTimeout(() => {
      this.#stop();
      this.look();
    }, LOOK);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  messages(limit) {
    if (!(Number.isInteger(limit) && limit >= 1)) throw Connection.wrongLimit(limit);
    const shortcut = this.#shortcut;
    const iteration = new Iteration(limit, () => {
      shortcut.iterations = shortcut.iterations?.filter((other) => other !== iteration);
    });
    if (shortcut.onTerminate) iteration.end(this.#failure());
    else shortcut.iterations = [...(shortcut.iterations ?? []), iteration];
    return iteration;
  }

  onOpen() {
    if (!this.#connected || !this.#shortcut.isOpen) return;
    this.#shortcut.call("hold");
    this.#connected.resolve(this.#shortcut.object);
  }

  onError() {}

  onTerminate(event) {
    const { signal, onError, iterations } = this.#shortcut;
    this.#stop();
    this.#connected?.reject(signal ? signal.reason : Connection.failure(onError?.errors));
    for (const { reject } of this.#drains.splice(0)) reject(Connection.failure());
    for (const iteration of iterations ?? []) iteration.end(this.#failure());
    this.#shortcut.iterations = undefined;
    this.#closed?.resolve(event);
  }

  /** What an iteration throws at its end, if anything. */
  #failure() {
    const { onError } = this.#shortcut;
    return onError && Connection.failure(onError.errors);
  }
}

/** What `messages()` returns. */
class Iteration {
  #limit;
  #leave;
  #held = [];
  #calls = [];
  #isOver = false;
  #failure;

  constructor(limit, leave) {
    this.#limit = limit;
    this.#leave = leave;
  }

  /** One message more would be too much. */
  get isFull() {
    return this.#held.length >= this.#limit;
  }

  push(value) {
    if (this.#isOver) return;
    const call = this.#calls.shift();
    if (call) call.resolve({ value, done: false });
    else this.#held.push(value);
  }

  end(failure) {
    this.#isOver = true;
    this.#failure = failure;
    for (const call of this.#calls.splice(0)) this.#settle(call);
  }

  next() {
    const call = deferred();
    if (this.#held.length > 0 || this.#isOver) this.#settle(call);
    else this.#calls.push(call);
    return call.promise;
  }

  #settle({ resolve, reject }) {
    if (this.#held.length > 0) return resolve({ value: this.#held.shift(), done: false });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) reject(failure);
    else resolve({ value: undefined, done: true });
  }

  return(value) {
    this.#leave();
    this.#held = [];
    this.end();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

// Promises of a connection and iterations over its messages. They are implemented in JavaScript, because their lifetime
// is known to its garbage collector only.

import { WebSocket as Connection } from "./fourd_websocket.js";
import { deferred, Iteration } from "./iteration.js";

/** The interval, in milliseconds, at which the bytes left to be sent are polled. Hosts have no event for it. */
const POLL = 50;

/** The promises and iterations of one connection. The shortcut calls its methods after each callback of the handler. */
export class Waiters {
  #shortcut;
  #connected;
  #drains = [];
  #closed;
  #timer;

  /** The waiters of a connection, created at the first call. */
  static of(shortcut) {
    return (shortcut.waiters ??= new Waiters(shortcut));
  }

  constructor(shortcut) {
    this.#shortcut = shortcut;
  }

  /** A promise of the object, fulfilled when the connection is open. */
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
    this.update();
    return drain.promise;
  }

  /** Polls the bytes left to be sent, in a microtask, so that an end that is being dispatched comes first. */
  async update() {
    if (this.#drains.length === 0) return;
    await undefined;
    const { socket, waiting } = this.#shortcut;
    const left = socket ? socket.bufferedAmount + waiting : 0;
    this.#drains = this.#drains.filter(({ bytes, resolve }) => left > bytes || resolve());
    if (this.#drains.length === 0) return this.#stop();
    this.#timer ??= setTimeout(() => {
      this.#stop();
      this.update();
    }, POLL);
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

  /** The error with which iterations end, if the connection failed. */
  #failure() {
    const { onError } = this.#shortcut;
    return onError && Connection.failure(onError.errors);
  }
}

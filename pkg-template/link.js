// A connection of a supervisor: an object of the package's class, whose messages and events the supervisor sees first.

import { Supervisor } from "./fourd_websocket.js";
import { soon } from "./shim.js";

export class Link {
  /** The supervisor's queue is empty, so that messages may be sent without it. */
  isFree = false;
  #shortcut;
  #methods;
  /** `terminate` was called. */
  #isEnding = false;
  /** The connection has ended. */
  #isOver = false;
  /** Events that are handled when the current call is over. A host may dispatch inside of `close`. */
  #later;

  /** `shell` has the supervisor, the handler, and the iterations. */
  constructor(ws, shortcut, shell) {
    const { send, call, emit, deliver } = shortcut;
    let errors = [];
    this.ws = ws;
    this.#shortcut = shortcut;
    this.#methods = { send, call, deliver };
    // They hide the methods of the shortcut's class until the connection ends.
    Object.assign(shortcut, {
      handler: shell.handler,
      iterations: shell.iterations,
      send: (message) => {
        if (typeof message === "string" && this.isFree) this.pass(message);
        else shell.supervisor.sendNow(message);
      },
      beat: (message) => {
        shell.supervisor.beat(message);
        return true;
      },
      call: (method, ...given) => {
        if (method === "terminate") return shell.supervisor.end(...given);
        if (method === "overrun") shell.overrun = shell.iterations.filter((iteration) => iteration.isFull);
        return call.call(shortcut, method, ...given);
      },
      emit: (callback, event) => {
        if (this.#later) this.#later.push(() => handle(callback, event));
        else handle(callback, event);
      },
    });
    Object.defineProperty(shortcut, "waiting", {
      get: () => shell.supervisor.waiting(),
      // The connection's own queue stays empty.
      set() {},
    });
    const handle = (callback, event) => {
      const { supervisor } = shell;
      if (callback === "onOpen") {
        // The host may dispatch inside of `send`.
        this.#call("hold");
        let isOpen = false;
        const open = () => {
          if (isOpen) return;
          isOpen = true;
          emit.call(shortcut, callback, event);
        };
        shortcut.deliver = (data) => {
          open();
          deliver.call(shortcut, data);
        };
        if (supervisor.opened()) open();
        this.#call("release");
        delete shortcut.deliver;
        return;
      }
      if (callback === "onError") {
        // Copies, which the program cannot change in `onError`.
        errors = event.errors.map((entry) => ({ ...entry }));
        supervisor.failed();
        for (const iteration of shell.overrun.splice(0)) {
          shell.remove(iteration);
          iteration.end(Supervisor.failure(event.errors));
        }
        return emit.call(shortcut, callback, event);
      }
      this.#isOver = true;
      for (const name of ["send", "beat", "call", "emit", "deliver"]) delete shortcut[name];
      // The iterations of the supervisor go on.
      shortcut.iterations = shortcut.iterations?.filter((iteration) => !shell.iterations.includes(iteration));
      const { code, reason, wasClean } = event;
      supervisor.ending({ code, reason, wasClean, errors });
      shortcut.emit(callback, event);
      shell.link = undefined;
      supervisor.afterEnd();
    };
  }

  get url() {
    return this.#shortcut.url;
  }

  get status() {
    return this.ws.status;
  }

  get ownStatus() {
    return this.#shortcut.status;
  }

  /** A message may be sent as the connection does, without the supervisor. */
  get isReady() {
    return this.isFree && this.#shortcut.isOpen && this.accepts;
  }

  /** The host accepts messages. */
  get accepts() {
    return this.#shortcut.socket?.readyState === 1;
  }

  get bufferedAmount() {
    return this.ws.bufferedAmount;
  }

  /** Replaces the iterations of the supervisor, beside those of the connection itself. */
  replaceIterations(before, after) {
    if (this.#isOver) return;
    const own = this.#shortcut.iterations.filter((iteration) => !before.includes(iteration));
    this.#shortcut.iterations = [...own, ...after];
  }

  /** Sends a message as the connection does. */
  pass(message) {
    this.#methods.send.call(this.#shortcut, message);
  }

  /** Sends a message from the supervisor's queue, also while the connection is closing. */
  write(data) {
    this.#shortcut.socket.send(data);
  }

  /** Ends the connection. If `isPending`, the host's connection is closed later, by `settle`. */
  end(code, reason, isPending) {
    const isInside = this.#later !== undefined;
    this.#isEnding = true;
    this.#shortcut.isPending = isPending;
    this.#defer();
    this.#call("terminate", code, reason);
    if (isInside) return;
    // No callback is called inside of `terminate`.
    if (this.#later.length > 0) soon(() => this.#resume());
    else this.#resume();
  }

  /** The supervisor has sent what waited, or cannot because of `cause`. */
  settle(isBroken, cause) {
    const settle = () => {
      this.#shortcut.isPending = false;
      this.#call("settle", isBroken, cause);
    };
    if (this.#later) this.#later.push(settle);
    else settle();
  }

  #call(...given) {
    this.#methods.call.apply(this.#shortcut, given);
  }

  #defer() {
    const { deliver } = this.#methods;
    this.#later ??= [];
    this.#shortcut.deliver = (data) => {
      this.#later.push(() => this.#isEnding || deliver.call(this.#shortcut, data));
    };
  }

  #resume() {
    // Events that are added meanwhile follow.
    for (const handle of this.#later ?? []) handle();
    this.#later = undefined;
    delete this.#shortcut.deliver;
  }
}

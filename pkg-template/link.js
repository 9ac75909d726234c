// A connection of a supervisor: an object of the package's class, whose messages and events the supervisor sees first.

import { Supervisor } from "./fourd_websocket.js";

export class Link {
  /** The supervisor's queue is empty, so that messages may be sent without it. */
  isFree = false;
  #shortcut;
  #pass;

  /** `shell` has the supervisor, the handler, and the iterations. */
  constructor(ws, shortcut, shell) {
    const { send, call, emit } = shortcut;
    let errors = [];
    this.ws = ws;
    this.#shortcut = shortcut;
    this.#pass = send;
    // They hide the methods of the shortcut's class until the connection ends.
    Object.assign(shortcut, {
      handler: shell.handler,
      iterations: shell.iterations,
      send: (message) => {
        if (this.isFree && typeof message === "string") this.pass(message);
        else shell.supervisor.sendNow(message);
      },
      call: (method, ...given) => {
        if (method === "terminate") return shell.supervisor.end(...given);
        if (method === "overrun") shell.overrun = shell.iterations.filter((iteration) => iteration.isFull);
        return call.call(shortcut, method, ...given);
      },
      emit: (callback, event) => {
        const { supervisor } = shell;
        if (callback === "onOpen") supervisor.opened();
        if (callback === "onError") {
          errors = event.errors;
          supervisor.failed();
          for (const iteration of shell.overrun.splice(0)) {
            shell.remove(iteration);
            iteration.end(Supervisor.failure(event.errors));
          }
        }
        if (callback !== "onTerminate") return emit.call(shortcut, callback, event);
        for (const name of ["send", "call", "emit", "deliver"]) delete shortcut[name];
        // The iterations of the supervisor go on.
        shortcut.iterations = shortcut.iterations?.filter((iteration) => !shell.iterations.includes(iteration));
        const { code, reason, wasClean } = event;
        supervisor.ending({ code, reason, wasClean, errors });
        shortcut.emit(callback, event);
        shell.link = undefined;
        supervisor.afterEnd();
      },
    });
  }

  get url() {
    return this.#shortcut.url;
  }

  get status() {
    return this.ws.status;
  }

  get isOpen() {
    const { isOpen, socket } = this.#shortcut;
    return isOpen && socket.readyState === 1;
  }

  get bufferedAmount() {
    return this.ws.bufferedAmount;
  }

  /** Replaces the iterations of the supervisor, beside those of the connection itself. */
  replaceIterations(before, after) {
    const own = this.#shortcut.iterations.filter((iteration) => !before.includes(iteration));
    this.#shortcut.iterations = [...own, ...after];
  }

  pass(data) {
    this.#pass.call(this.#shortcut, data);
  }

  seal() {
    const shortcut = this.#shortcut;
    shortcut.status = "Closing";
    shortcut.show?.(shortcut);
    shortcut.deliver = () => {};
  }

  fail(cause) {
    // The connection reads a Blob before it sends it, and fails with the exception if that is not possible.
    this.pass(Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(cause) }));
  }

  end(code, reason) {
    this.#shortcut.rust.terminate(code, reason);
  }
}

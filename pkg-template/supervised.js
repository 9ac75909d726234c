// The class of `fourd-websocket/reconnecting` on every host: it wraps the crate's supervisor. The entries differ in how
// they load the wasm module.

import { initSync, Supervisor } from "./fourd_websocket.js";
import { deferred, Iteration } from "./iteration.js";
import { Link } from "./link.js";
import { report, soon } from "./shim.js";
import { unusable } from "./unusable.js";

/** A signal with which the package's class checks its arguments and opens nothing. */
const ABORTED = { aborted: true, reason: {}, addEventListener() {}, removeEventListener() {} };

const listOf = (value) => (Array.isArray(value) ? [...value] : value);

/** Copies of the settings that are objects, because each connection reads them. Invalid ones are not copied. */
const COPIES = {
  protocols: listOf,
  headers(value) {
    if (value[Symbol.iterator]) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, listOf(item)]));
  },
  heartbeat: ({ message, interval, timeout }) => ({ message, interval, timeout }),
};

/** Checks everything that is known without the source. Returns the members of the handler, each of which is read once. */
function check(WebSocket, url, handler) {
  const members = {};
  const read = (_, name) => {
    if (name === "signal") return ABORTED;
    const value = handler[name];
    members[name] = typeof value === "object" && value !== null ? (COPIES[name]?.(value) ?? value) : value;
    return members[name];
  };
  const isObject = typeof handler === "object" && handler !== null;
  const probe = isObject ? new Proxy({}, { get: read }) : (handler ?? { signal: ABORTED });
  try {
    new WebSocket(url, probe);
  } catch (error) {
    if (error.cause !== ABORTED.reason) throw error;
  }
  return members;
}

/** What the crate's supervisor needs of JavaScript: the source, the handler and the connections of one object. */
class Shell {
  iterations = [];
  /** The iterations that have exceeded their limit, until the connection has failed. */
  overrun = [];
  link;
  end;
  closed = deferred();

  constructor(object, source, handler, main) {
    const { WebSocket } = main;
    const url = typeof source === "function" ? "ws://localhost" : source;
    this.members = check(WebSocket, url, handler);
    // A `URL` may change later.
    this.source = typeof source === "function" ? source : String(source);
    Object.assign(this, { object, handler: handler ?? null, main });
    this.supervisor = Supervisor.start(this, handler, this.members);
  }

  async ask(attempt, signal) {
    const { source, supervisor } = this;
    let endpoint;
    try {
      const answer = await (typeof source === "function" ? source(attempt, signal) : source);
      const { url = answer, headers, protocols } = Object(answer);
      endpoint = { url, headers, protocols };
    } catch (error) {
      // Not inside the call of a source that throws.
      await undefined;
      if (!signal.aborted) supervisor.refused(error);
      return;
    }
    if (!signal.aborted) supervisor.answered(endpoint);
  }

  open({ url, headers, protocols }) {
    const { WebSocket, shortcutOf } = this.main;
    const { members } = this;
    const ws = new WebSocket(url, {
      ...members,
      headers: headers ?? members.headers,
      protocols: protocols ?? members.protocols,
    });
    this.link = new Link(ws, shortcutOf(ws), this);
    return this.link;
  }

  call(callback, event) {
    const { handler, object } = this;
    // Copies, which the program may change.
    event.errors = event.errors.map((entry) => ({ ...entry }));
    return handler?.[callback]?.(object, event);
  }

  stop(event, failure) {
    const { supervisor } = this;
    this.supervisor = Shell.stopped;
    try {
      this.call("onStop", event);
    } catch (error) {
      report(error);
    }
    this.end = { failure };
    for (const iteration of this.iterations.splice(0)) iteration.end(failure);
    this.closed.resolve(event);
    // No method of it is running in a microtask.
    soon(() => supervisor.free());
  }

  messages(limit) {
    if (!(Number.isInteger(limit) && limit >= 1)) throw Supervisor.wrongLimit(limit);
    const iteration = new Iteration(limit, () => this.remove(iteration));
    if (this.end) iteration.end(this.end.failure);
    else this.change([...this.iterations, iteration]);
    return iteration;
  }

  remove(iteration) {
    this.change(this.iterations.filter((other) => other !== iteration));
  }

  change(iterations) {
    this.link?.replaceIterations(this.iterations, iterations);
    this.iterations = iterations;
  }
}

/** The class on the `WebAssembly.Module` that `module` returns when it is first used. `main` is the entry with the class
    of connections. */
export const reconnectingOn = (module, main) => {
  let shellOf;

  /** The class. Consoles show its name. Minifiers shorten the names of classes, but not the keys of objects. */
  const { ReconnectingWebSocket } = {
    ReconnectingWebSocket: class {
      #id;
      #shell;

      static {
        // Bundlers may rename the class.
        Object.defineProperty(this, "name", { value: "ReconnectingWebSocket" });
        shellOf = (object) => {
          // Not every compiler for older syntax supports `#shell in object`.
          try {
            return object.#shell;
          } catch {
            throw new TypeError("this is not a ReconnectingWebSocket of fourd-websocket");
          }
        };
      }

      static new(source, handler) {
        return new this(source, handler);
      }

      constructor(source, handler) {
        try {
          if (!Shell.stopped) initSync({ module: module() });
          Shell.stopped ??= Supervisor.ended();
        } catch (cause) {
          throw unusable(cause);
        }
        this.#shell = new Shell(this, source, handler, main);
        this.#id = main.nextId();
      }

      send(message) {
        const { link, supervisor } = shellOf(this);
        if (typeof message === "string" && link?.isReady) link.pass(message);
        else supervisor.send(message);
      }

      terminate(code, reason) {
        shellOf(this).supervisor.terminate(code, reason);
      }

      retryNow() {
        shellOf(this).supervisor.retryNow();
      }

      messages(options) {
        return shellOf(this).messages(options?.limit ?? 1024);
      }

      get closed() {
        return shellOf(this).closed.promise;
      }

      get current() {
        return shellOf(this).link?.ws ?? null;
      }

      get handler() {
        return shellOf(this).handler;
      }

      get dataType() {
        return shellOf(this).members.dataType ?? "text";
      }

      get id() {
        shellOf(this);
        return this.#id;
      }

      get status() {
        return shellOf(this).supervisor.status();
      }

      get bufferedAmount() {
        return shellOf(this).supervisor.bufferedAmount();
      }

      // Because of it, Vue does not make the object reactive.
      get [Symbol.toStringTag]() {
        return "ReconnectingWebSocket";
      }

      // Compilers for older syntax implement `using` with these symbols.
      [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
        this.terminate();
      }

      [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
        this.terminate();
        return this.closed;
      }

      [Symbol.asyncIterator]() {
        return this.messages();
      }

      // The output in the consoles of Node, Deno and Bun.
      [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
        const { status, id } = this;
        return `${this.constructor.name} ${inspect({ status, id, ...this }, { ...options, depth })}`;
      }
    },
  };
  return ReconnectingWebSocket;
};

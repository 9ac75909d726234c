// Functions that Rust cannot express, and the fast path of messages: a call through wasm takes ten times as long as the
// rest of the work for a message. The shortcut is optional. Rust handles everything that the shortcut does not.

// Captured at load time, so that timers faked later neither hold back exceptions nor the end of a connection.
export const { queueMicrotask: soon, setTimeout: task } = globalThis;

let lastId;

/** A positive integer, unique in the process or page. Threads and copies of the package share no counter, so each one
    counts from a random start. It is chosen late: workerd has no random numbers while a module is loaded. */
export function nextId() {
  lastId ??= Math.floor(Math.random() * 2 ** 32) * 2 ** 20;
  return ++lastId;
}

/** Rethrows an exception in a microtask, as uncaught. Node has no `reportError`. */
export function report(error) {
  soon(() => {
    throw error;
  });
}

/** A function for the host, which calls `callback` until that is taken away. */
export function revocable(callback) {
  const call = (given) => call.callback?.(given);
  return Object.assign(call, { callback });
}

/** The host's connection as gloo-events attaches to it. A removed listener does nothing, even if a double keeps it. */
export class Target {
  constructor(socket) {
    this.socket = socket;
  }

  addEventListener(type, listener) {
    listener.own = revocable(listener);
    try {
      this.socket.addEventListener(type, listener.own);
    } catch (error) {
      this.refusal = error;
    }
  }

  removeEventListener(type, { own }) {
    own.callback = undefined;
    try {
      this.socket.removeEventListener(type, own);
    } catch {
      // A double without it keeps a listener that does nothing.
    }
  }
}

// Node sends a view of shared memory as text, so it is detected first. Bun and Deno refuse it, and Rust sends a copy.
const mayBeShared = typeof SharedArrayBuffer === "function" && !globalThis.Bun && !globalThis.Deno;
const isShared = ({ buffer }) => mayBeShared && buffer[Symbol.toStringTag] === "SharedArrayBuffer";
const STRICT = { fatal: true, ignoreBOM: true };
let utf8;

/** The payload of a message that is a view or plain. `other` for messages that Rust handles. */
function payload(message, other) {
  if (ArrayBuffer.isView(message) && message.byteLength > 0 && !isShared(message)) return message;
  const isPlain = typeof message === "object" && (message?.constructor === Object || Array.isArray(message));
  return isPlain ? JSON.stringify(message) : other;
}

/** The text of a frame. */
function textOf(data) {
  if (typeof data === "string") return data;
  utf8 ??= new TextDecoder("utf-8", STRICT);
  // Some polyfills accept invalid UTF-8.
  if (!utf8.fatal) throw new TypeError("TextDecoder does not know the option fatal");
  return utf8.decode(data);
}

/** Converts the data of a message to the data type. Throws if the data does not match the type. */
export function decode(dataType, data) {
  // A Blob, recognised by its size, may not be an instance of the global class.
  if (dataType === "blob") return data.size === undefined ? new Blob([data]) : data;
  const text = textOf(data);
  return dataType === "object" ? JSON.parse(text) : text;
}

/** The length of a text in bytes of UTF-8. */
export function utf8Length(text) {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at);
    bytes += (code > 0x7f) + (code > 0x7ff);
    if (code > 0xffff) at++;
  }
  return bytes;
}

/** The fast path of a connection, updated by Rust. `isOpen`: deliver messages here. `isFree`: send messages here. */
export class Shortcut {
  constructor(handler, dataType, status) {
    Object.assign(this, { handler, dataType, status, protocol: "", isOpen: false, isFree: false, waiting: 0 });
  }

  /** `rust` is the object of the crate's class, until the end. It cannot be freed while `calls` of it are running. */
  start(object, url, id, socket, rust) {
    socket.bufferedAmount ??= 0; // mock-socket has none.
    Object.assign(this, { object, url, id, socket, rust, calls: 0, isPending: false });
  }

  update(status, isOpen, isFree, waiting) {
    Object.assign(this, { status, isOpen, isFree, waiting });
    this.show?.(this);
  }

  /** The listener for messages. It calls `onMessage`, or `receive` for a message that does not match the data type. */
  listener(receive) {
    return (event) => {
      const { dataType, isOpen } = this;
      if (!isOpen) return receive(event);
      let data;
      try {
        data = decode(dataType, event.data);
      } catch {
        return receive(event);
      }
      this.deliver(data);
    };
  }

  /** Adds data to the iterations and calls `onMessage`. If an iteration is full, ends the connection instead. */
  deliver(data) {
    const { handler, object, iterations } = this;
    if (iterations?.some((iteration) => iteration.isFull)) return this.call("overrun");
    iterations?.forEach((iteration) => iteration.push(data));
    try {
      handler?.onMessage?.(object, { type: "message", data });
    } catch (error) {
      report(error);
    }
  }

  /** Calls a callback other than `onMessage`, then the waiters. */
  emit(callback, event) {
    const { handler, object } = this;
    // The entries of exceptions are copies, which the program cannot change in `onError`.
    this[callback] = event.errors ? { errors: event.errors.map((entry) => ({ ...entry })) } : event;
    try {
      handler?.[callback]?.(object, event);
    } catch (error) {
      report(error);
    }
    this.waiters?.[callback](event);
  }

  send(message) {
    const { isFree, socket } = this;
    if (!isFree || socket.readyState !== 1) return this.call("send", message);
    let data, cause;
    try {
      if (typeof message === "string") return socket.send((data = message));
      data = payload(message, this);
      // An application's `toJSON` may have ended the connection, and a host silently drops messages then.
      if (data !== this && data !== undefined && socket.readyState === 1) return socket.send(data);
    } catch (error) {
      cause = error;
    }
    if (data === this) this.call("send", message);
    else this.call("refused", message, data, cause);
  }

  /** A supervisor sends heartbeats itself, behind its queue, and returns `true`. */
  beat() {
    return false;
  }

  call(method, ...given) {
    this.calls += 1;
    try {
      return this.rust[method](...given);
    } finally {
      this.calls -= 1;
      this.free();
    }
  }

  end() {
    this.socket = undefined;
    this.free();
  }

  free() {
    const { rust, ended, socket, calls } = this;
    if (socket || calls > 0 || rust === ended) return;
    this.rust = ended;
    rust.free();
  }
}

/** Attaches an empty listener: an `error` event of `ws` without a listener would end the process. */
export const quiet = (socket) => socket.addEventListener("error", () => {});

/** Sends the request of `ws`, which may throw and leave a connection without an owner. */
export function finishRequest(request, socket) {
  quiet(socket);
  request.end();
}

/** The class of the package `ws`, for a Node without `WebSocket`. It is resolved from the started program, or from the
    target of a link to it. */
export function findWs() {
  const { argv, cwd, getBuiltinModule, _eval } = globalThis.process ?? {}; // A bundler has a polyfill for the bare name.
  const program = _eval === undefined && argv?.[1];
  const target = () => getBuiltinModule("node:fs").realpathSync(program);
  // Code without a file, as in a REPL or with `-e`, is resolved from the working directory.
  for (const origin of program ? [() => program, target] : [() => `${cwd()}/`]) {
    try {
      return getBuiltinModule("node:module").createRequire(origin())("ws");
    } catch {
      // Not installed there.
    }
  }
}

// What Rust cannot say, and what each message would pay for if Rust said it: a pass through wasm takes ten times as
// long as all else that is done with it. The connection is whole without the shortcut: Rust does what that leaves.

// Taken now: where an application fakes them later, no exception is kept back, and no end.
export const { queueMicrotask: soon, setTimeout: task } = globalThis;

/** Has an exception surface as uncaught, in a turn of its own: Node has no `reportError`. */
export function report(error) {
  soon(() => {
    throw error;
  });
}

// A view of shared memory is text to Node, which has to be known before; Bun and Deno refuse it: Rust sends a copy.
const mayBeShared = typeof SharedArrayBuffer === "function" && !globalThis.Bun && !globalThis.Deno;
const isShared = ({ buffer }) => mayBeShared && buffer[Symbol.toStringTag] === "SharedArrayBuffer";
const STRICT = { fatal: true, ignoreBOM: true };
let utf8;

/** What goes to the host of a message that is a view, or plain; `other` of one that is left to Rust. */
function payload(message, other) {
  if (ArrayBuffer.isView(message) && message.byteLength > 0 && !isShared(message)) return message;
  const isPlain = typeof message === "object" && (message?.constructor === Object || Array.isArray(message));
  return isPlain ? JSON.stringify(message) : other;
}

/** The text of a frame. */
function textOf(data) {
  if (typeof data === "string") return data;
  utf8 ??= new TextDecoder("utf-8", STRICT);
  // Some polyfills take anything for UTF-8.
  if (!utf8.fatal) throw new TypeError("TextDecoder does not know the option fatal");
  return utf8.decode(data);
}

/** The data of a message as the data type has it; throws if it cannot be had as that. */
export function decode(dataType, data) {
  // A Blob, which has a size, may be none of the global class.
  if (dataType === "blob") return data.size === undefined ? new Blob([data]) : data;
  const text = textOf(data);
  return dataType === "object" ? JSON.parse(text) : text;
}

/** How many bytes of UTF-8 a text is. */
export function utf8Length(text) {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at);
    bytes += (code > 0x7f) + (code > 0x7ff);
    if (code > 0xffff) at++;
  }
  return bytes;
}

/** What JavaScript has of a connection, by Rust. `isOpen`: messages are delivered; `isFree`: one can leave at once. */
export class Shortcut {
  constructor(handler, dataType, status) {
    Object.assign(this, { handler, dataType, status, protocol: "", isOpen: false, isFree: false, waiting: 0 });
  }

  /** `rust` is what sends and ends, until the end; it cannot be freed while `calls` of it go on. */
  start(object, url, id, socket, rust) {
    Object.assign(this, { object, url, id, socket, rust, calls: 0 });
  }

  update(status, isOpen, isFree, waiting) {
    Object.assign(this, { status, isOpen, isFree, waiting });
    this.show?.(this);
  }

  /** The listener for messages: calls `onMessage`; what cannot be had as the data type has it is left to Rust. */
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

  /** Gives data to what iterates, which takes it in a later turn, and calls `onMessage`; without room, nobody gets it. */
  deliver(data) {
    const { handler, object, iterations } = this;
    if (iterations?.some((iteration) => iteration.isFull)) return this.call("overrun");
    iterations?.forEach((iteration) => iteration.push(data));
    try {
      handler?.onMessage?.call(handler, object, { type: "message", data });
    } catch (error) {
      report(error);
    }
  }

  /** Calls another callback, then what waits for it. */
  tell(callback, event) {
    const { handler, object } = this;
    this[callback] = event;
    try {
      handler?.[callback]?.call(handler, object, event);
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
      // An application's `toJSON` may have ended the connection, and a host drops in silence what it is given then.
      if (data !== this && data !== undefined && socket.readyState === 1) return socket.send(data);
    } catch (error) {
      cause = error;
    }
    if (data === this) this.call("send", message);
    else this.call("refused", message, data, cause);
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

/** Has nobody miss an `error` event of a host's connection: one of `ws` would end the process. */
export const quiet = (socket) => socket.addEventListener("error", () => {});

/** Sends the request of `ws`: that may throw, and leave a connection behind that nobody has. */
export function finishRequest(request, socket) {
  quiet(socket);
  request.end();
}

/** The class of the package `ws`, which stands in on a Node that has none, as Node finds it from the program that was
    started, or from what a link to that leads to. */
export function findWs() {
  const { argv, cwd, getBuiltinModule, _eval } = globalThis.process ?? {}; // A bundler has a polyfill for the bare name.
  const program = _eval === undefined && argv?.[1];
  const target = () => getBuiltinModule("node:fs").realpathSync(program);
  // Code that stands in no file, as that of a REPL or of `-e`, belongs to the folder it was started in.
  for (const origin of program ? [() => program, target] : [() => `${cwd()}/`]) {
    try {
      return getBuiltinModule("node:module").createRequire(origin())("ws");
    } catch {
      // Not installed beside it.
    }
  }
}

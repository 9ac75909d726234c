// What Rust cannot say, and what every message would pay for if Rust said it: a pass through wasm takes ten times as long
// as all else that is done with a message. The connection is whole without the shortcut: Rust does what it leaves.

// A view of shared memory is text to Node, which has to be known before. To ask a view for its buffer takes longer than all
// else; Bun and Deno refuse such a view, and Rust then sends a copy.
const mayBeShared = typeof SharedArrayBuffer === "function" && !globalThis.Bun && !globalThis.Deno;
const isShared = ({ buffer }) => buffer[Symbol.toStringTag] === "SharedArrayBuffer";

/** Whether a message goes to the host as it is. */
const isReady = (message) =>
  typeof message === "string" || (ArrayBuffer.isView(message) && !(mayBeShared && isShared(message)));

/** Whether the JSON of an object is what is sent of it. */
const isPlain = (message) =>
  typeof message === "object" && message !== null && (message.constructor === Object || Array.isArray(message));

let utf8;

/** The data of a message as the data type has it; throws if it cannot be had as that. */
function decode(dataType, data) {
  if (dataType === "blob") return data instanceof Blob ? data : new Blob([data]);
  if (typeof data !== "string") data = (utf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(data);
  return dataType === "object" ? JSON.parse(data) : data;
}

/** What a program in JavaScript has of a connection. Rust keeps it up to date. */
export class Shortcut {
  status = "Connecting";
  protocol = "";
  /** Whether messages are delivered, whether one that is sent can leave at once, how many bytes wait. */
  isOpen = false;
  isFree = false;
  waiting = 0;
  /** How many calls of Rust are going on, while which its object cannot be freed. */
  calls = 0;

  constructor(handler, dataType) {
    this.handler = handler;
    this.dataType = dataType;
  }

  /** `rust` is what sends and ends, until the end; `ended` is that after the end. */
  start(object, url, id, socket, rust, ended) {
    Object.assign(this, { object, url, id, socket, rust, ended });
  }

  update(status, isOpen, isFree, waiting) {
    this.status = status;
    this.isOpen = isOpen;
    this.isFree = isFree;
    this.waiting = waiting;
    this.show?.(this);
  }

  /** The listener for messages; `receive` is Rust's. */
  listener(receive) {
    return (event) => this.deliver(event) || receive(event);
  }

  deliver({ data }) {
    if (!this.isOpen) return false;
    try {
      data = decode(this.dataType, data);
    } catch {
      return false;
    }
    const { handler } = this;
    try {
      handler?.onMessage?.call(handler, this.object, { type: "message", data });
    } catch (error) {
      report(error);
    }
    return true;
  }

  send(message) {
    const { isFree, socket } = this;
    if (!isFree || socket.readyState !== 1) return this.call("send", message);
    let data, cause;
    try {
      data = isReady(message) ? message : isPlain(message) ? JSON.stringify(message) : this;
      // An application's `toJSON` may have ended the connection, and a host drops in silence what it is given then.
      if (data !== this && data !== undefined && socket.readyState === 1) return socket.send(data);
    } catch (error) {
      cause = error;
    }
    if (data === this) this.call("send", message);
    else this.call("refused", message, data, cause);
  }

  call(method, ...given) {
    this.calls++;
    try {
      return this.rust[method](...given);
    } finally {
      if (--this.calls === 0 && !this.socket) this.free();
    }
  }

  end() {
    this.socket = undefined;
    if (this.calls === 0) this.free();
  }

  free() {
    const { rust, ended } = this;
    this.rust = ended;
    if (rust !== ended) rust?.free();
  }
}

/** Has an exception surface as uncaught: in a turn of its own, since Node has no `reportError`. */
export function report(error) {
  queueMicrotask(() => {
    throw error;
  });
}

/** The class of the package `ws`, where Node has it: beside the program that was started, or what a link to it leads to, or
    in the folder it was started in. */
export function findWs() {
  const builtin = (name) => globalThis.process?.getBuiltinModule?.(name);
  const origins = [
    () => process.argv[1],
    () => builtin("node:fs").realpathSync(process.argv[1]),
    () => process.cwd() + "/",
  ];
  for (const origin of builtin("node:module") ? origins : []) {
    try {
      return builtin("node:module").createRequire(origin())("ws");
    } catch {
      // Not installed beside this origin.
    }
  }
}

/** A listener for what is not to be heard. */
export const ignore = () => {};

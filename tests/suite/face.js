// What the tests of tests/face need of JavaScript.

const { process } = globalThis;

/** Whether the host sends headers with a handshake. */
export const sendsHeaders = () => process?.getBuiltinModule !== undefined;

/** What the test server saw of the connection with a key, once that has ended. */
export async function seen(server, key) {
  const response = await fetch(`${server}/seen?key=${key}&wait=15000`);
  const { frames, close, headers } = await response.json();
  const messages = frames
    .filter(({ opcode }) => opcode === "text" || opcode === "binary")
    .map(({ opcode, data, hex }) => `${opcode} ${data ?? hex}`);
  return { messages, close: close ? `${close.code} ${close.reason}` : "", header: (name) => headers[name]?.join() };
}

/** Comes when something takes too long. */
export const late = () => new Promise((resolve) => setTimeout(resolve, 10_000));

// --- A double in the place of the host's class ---

const hostClass = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");

/** A host's connection that does everything inside of the call that asks for it. */
class Double extends EventTarget {
  static last;
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  protocol = "";

  constructor() {
    super();
    Double.last = this;
  }

  emit(type, members) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }

  send(data) {
    this.emit("message", { data });
  }

  close(code = 1005, reason = "") {
    this.readyState = 3;
    this.emit("close", { code, reason, wasClean: true });
  }
}

/** Replaces the host's class. */
export function replaceHostClass() {
  Object.defineProperty(globalThis, "WebSocket", { value: Double, configurable: true, writable: true });
}

export function replaceHostClassByOneThatThrows() {
  const value = class {
    constructor() {
      throw new Error("no more sockets");
    }
  };
  Object.defineProperty(globalThis, "WebSocket", { value, configurable: true, writable: true });
}

export function restoreHostClass() {
  if (hostClass) Object.defineProperty(globalThis, "WebSocket", hostClass);
  else delete globalThis.WebSocket;
}

/** The double opened last opens. */
export function open() {
  Double.last.readyState = 1;
  Double.last.emit("open");
}

/** It receives a message. */
export function receive(data) {
  Double.last.emit("message", { data });
}

/** It fails. */
export function fail() {
  Double.last.readyState = 3;
  Double.last.emit("error", { message: "broken" });
  Double.last.emit("close", { code: 1006, reason: "", wasClean: false });
}

// --- Exceptions ---

/** What is thrown and not caught by anyone meanwhile, in words. */
export async function uncaughtIn(act) {
  let stop;
  const heard = new Promise((resolve) => {
    if (process?.getBuiltinModule) return process.once("uncaughtException", resolve);
    stop = (event) => {
      event.preventDefault();
      resolve(event.error);
    };
    globalThis.addEventListener("error", stop);
  });
  act();
  const error = await heard;
  if (stop) globalThis.removeEventListener("error", stop);
  return `${error}`;
}

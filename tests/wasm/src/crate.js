// The suite under wasm-bindgen-test, which only copies this file. The rest is imported from its place, in Node from the
// disk and in a browser from the test server.
//
// This one file has all the JavaScript of the tests in Rust. The runner's server reliably answers four connections at
// once, and sometimes never answers further ones. A browser opens a connection for each module.

const { process } = globalThis;

// The runner starts Node without --expose-gc.
if (process?.getBuiltinModule && !globalThis.gc) {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  globalThis.gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
}

const importSuite = (directory, server) =>
  import(`${process?.getBuiltinModule ? `file://${directory}` : `${server}/files/contract`}/run/suite.js`);

/** The class of an object, which is not used any more. */
export function classOf(ws) {
  ws.terminate();
  return ws.constructor;
}

/** Runs a case on a class. Throws its failed assertions. */
export async function runCase(name, WebSocket, directory, server) {
  const { runNamed } = await importSuite(directory, server);
  const { ok, error, skipped } = await runNamed(name, WebSocket, server);
  if (!ok) throw new Error(error);
  if (skipped) console.log(`skipped: ${skipped}`);
}

// --- The API for programs in Rust, as a class like the package's. The other half is in lib.rs ---

// tests/wasm/tests/face has tests for the rest of these cases.
const skipped = {
  "what is wrong here does not compile in Rust": [
    "a_callback_that_is_not_a_function_throws",
    "a_handler_that_is_not_an_object_throws",
    "a_header_value_that_is_not_one_throws",
    "a_message_says_what_was_wrong_and_what_is_allowed",
    "a_url_that_is_not_text_throws",
    "a_wrong_close_timeout_throws",
    "a_wrong_data_type_throws",
    "an_error_does_not_show_what_stands_in_the_wrong_place",
    "headers_that_are_not_an_object_throw",
    "messages_about_calls_say_what_is_allowed",
    "nothing_is_opened_when_new_throws",
    "protocols_that_are_not_strings_throw",
    "what_cannot_be_printed_throws_a_web_socket_error_all_the_same",
    "what_cannot_be_read_is_not_a_message",
    "what_only_looks_like_a_blob_is_not_a_message",
    "wrong_connection_timeouts_throw",
    "wrong_codes_and_reasons_throw_when_closed",
    "wrong_codes_and_reasons_throw_when_open",
    "wrong_codes_and_reasons_throw_while_closing",
    "wrong_codes_and_reasons_throw_while_connecting",
    "wrong_heartbeats_throw",
  ],
  "a connection in Rust has no signal: dropping its object ends it": [
    "a_signal_is_known_by_its_shape",
    "a_signal_that_is_aborted_already_makes_new_throw",
    "an_abort_after_the_end_changes_nothing",
    "an_abort_after_the_end_does_nothing",
    "an_abort_is_terminate",
    "an_abort_while_connecting_is_terminate",
    "nothing_listens_to_the_signal_after_the_end",
    "nothing_listens_to_the_signal_when_new_throws",
    "null_is_no_signal",
    "wrong_signals_throw",
  ],
  "the heartbeat of a connection in Rust is a message": [
    "a_function_gives_the_heartbeat",
    "a_heartbeat_function_may_terminate",
    "a_heartbeat_that_cannot_be_had_surfaces_and_is_not_judged",
    "a_heartbeat_that_is_no_message_surfaces_and_is_not_judged",
  ],
  "the settings of a handler in Rust are methods, which throw nothing": [
    "a_getter_in_headers_that_throws_is_the_cause",
    "a_getter_that_throws_makes_new_throw_with_its_cause",
  ],
};

const reasons = new Map(Object.entries(skipped).flatMap(([reason, names]) => names.map((name) => [name, reason])));

/** The reason why a case does not apply to a program in Rust, `undefined` if it does. */
export const reasonToSkip = (name) => reasons.get(name);

export const skippedNames = () => [...reasons.keys()];

/** The tag of a value. */
export const tag = (value) => Object.prototype.toString.call(value);

/** The handler of a program in Rust. */
class Adapter {
  #handler;
  #ws;

  constructor(handler, ws) {
    this.#handler = handler ?? {};
    this.#ws = ws;
  }

  get dataType() {
    return this.#handler.dataType;
  }

  get headers() {
    const entries = Object.entries(this.#handler.headers ?? {});
    return entries.flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
  }

  get protocols() {
    return [this.#handler.protocols ?? []].flat();
  }

  get closeTimeout() {
    return this.#handler.closeTimeout ?? 5000;
  }

  get connectionTimeout() {
    return this.#handler.connectionTimeout;
  }

  get heartbeat() {
    return this.#handler.heartbeat?.message;
  }

  get interval() {
    return this.#handler.heartbeat?.interval;
  }

  get timeout() {
    return this.#handler.heartbeat?.timeout;
  }

  open() {
    this.#handler.onOpen?.(this.#ws, { type: "open" });
  }

  message(data) {
    this.#handler.onMessage?.(this.#ws, { type: "message", data });
  }

  error(codes, messages) {
    const entry = (errCode, at) => ({ errCode, message: messages[at], componentSignature: "4DWS" });
    this.#handler.onError?.(this.#ws, { type: "error", errors: Array.from(codes, entry) });
  }

  terminate(code, reason, wasClean) {
    this.#handler.onTerminate?.(this.#ws, Object.freeze({ type: "terminate", code, reason, wasClean }));
  }
}

/** The class on `open`, which opens a connection in Rust. */
export const classOn = (open) =>
  class WebSocket {
    #bridge;
    #handler;

    static new(url, handler) {
      return new this(url, handler);
    }

    constructor(url, handler) {
      this.#handler = handler ?? null;
      this.#bridge = open(`${url}`, new Adapter(handler, this));
    }

    send(message) {
      this.#bridge.send(message);
    }

    terminate(code, reason) {
      this.#bridge.terminate(code, reason ?? "");
    }

    get handler() {
      return this.#handler;
    }

    get url() {
      return this.#bridge.url;
    }

    get dataType() {
      return this.#bridge.dataType;
    }

    get status() {
      return this.#bridge.status;
    }

    get id() {
      return this.#bridge.id;
    }

    get protocol() {
      return this.#bridge.protocol;
    }

    get bufferedAmount() {
      return this.#bridge.bufferedAmount;
    }
  };

// --- Functions for tests/wasm/tests/face ---

/** `true` if the host sends headers with a handshake. */
export const sendsHeaders = () => process?.getBuiltinModule !== undefined;

/** The test server's record of an ended connection, by its key. */
export async function seen(server, key) {
  const response = await fetch(`${server}/seen?key=${key}&wait=15000`);
  const { frames, close, headers } = await response.json();
  const messages = frames
    .filter(({ opcode }) => opcode === "text" || opcode === "binary")
    .map(({ opcode, data, hex }) => `${opcode} ${data ?? hex}`);
  return { messages, close: close ? `${close.code} ${close.reason}` : "", header: (name) => headers[name]?.join() };
}

/** Resolves when a test takes too long. */
export const late = () => new Promise((resolve) => setTimeout(resolve, 10_000));

// --- A double in the place of the host's class ---

const hostClass = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");

/** A host's connection that dispatches each event inside the call that causes it. */
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

export function replaceHostClassByThrowing() {
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

/** Opens the newest double. */
export function open() {
  Double.last.readyState = 1;
  Double.last.emit("open");
}

/** Dispatches a message on it. */
export function receive(data) {
  Double.last.emit("message", { data });
}

/** Fails it. */
export function fail() {
  Double.last.readyState = 3;
  Double.last.emit("error", { message: "broken" });
  Double.last.emit("close", { code: 1006, reason: "", wasClean: false });
}

// --- The network of the host ---

let network;

/** Sets whether the host reports a network. If it does, an event is dispatched. */
export function setNetwork(isOnline) {
  network ??= pretend();
  network.isOnline = isOnline;
  if (isOnline) network.target.dispatchEvent(new Event("online"));
}

/** Replaces the network of the host. Its listeners are added here, and counted. */
function pretend() {
  const { addEventListener, removeEventListener, navigator } = globalThis;
  const own = {
    target: new EventTarget(),
    isOnline: true,
    listeners: 0,
    before: { addEventListener, removeEventListener },
  };
  const change = (name, by) =>
    function (type, ...rest) {
      if (type !== "online") return own.before[name]?.call(globalThis, type, ...rest);
      own.listeners += by;
      own.target[name](type, ...rest);
    };
  globalThis.addEventListener = change("addEventListener", 1);
  globalThis.removeEventListener = change("removeEventListener", -1);
  if (!navigator) globalThis.navigator = {};
  Object.defineProperty(globalThis.navigator, "onLine", { get: () => own.isOnline, configurable: true });
  return own;
}

export const networkListeners = () => network?.listeners ?? 0;

export function restoreNetwork() {
  for (const name of ["addEventListener", "removeEventListener"]) {
    delete globalThis[name];
    // The function may have been an own property of the global object.
    if (globalThis[name] !== network.before[name]) globalThis[name] = network.before[name];
  }
  delete globalThis.navigator.onLine;
  network = undefined;
}

/** Waits for timers, one after another. Everything that was already due happens before. */
export async function turns(count) {
  for (let at = 0; at < count; at++) await new Promise((resolve) => setTimeout(resolve));
}

// --- Exceptions ---

/** The first uncaught exception that `act` causes, as text. */
export async function uncaughtIn(act) {
  let stop;
  const caught = new Promise((resolve) => {
    if (process?.getBuiltinModule) return process.once("uncaughtException", resolve);
    stop = (event) => {
      event.preventDefault();
      resolve(event.error);
    };
    globalThis.addEventListener("error", stop);
  });
  act();
  const error = await caught;
  if (stop) globalThis.removeEventListener("error", stop);
  return `${error}`;
}

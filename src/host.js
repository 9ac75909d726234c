// What has to be JavaScript: everything that touches a payload, calls an application's code, or differs by host.
// A payload that stays on this side costs nothing to carry; an exception that is caught here never crosses wasm.

const componentSignature = "4DWS";

// --- The host's class -------------------------------------------------------------------------------------------

/** The host's own class, looked up at each call so that test doubles are seen; on a Node that has none, `ws`. */
const hostClass = () => globalThis.WebSocket ?? (nodeClass ??= findNodeClass());

export const hasClass = () => !!hostClass();

let nodeClass;

function findNodeClass() {
  const process = globalThis.process;
  const builtin = (name) => process?.getBuiltinModule?.(name);
  const nodeModule = builtin("node:module");
  if (!nodeModule) return;
  // The program that was started, what a link to it leads to, and the folder it was started in.
  const origins = [
    () => process.argv[1],
    () => builtin("node:fs").realpathSync(process.argv[1]),
    () => process.cwd() + "/",
  ];
  for (const origin of origins) {
    try {
      return nodeModule.createRequire(origin())("ws");
    } catch {
      // Not installed beside this origin.
    }
  }
}

/** The texts of an absolute `ws:` or `wss:` URL without a fragment, as it was passed and as it goes to the host; undefined
    if it is none. */
export function urlTexts(url) {
  return attempt(() => {
    const text = typeof url === "string" ? url : Object.prototype.toString.call(url) === "[object URL]" ? url.href : "";
    const { protocol, hostname, href } = new URL(text);
    const isOurs = protocol === "ws:" || protocol === "wss:";
    // Chromium lets a space in a host pass, as "%20".
    // workerd takes what it is given: it sends letters beyond ASCII as they are, and refuses `ws:host`.
    if (isOurs && hostname && !hostname.includes("%") && !text.includes("#")) return [text, href];
  });
}

const members = ["onOpen", "onMessage", "onError", "onTerminate", "dataType", "headers", "protocols", "closeTimeout"];
export const memberName = (index) => members[index];

/** The members of a handler, in the order of `members`; if one cannot be read, its name (`takeFault`). */
export function memberList(handler) {
  const list = [];
  for (const name of members) {
    try {
      list.push(handler[name]);
    } catch (error) {
      fault = error;
      return name;
    }
  }
  return list;
}

/** The kinds of up to ten values, three bits each, the first lowest; -1 if there is no list. */
export const kinds = (list) =>
  typeof list === "string" ? -1 : list.reduceRight((digits, value) => (digits << 3) | (kind(value) & 7), 0);

/** A list of its own of the subprotocols: one, or an array of them. */
export function protocolList(protocols) {
  return attempt(() => (Array.isArray(protocols) ? [...protocols] : [protocols]));
}

/** The first text that is in a list twice, whatever its case: some hosts tell `a` and `A` apart, some throw. */
export function repeated(list) {
  const lower = list.map((text) => text.toLowerCase());
  return list.find((_, at) => lower.indexOf(lower[at]) < at);
}

/** The headers as a list of name, value, name, value, …; undefined if they are not an object with members. */
export function headerList(headers) {
  return attempt(() => {
    // The entries of an array, a Map or a Headers are not members: they would be lost.
    if (typeof headers !== "object" || headers === null || Symbol.iterator in headers) return;
    return Object.entries(headers).flatMap(([name, value]) =>
      Array.isArray(value) ? value.flatMap((one) => [name, one]) : [name, value],
    );
  });
}

/** Opens a host connection, and gives what there is of a connection on this side of wasm, its wire; undefined if there is
    no host, or it objects (`takeFault`). The first is as of `urlTexts`, the last as of `headerList`. */
export function connect([text, url], handler, type, protocols = [], headers) {
  return attempt(() => {
    const HostClass = hostClass();
    if (!HostClass) return;
    const socket = headers ? openWithHeaders(HostClass, url, protocols, headers) : new HostClass(url, protocols);
    const dataType = dataTypeName(type);
    socket.binaryType = dataType === "blob" ? "blob" : "arraybuffer";
    return {
      url: text,
      handler: handler ?? null,
      dataType,
      id: nextId(),
      // There from when the connection is open.
      protocol: "",
      protocols,
      // As the lifecycle has it.
      status: CONNECTING,
      // The next are there until the end.
      socket,
      object: undefined,
      ear: undefined,
      // What waits to be sent: frames, of which those before `head` have left, and how many bytes they are.
      frames: none,
      head: 0,
      bytes: 0,
      isReading: false,
      // What is being heard, and what is kept of it for `onError`.
      event: undefined,
      said: undefined,
      // That of `terminate()`.
      reason: "",
      timer: undefined,
    };
  });
}

function openWithHeaders(HostClass, url, protocols, list) {
  // `ws` takes its options third, and a list of values for a name that is repeated.
  const isWs = HostClass.createWebSocketStream;
  const lists = Object.create(null);
  const pairs = [];
  for (let at = 0; at < list.length; at += 2) {
    pairs.push([list[at], list[at + 1]]);
    (lists[list[at]] ??= []).push(list[at + 1]);
  }
  return isWs ? new HostClass(url, protocols, { headers: lists }) : new HostClass(url, { protocols, headers: pairs });
}

// What an ear is told: the events of the host, a Blob that was read or not, the turn or the end of the wait that was
// asked for.
const OPEN = 0;
const MESSAGE = 1;
const ERROR = 2;
const CLOSE = 3;
const READ = 4;
const UNREADABLE = 5;
const TURN = 6;
const WAITED = 7;

/** Has an ear hear of all that happens to a connection until it has ended; not before this returns. */
export function listen(wire, object, ear) {
  const { socket } = wire;
  wire.object = object;
  new Shown(object, wire);
  // Not every host checks that the server chose a subprotocol that was offered.
  socket.addEventListener("open", (event) => wire.socket && hear(wire, isOffered(wire) ? OPEN : ERROR, event));
  // The lifecycle has nothing to decide about a message on an open connection, unless it cannot be had.
  socket.addEventListener("message", (event) => {
    if (wire.status !== CONNECTED || !deliver(wire, event)) hear(wire, MESSAGE, event);
  });
  // They stay after the end: an `error` event of `ws` that nobody listens to ends the process.
  socket.addEventListener("error", (event) => hear(wire, ERROR, event));
  socket.addEventListener("close", (event) => hear(wire, CLOSE, event));
  wire.ear = ear;
}

/** Has the ear hear of something, and find the event or exception that belongs to it on the wire. */
function hear(wire, kind, event) {
  const { ear, event: outer, socket } = wire;
  if (!ear) return socket && queueMicrotask(() => hear(wire, kind, event));
  wire.event = event;
  tell(ear, kind);
  wire.event = outer;
}

/** How an ear is told of something, and what becomes of it at the end: of a function of Rust's, nothing. */
let tell = (ear, kind) => ear(kind);
let free = () => {};

/** The same for other ears. */
export function setEars(telling, freeing) {
  tell = telling;
  free = freeing;
}

function isOffered(wire) {
  const { protocol } = wire.socket;
  const offered = !protocol || wire.protocols.includes(protocol);
  if (offered) wire.protocol = protocol ?? "";
  return offered;
}

const properties = ["url", "handler", "dataType", "id", "protocol"];

/** What a connection has for good; the handler is a WeakRef after the end. */
export function property(wire, index) {
  const value = wire[properties[index]];
  return !wire.socket && value?.deref ? value.deref() : value;
}

export const isEnding = ({ socket }) => socket.readyState > 1;

export function setReason(wire, reason) {
  wire.reason = reason;
}

/** Keeps what is being heard for `onError`. */
export function note(wire) {
  wire.said = wire.event;
}

/** Lets go of a host connection that may not have ended on the host's side. */
function release(socket) {
  if (socket.readyState === 3) return;
  // The peer may wait for the answer to its close frame: workerd, as it was before 2026-04-07, leaves that to us.
  if (socket.readyState) close({ socket, reason: "" }, 1000);
  // `ws` and Bun can end a connection whose peer is silent; elsewhere the host's own limits do.
  socket.terminate?.();
}

/** Closes the host connection. What a host may object to was checked before; the close timeout covers the rest. */
export function close({ socket, reason }, code) {
  attempt(() => socket.close(code, reason));
}

let fault;

/** Why something could not be had. */
export function takeFault() {
  const taken = fault;
  fault = undefined;
  return taken;
}

/** What a function returns; undefined if it throws (`takeFault`). */
function attempt(action) {
  fault = undefined;
  try {
    return action();
  } catch (error) {
    fault = error;
  }
}

// --- Data received ----------------------------------------------------------------------------------------------

/** Made when it is needed: most connections receive text. */
let utf8;

/** Calls `onMessage` with a message, as the data type has it; false if it cannot be had as that. */
export function deliver(wire, event = wire.event) {
  const { dataType, handler, object } = wire;
  let { data } = event;
  try {
    if (dataType === "blob") {
      if (!(data instanceof Blob)) data = new Blob([data]);
    } else {
      if (typeof data !== "string") data = (utf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(data);
      if (dataType === "object") data = JSON.parse(data);
    }
  } catch (error) {
    wire.said ??= error;
    return false;
  }
  try {
    // `call`, written out for the one callback that is called often.
    handler?.onMessage?.call(handler, object, { type: "message", data });
  } catch (error) {
    report(error);
  }
  return true;
}

// --- Data sent --------------------------------------------------------------------------------------------------

// By its tag: a buffer may come from another realm.
const isShared = ({ buffer }) => buffer[Symbol.toStringTag] === "SharedArrayBuffer";
// Node takes a view of shared memory for text: there it has to be known before. To ask a view for its buffer takes longer
// than all else that is done with it, in Bun as long as to send it; Bun throws, and is asked afterwards.
const isToCopy = typeof SharedArrayBuffer === "function" && !globalThis.Bun ? isShared : () => false;

/** Whether a message goes to the host as it is: a string, or a view that need not be copied. */
const isReady = (message) => typeof message === "string" || (ArrayBuffer.isView(message) && !isToCopy(message));

/** Any other message as it goes to the host: a string, an ArrayBuffer or view, or a Blob; undefined if it is none, then
    `takeFault` may tell why. */
function payload(message) {
  fault = undefined;
  if (typeof message !== "object" || message === null) return;
  try {
    // What is sent most is told without its tag, which takes as long as all else.
    return message.constructor === Object ? JSON.stringify(message) : binary(message) ?? JSON.stringify(message);
  } catch (error) {
    fault = error;
  }
}

/** An object that is no message of JSON: a copy of a view, or what it is; undefined if it is one. */
function binary(message) {
  if (ArrayBuffer.isView(message)) return copy(message);
  if (message instanceof ArrayBuffer) return message;
  // Not `instanceof` alone: a buffer or a Blob may come from another realm.
  const tag = Object.prototype.toString.call(message);
  if (tag === "[object ArrayBuffer]" || (/ (Blob|File)]$/.test(tag) && isBlob(message))) return message;
}

const isBlob = (data) => typeof data.arrayBuffer === "function";

/** The bytes of a buffer or view, as they are now. */
const copy = (data) => new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength).slice();

const DONE = 0;
const WAITS = 1;
const IS_BLOB = 2;
const NOT_A_MESSAGE = 3;
const REFUSED = 4;
const NOT_OPEN = 5;

/** The message that has to wait, as it is now. */
let frame;

/** Sends a message at once if that can be, else leaves it for `enqueue`. For two of the answers there may be a reason
    (`takeFault`). */
function put(wire, message) {
  // As it is before `payload`, which may run an application's `toJSON`: what that sends is the later call.
  const atOnce = isFree(wire);
  return wire.status > CONNECTED ? NOT_OPEN : offer(wire, atOnce, isReady(message) ? message : payload(message));
}

/** The same for what is to be sent of a message, which came when the connection was free or not. */
function offer(wire, atOnce, data) {
  if (data === undefined) return NOT_A_MESSAGE;
  if (!atOnce || (typeof data === "object" && isBlob(data))) return keep(data) ? (atOnce ? IS_BLOB : WAITS) : NOT_A_MESSAGE;
  // Asked after `payload`: that may have ended the connection, and a host drops in silence what it is given then.
  const { socket } = wire;
  return socket?.readyState === 1 ? hand(socket, data) : NOT_OPEN;
}

/** Keeps a message for `enqueue`, as it is now; false if that cannot be. */
function keep(data) {
  frame = typeof data === "string" || isBlob(data) ? data : attempt(() => copy(data));
  return frame !== undefined;
}

/** The answer that `sendAtOnce` leaves to the call of `send` that follows. */
let answer;

/** As `put`, unless the message is the one of `sendAtOnce`. */
export function send(wire, message) {
  const known = answer;
  answer = undefined;
  return known ?? put(wire, message);
}

function hand(socket, data) {
  try {
    socket.send(data);
  } catch (error) {
    return refusal(socket, data, error);
  }
  return DONE;
}

/** What becomes of data that the host has refused: a view of shared memory goes as a copy. */
function refusal(socket, data, error) {
  if (ArrayBuffer.isView(data) && isShared(data)) return hand(socket, copy(data));
  fault = error;
  return REFUSED;
}

const size = (data) => (typeof data === "string" ? new TextEncoder().encode(data).length : data.size ?? data.byteLength);

/** The frames of all connections for which nothing has waited yet. */
const none = [];

export function enqueue(wire) {
  if (wire.frames === none) wire.frames = [];
  wire.frames.push(frame);
  wire.bytes += size(frame);
  frame = undefined;
  show(wire);
}

/** How many messages wait. */
export const waiting = ({ frames, head }) => frames.length - head;

/** Whether a message can leave at once. */
const isFree = (wire) => wire.status === CONNECTED && !waiting(wire);

/** What waits to be sent, in bytes. */
export const buffered = ({ socket, bytes }) => (socket ? socket.bufferedAmount + bytes : 0);

/** Lets go of the messages that wait. */
function giveUp(wire) {
  wire.frames = none;
  wire.head = wire.bytes = 0;
}

/** Hands the waiting messages to the host, as far as no Blob has to be read first. */
export function flush(wire) {
  while (waiting(wire)) {
    const { frames, head } = wire;
    const data = frames[head];
    if (isBlob(data)) {
      read(wire);
      return IS_BLOB;
    }
    if (wire.socket.readyState !== 1) return NOT_OPEN;
    // Out before it is sent: a host may call back while it takes it.
    frames[head] = undefined;
    wire.head++;
    wire.bytes -= size(data);
    show(wire);
    if (hand(wire.socket, data)) {
      // Unless what waited was given up meanwhile; what waited behind it may have left.
      if (wire.frames === frames) {
        frames.splice(wire.head, 0, data);
        wire.bytes += size(data);
      }
      wire.said ??= takeFault();
      return REFUSED;
    }
  }
  wire.frames.length = wire.head = 0;
  return DONE;
}

/** Reads the Blob in front. */
function read(wire) {
  if (wire.isReading) return;
  wire.isReading = true;
  const { frames, head } = wire;
  // `await` is there when the promise rejects: for workerd, as it was before 2026-03-03, one tick later is too late.
  (async () => await frames[head].arrayBuffer())().then(
    (bytes) => {
      wire.isReading = false;
      frames[head] = bytes;
      hear(wire, READ);
    },
    (error) => hear(wire, UNREADABLE, error),
  );
}

// --- Callbacks --------------------------------------------------------------------------------------------------

function call({ handler, object }, name, event) {
  try {
    handler?.[name]?.call(handler, object, event);
  } catch (error) {
    report(error);
  }
}

/** An exception in a callback is the application's: it surfaces as uncaught, and the connection goes on.
    Thrown in a turn of its own, since Node has no `reportError`. */
function report(error) {
  queueMicrotask(() => {
    throw error;
  });
}

export function callOpen(wire) {
  call(wire, "onOpen", { type: "open" });
}

/** Calls `onError`; what waits is given up. */
export function callError(wire, errCode, text, hostErrCode) {
  const unsent = waiting(wire);
  giveUp(wire);
  let message = text ?? texts[errCode - 5000];
  if (unsent) message += `; ${unsent} message${unsent > 1 ? "s were" : " was"} not sent`;
  const errors = [{ errCode, message, componentSignature }];
  const said = words(wire.said ?? wire.event);
  if (said) errors.push({ errCode: hostErrCode, message: said, componentSignature });
  call(wire, "onError", { type: "error", errors });
}

const handlers = new WeakMap();

/** Lets go of all that is only there until the end, then calls `onTerminate`: with the code of a connection that was lost,
    or without one with what the host's `close` event says, which is being heard. */
export function end(wire, lost) {
  const { ear, event, handler, object, socket, timer } = wire;
  clearTimeout(timer);
  giveUp(wire);
  wire.ear = wire.object = wire.socket = wire.said = undefined;
  free(ear);
  if (handler) {
    // The handler stays as long as the object it belongs to, or anyone, has it. A root in wasm would keep both for ever
    // when the handler refers to the object.
    handlers.set(object, handler);
    wire.handler = new WeakRef(handler);
  }
  release(socket);
  const { code, reason } = lost ? { code: lost } : event;
  call(
    { handler, object },
    "onTerminate",
    Object.freeze({ type: "terminate", code, reason: reason || "", wasClean: !lost }),
  );
}

/** What an event or an exception says; undefined if nothing. Some hosts say it only in what caused it. */
function words(source) {
  for (let depth = 0; source && depth < 4; depth++) {
    for (const text of [source.message, source.reason, source.code]) if (text && typeof text === "string") return text;
    source = source.error ?? source.cause ?? source.errors?.[0];
  }
}

/** Has the ear hear of a turn of its own, before anything else happens. */
export function turn(wire) {
  queueMicrotask(() => hear(wire, TURN));
}

/** Has the ear hear after so many milliseconds, in place of the wait before. */
export function wait(wire, milliseconds) {
  clearTimeout(wire.timer);
  wire.timer = setTimeout(() => hear(wire, WAITED), milliseconds);
}

export const now = () => performance.now();

/** The private fields of a connection's object: what consoles show of it, and no program sees. */
class Shown extends function (object) {
  return object;
} {
  #url;
  #status;
  #id;
  // Not in a WeakMap: a look into that takes longer than all else that `send` does.
  #wire;
  // That of the host, while a message can leave at once.
  #socket;

  constructor(object, wire) {
    super(object);
    this.#url = wire.url;
    this.#id = wire.id;
    this.#wire = wire;
    Shown.show(wire);
  }

  /** Shows the status, and whether a message can leave at once: called wherever that may have changed. */
  static show(wire) {
    const { object } = wire;
    object.#status = statusName(wire.status);
    object.#socket = isFree(wire) ? wire.socket : undefined;
  }

  /** The wire of a connection's object; throws if it is none. */
  static wireOf(object) {
    try {
      return object.#wire;
    } catch {
      throw new TypeError("this is not a WebSocket of fourd-websocket");
    }
  }

  /** Sends a message on the connection of an object if it can leave at once. If not, the module's `send` goes on from
      there: no message takes the way into wasm but one that waits or fails. */
  static sendAtOnce(object, message) {
    let socket;
    try {
      socket = object.#socket;
    } catch {
      // `wireOf` says it.
    }
    let code;
    if (socket === undefined) {
      code = put(wireOf(object), message);
    } else {
      const asIs = isReady(message);
      const data = asIs ? message : payload(message);
      if ((asIs || typeof data === "string") && socket.readyState === 1) {
        // `hand`, written out for the one way that is taken often: JavaScriptCore inlines it then.
        try {
          socket.send(data);
          return true;
        } catch (error) {
          code = refusal(socket, data, error);
        }
      } else {
        code = offer(wireOf(object), true, data);
      }
    }
    if (code) answer = code;
    return !code;
  }
}

// As constants, which V8 takes for what they are without a look.
const { show } = Shown;
export const { wireOf, sendAtOnce } = Shown;

/** The status as it is now: the peer may be closing, and the host's `close` event still to come. */
export const statusOf = (wire) => statusName(wire.status === CONNECTED && isEnding(wire) ? CLOSING : wire.status);

/** Takes the status that the lifecycle has come to. */
export function setStatus(wire, status) {
  wire.status = status;
  show(wire);
}

// --- Errors and properties --------------------------------------------------------------------------------------

/** The texts of the errors from 5000 on, where the wasm module does not bring them. */
const texts = [];

/** The exception `new`, `send` and `terminate` throw: `{name}` and `{got}` in the text are filled in. */
export function exception(errCode, text, name, got, cause) {
  const message = (text ?? texts[errCode - 5000]).replace("{name}", () => name).replace("{got}", () => describe(got));
  const error = new Error(message, cause === undefined ? cause : { cause });
  return Object.assign(Object.defineProperty(error, "name", { value: "WebSocketError" }), { errCode, componentSignature });
}

function describe(value) {
  if (typeof value === "string") {
    return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}… (${value.length} characters)` : JSON.stringify(value);
  }
  if (typeof value === "bigint") return value + "n";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = attempt(() => Object.prototype.toString.call(value).slice(8, -1)) ?? "Object";
  return (/^[AEIOU]/.test(tag) ? "an " : "a ") + tag;
}

const types = ["undefined", "object", "string", "number", "function"];

/** What a value is: its place in `types`, or -1. null is 5. */
export const kind = (value) => (value === null ? 5 : types.indexOf(typeof value));

// The values that `kind` has told apart, a step at a time.
export const number = (value) => value;
export const length = (list) => list.length;
export const at = (list, index) => list[index];
export const unit = (text, index) => text.charCodeAt(index);
export const code = ({ event }) => event.code;

const CONNECTING = 0;
const CONNECTED = 1;
const CLOSING = 2;
export const statusName = (index) => ["Connecting", "Connected", "Closing", "Closed"][index];
const dataTypes = ["text", "blob", "object"];
export const dataTypeName = (index) => dataTypes[index];
export const dataTypeIndex = (name) => dataTypes.indexOf(name);

let ids;

/** Threads and copies of the package share nothing to count with: each counts on from a place of its own. */
function nextId() {
  ids ??= Math.floor(Math.random() * 2 ** 32) * 2 ** 20;
  return ++ids;
}

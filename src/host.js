// What has to be JavaScript: everything that touches a payload, calls an application's code, or differs by host.
// A payload that stays on this side costs nothing to carry; an exception that is caught here never crosses wasm.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const componentSignature = "4DWS";

// --- The host's class -------------------------------------------------------------------------------------------

/** The host's own class, looked up at each call so that test doubles are seen; on a Node that has none, `ws`. */
export function hostClass() {
  return globalThis.WebSocket ?? (nodeClass ??= findNodeClass());
}

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

/** The text of an absolute `ws:` or `wss:` URL without a fragment, as it was passed; undefined if it is none. */
export function urlText(url) {
  return attempt(() => {
    const text = typeof url === "string" ? url : Object.prototype.toString.call(url) === "[object URL]" ? url.href : "";
    const { protocol, hostname } = new URL(text);
    // Chromium lets a space in a host pass, as "%20".
    if (/^wss?:[^%]+$/.test(protocol + hostname) && !text.includes("#")) return text;
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

/** Opens a host connection; undefined if the host objects (`takeFault`). `headers` is a list as of `headerList`. */
export function connect(HostClass, url, protocols = [], headers, dataType) {
  return attempt(() => {
    // workerd takes it as it is: it sends letters beyond ASCII as they are, and refuses `ws:host`.
    url = new URL(url).href;
    const socket = headers ? openWithHeaders(HostClass, url, protocols, headers) : new HostClass(url, protocols);
    socket.binaryType = dataType === 1 ? "blob" : "arraybuffer";
    return socket;
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

const kinds = ["open", "message", "error", "close"];

/** Calls back for each kind of event of a host connection, in the order of `kinds`. */
export function listen(socket, ...callbacks) {
  kinds.forEach((kind, at) => socket.addEventListener(kind, callbacks[at]));
}

export function unlisten(socket, ...callbacks) {
  kinds.forEach((kind, at) => socket.removeEventListener(kind, callbacks[at]));
}

export const isEnding = (socket) => socket.readyState > 1;

/** Lets go of a connection that may not have ended on the host's side. */
export function release(socket) {
  if (socket.readyState === 3) return;
  // The peer may wait for the answer to its close frame: workerd, as it was before 2026-04-07, leaves that to us.
  if (socket.readyState) close(socket, 1000);
  // An `error` event of `ws` that nobody listens to ends the process.
  socket.addEventListener("error", () => {});
  // `ws` and Bun can end a connection whose peer is silent; elsewhere the host's own limits do.
  socket.terminate?.();
}

/** Closes the host connection. What a host may object to was checked before; the close timeout covers the rest. */
export function close(socket, code, reason = "") {
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

/** Calls `onMessage` with the message in `event` as the data type (0 text, 1 blob, 2 object) has it.
    Returns 1 if it cannot be had as that; `takeFault` tells why. */
export function deliver(dataType, object, handler, event) {
  let { data } = event;
  try {
    if (dataType === 1) {
      if (!(data instanceof Blob)) data = new Blob([data]);
    } else {
      if (typeof data !== "string") data = utf8.decode(data);
      if (dataType === 2) data = JSON.parse(data);
    }
  } catch (error) {
    fault = error;
    return 1;
  }
  try {
    // `call`, written out for the one callback that is called often.
    handler?.onMessage?.call(handler, object, { type: "message", data });
  } catch (error) {
    report(error);
  }
  return 0;
}

// --- Data sent --------------------------------------------------------------------------------------------------

/** The message as it goes to the host: a string, an ArrayBuffer or view, or a Blob; undefined if it is none, then
    `takeFault` may tell why. */
function payload(message) {
  if (typeof message === "string") return message;
  if (ArrayBuffer.isView(message)) return message;
  return attempt(() => {
    if (typeof message !== "object" || message === null) return;
    // Not `instanceof`: a buffer or a Blob may come from another realm.
    const tag = Object.prototype.toString.call(message);
    const isBinary = tag === "[object ArrayBuffer]" || (/ (Blob|File)]$/.test(tag) && isBlob(message));
    return isBinary ? message : JSON.stringify(message);
  });
}

const isBlob = (data) => typeof data.arrayBuffer === "function";
const isShared = (buffer) => typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;

/** The bytes of a buffer or view, as they are now. */
const copy = (data) => new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength).slice();

/** Sends a message at once. 0: sent; 1: a Blob, which has to be read first; 2: the host is not open any more;
    3: not a message; 4: the host objects (`takeFault`). */
export function send(socket, message) {
  const data = payload(message);
  if (data === undefined) return 3;
  if (isBlob(data)) return 1;
  // Asked after `payload`, which may have run an application's `toJSON`. A host drops in silence what it is given then.
  if (socket.readyState !== 1) return 2;
  try {
    // Hosts refuse a view of shared memory.
    socket.send(typeof data === "object" && isShared(data.buffer) ? copy(data) : data);
  } catch (error) {
    fault = error;
    return 4;
  }
  return 0;
}

/** The message as it is now, to be sent later; undefined if it is not a message (`takeFault`). */
export function frame(message) {
  const data = payload(message);
  if (data === undefined || typeof data === "string" || isBlob(data)) return data;
  return attempt(() => copy(data));
}

/** Messages that wait, as frames; those before `head` have left. */
export const outbox = () => ({ frames: [], head: 0, bytes: 0, isReading: false });

const size = (data) => (typeof data === "string" ? new TextEncoder().encode(data).length : data.size ?? data.byteLength);

export function push(outbox, frame) {
  outbox.frames.push(frame);
  outbox.bytes += size(frame);
}

export function clear(outbox) {
  Object.assign(outbox, { frames: [], head: 0, bytes: 0 });
}

/** How many messages wait. */
export const waiting = (outbox) => outbox.frames.length - outbox.head;

/** What waits to be sent, in bytes. */
export const buffered = (socket, outbox) => socket.bufferedAmount + outbox.bytes;

/** Hands the waiting messages to the host. 0: all of them; 1: a Blob has to be read first; 2: the host is not open any
    more; 4: the host objects (`takeFault`). */
export function flush(socket, outbox) {
  while (waiting(outbox)) {
    const { frames, head } = outbox;
    const data = frames[head];
    if (isBlob(data)) return 1;
    if (socket.readyState !== 1) return 2;
    // Out before it is sent: a host may call back while it takes it.
    frames[head] = undefined;
    outbox.head++;
    outbox.bytes -= size(data);
    try {
      socket.send(data);
    } catch (error) {
      // Unless what waited was given up meanwhile; what waited behind it may have left.
      if (outbox.frames === frames) {
        frames.splice(outbox.head, 0, data);
        outbox.bytes += size(data);
      }
      fault = error;
      return 4;
    }
  }
  outbox.frames.length = outbox.head = 0;
  return 0;
}

/** Reads the Blob in front, then calls `done` with true, or with false if it cannot be read (`takeFault`). */
export function read(outbox, done) {
  if (outbox.isReading) return;
  outbox.isReading = true;
  const { frames, head } = outbox;
  // `await` is there when the promise rejects: for workerd, as it was before 2026-03-03, one tick later is too late.
  (async () => await frames[head].arrayBuffer())().then(
    (bytes) => {
      outbox.isReading = false;
      frames[head] = bytes;
      done(true);
    },
    (error) => {
      fault = error;
      done();
    },
  );
}

// --- Callbacks --------------------------------------------------------------------------------------------------

function call(handler, name, object, event) {
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

export function callOpen(object, handler) {
  call(handler, "onOpen", object, { type: "open" });
}

/** `unsent` messages were still waiting; `source` is the host's event, or the exception that was the cause. */
export function callError(object, handler, errCode, text, unsent, hostErrCode, source) {
  const message = unsent ? `${text}; ${unsent} message${unsent > 1 ? "s were" : " was"} not sent` : text;
  const errors = [{ errCode, message, componentSignature }];
  const said = words(source);
  if (said) errors.push({ errCode: hostErrCode, message: said, componentSignature });
  call(handler, "onError", object, { type: "error", errors });
}

/** `closeEvent` is the host's, undefined if there was no closing handshake. */
export function callTerminate(object, handler, code, closeEvent) {
  const reason = closeEvent?.reason ?? "";
  call(handler, "onTerminate", object, Object.freeze({ type: "terminate", code, reason, wasClean: !!closeEvent }));
}

/** What an event or an exception says; undefined if nothing. Some hosts say it only in what caused it. */
function words(source) {
  for (let depth = 0; source && depth < 4; depth++) {
    for (const text of [source.message, source.reason, source.code]) if (text && typeof text === "string") return text;
    source = source.error ?? source.cause ?? source.errors?.[0];
  }
}

/** Calls back in a turn of its own, before anything else happens. */
export function soon(callback) {
  queueMicrotask(() => callback());
}

// --- Errors and properties --------------------------------------------------------------------------------------

/** The exception `new`, `send` and `terminate` throw: `{name}` and `{got}` in the text are filled in. */
export function exception(errCode, text, name, got, cause) {
  const message = text.replace("{name}", () => name).replace("{got}", () => describe(got));
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
export const text = (value = "") => value;
export const code = (closeEvent) => closeEvent.code;

/** The subprotocol that the server chose; undefined if it is not one of those that were offered. */
export function protocol(socket, offered = []) {
  const { protocol } = socket;
  if (!protocol || offered.includes(protocol)) return protocol ?? "";
}

export const start = (milliseconds, callback) => setTimeout(callback, milliseconds);
export const stop = (timer) => clearTimeout(timer);
export const now = () => performance.now();

export const statusName = (index) => ["Connecting", "Connected", "Closing", "Closed"][index];
export const dataTypeName = (index) => ["text", "blob", "object"][index];

const handlers = new WeakMap();

/** Hands a handler over to the garbage collector: it stays as long as the object it belongs to, or anyone, has it.
    A root in wasm would keep both for ever when the handler refers to the object. */
export function keep(object, handler) {
  handlers.set(object, handler);
  return new WeakRef(handler);
}

export const kept = (weak) => weak.deref();

let ids;

/** Threads and copies of the package share nothing to count with: each counts on from a place of its own. */
export function nextId() {
  ids ??= Math.floor(Math.random() * 2 ** 32) * 2 ** 20;
  return ++ids;
}

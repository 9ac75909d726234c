// How hosts' classes are found and called, in which they differ.

/** Has nobody miss an `error` event of a host's connection: one of `ws` would end the process. */
export const quiet = (socket) => socket.addEventListener("error", () => {});

/** The headers with the user and the password of a URL, which has none then; undefined if there are none. */
function authorize(url, headers) {
  const { username, password } = url;
  const credentials = `${username}:${password}`;
  if (credentials === ":") return headers;
  Object.assign(url, { username: "", password: "" });
  if (headers?.some(([name]) => /^authorization$/i.test(name))) return headers;
  // RFC 7617
  const bytes = credentials.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(`0x${hex}`));
  return [...(headers ?? []), ["Authorization", `Basic ${btoa(bytes)}`]];
}

/** The options of `ws`, with lists of values by names, of which those that differ in case are one. */
function optionsOfWs(pairs = []) {
  const headers = { __proto__: null };
  const names = { __proto__: null };
  for (const [name, value] of pairs) (headers[(names[name.toLowerCase()] ??= name)] ??= []).push(value);
  // The sending of its request may throw, and leave a connection behind that nobody has.
  const finishRequest = (request, socket) => {
    quiet(socket);
    request.end();
  };
  return { headers, finishRequest };
}

const PASSWORD = /^(?:([^:]*:)(?:\/\/|[^:]*:)|\/\/)[^]*@/;

/** A text that is to be a URL, without what may be a password in it. */
export const withoutPassword = (text) => (typeof text === "string" ? text.replace(PASSWORD, "$1…@") : text);

/** A connection of a class. */
function connect(Class, isWs, url, text, protocols, pairs) {
  const headers = authorize(url, pairs);
  // Parsed, since workerd sends letters beyond ASCII as they are, and refuses `ws:host`.
  if (isWs) return new Class(url.href, protocols, optionsOfWs(headers));
  if (!headers) return new Class(url.href, protocols);
  try {
    return new Class(url.href, { headers, protocols });
  } catch (error) {
    if (pairs) throw error;
    // A host that sends no headers takes a user and a password from the URL.
    return new Class(text, protocols);
  }
}

/** Opens a connection. `text` is the URL as it was passed, `pairs` are the headers, if there are any. */
export function open(Class, isWs, url, text, protocols, pairs, isBlob) {
  const socket = connect(Class, isWs, url, text, protocols, pairs);
  socket.binaryType = isBlob ? "blob" : "arraybuffer";
  return socket;
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

// The differences between hosts. The cases are the same everywhere, and the facts that they need are here, each with
// its reason. A case with `needs` is skipped with the reason if a fact does not hold.

const browsers = ["Chromium", "Firefox", "WebKit"];

const isNot =
  (...names) =>
  (host) =>
    !names.includes(host.name);

/** The `WebSocket` of Node itself, up to Node 22. */
const isUndici6 = (host) => host.name === "Node" && !host.hasWs && Number.parseInt(host.version, 10) <= 22;

/** Each fact: the reason why a host may lack it, and whether it holds on a host. One that takes no host is only known
    for the host that runs this. */
export const facts = {
  package: {
    reason: "the plain class has not got the finish of the npm package",
    holds: (host) => host.isPackage,
  },
  reconnecting: {
    reason: "only the npm package has the entry for a connection that comes back",
    holds: (host) => host.ReconnectingWebSocket !== undefined,
  },
  gc: {
    reason: "the host does not let a test collect garbage",
    holds: () => typeof globalThis.gc === "function",
  },
  memory: {
    reason: "nobody saw the wasm memory being made",
    holds: (host) => host.wasmMemory !== undefined,
  },
  heap: {
    reason: "the host does not tell the size of its heap",
    holds: () => heapSize() !== undefined,
  },
  counts: {
    reason: "nobody counts the calls of wasm",
    holds: (host) => host.counted !== undefined,
  },
  copies: {
    reason: "the package cannot be imported twice",
    holds: (host) => host.importCopy !== undefined,
  },
  globals: {
    reason: "nobody noted the globals before the package was imported",
    holds: (host) => host.newGlobals !== undefined,
  },
  // Bun has its own `ws`.
  needsClass: {
    reason: "the package `ws` is there to be used where there is no WebSocket",
    holds: (host) => !host.hasWs && host.name !== "Bun",
  },
  usesWs: {
    reason: "this host has a WebSocket of its own",
    holds: (host) => host.hasWs,
  },
  sendsHeaders: {
    reason: "a page and workerd cannot send headers with a handshake",
    holds: isNot(...browsers, "workerd"),
  },
  refusesHeaders: {
    reason: "this host sends headers with a handshake",
    holds: (host) => !host.sendsHeaders,
  },
  addsUserAgent: {
    reason: "this host sends one User-Agent",
    holds: (host) => host.name === "Deno",
  },
  compiles: { reason: "this host imports wasm modules and compiles none", holds: isNot("workerd") },
  // Deno, workerd and `ws` report the status of a failed handshake in a message. The messages of others are not useful.
  tellsStatus: {
    reason: "this host does not tell the HTTP status of a failed handshake",
    holds: (host) => host.hasWs || ["Deno", "workerd"].includes(host.name),
  },
  // `ws` reports ECONNREFUSED. Bun, Deno, workerd and Node 22 report a sentence. Pages deliberately get no message.
  tellsRefusal: {
    reason: "this host does not say why a connection was refused",
    holds: (host) => host.hasWs || ["Bun", "Deno", "workerd"].includes(host.name) || isUndici6(host),
  },
  // Deno reports its next attempt, by HTTP/2. The messages of others are missing or not useful.
  tellsCertificate: {
    reason: "this host does not say what is wrong with a certificate",
    holds: (host) => host.hasWs || host.name === "Bun",
  },
  // WebKitGTK follows a redirect, and opens the connection.
  failsRedirects: { reason: "this host follows redirects", holds: isNot("WebKit") },
  // Firefox opens a connection without a protocol, and ignores the server's choice.
  checksNoOffer: { reason: "this host takes a protocol for no offer", holds: isNot("Firefox") },
  checksAccept: { reason: "this host does not check the accept key", holds: isNot("Deno") },
  // undici 6 dispatches no event, as if the handshake stalled. The end is only known after `terminate()`.
  checksUpgrade: {
    reason: "this host says nothing of a 101 without the Upgrade header",
    holds: (host) => !isUndici6(host),
  },
  checksMask: {
    reason: "this host takes a masked frame from a server",
    holds: isNot("Firefox", "Deno", "workerd"),
  },
  // workerd answers with a pong that is too long for the server.
  checksPingLength: { reason: "this host takes a ping of 126 bytes", holds: isNot("workerd") },
  checksCloseLength: {
    reason: "this host takes a close frame of one byte",
    holds: isNot("Firefox", "workerd"),
  },
  // undici decodes text frames with a decoder that drops the mark.
  keepsMark: {
    reason: "this host drops a byte order mark from a text frame",
    holds: (host) => host.name !== "Node" || host.hasWs,
  },
  // RFC 6455 ends with 1011. The registry of close codes has added these.
  takesCode1012: { reason: "this host takes close codes 1012 and 1013 for errors", holds: isNot("WebKit") },
  takesCode1014: { reason: "this host takes close code 1014 for an error", holds: isNot("Deno", "WebKit") },
  keepsNul: { reason: "this host ends a reason at a NUL", holds: isNot("WebKit") },
  // Deno reports 1005 and a clean end, as after an empty close frame.
  tellsNoAnswer: {
    reason: "this host takes the end of the stream for an answer to its close frame",
    holds: isNot("Deno"),
  },
  // undici inflates a compressed message in the background. A close frame after it is lost if the stream ends
  // meanwhile.
  readsToTheEnd: {
    reason: "this host loses a close frame that comes right before the end of the stream",
    holds: (host) => host.name !== "Node" || host.hasWs,
  },
  tellsBuffered: {
    reason: "this host's bufferedAmount is 0 whatever it still has to write",
    holds: isNot("Deno", "WebKit"),
  },
  // libsoup counts in whole seconds, and gives up after 4.7 to 5.3 s. Firefox does after 20 s, the others later or
  // never.
  waitsForAnAnswer: {
    reason: "this host gives up a peer that does not answer its close frame by itself, after about 5 s",
    holds: isNot("WebKit"),
  },
  // `ws` and Bun pass the data to the system inside `send`, so that `bufferedAmount` stays 0.
  countsAtOnce: {
    reason: "this host writes a message inside of send",
    holds: (host) => !host.hasWs && host.name !== "Bun",
  },
  checksUtf8: { reason: "this host takes a text frame that is not UTF-8", holds: isNot("workerd") },
  // undici does not report the close frame before the server's FIN. Without a FIN, only `terminate()` ends the
  // connection.
  endsByCloseFrame: {
    reason: "this host waits for the end of the stream behind the server's close frame",
    holds: (host) => host.name !== "Node" || host.hasWs,
  },
  // Deno and Chromium fail to write their answer.
  keepsCloseOfCut: {
    reason: "this host may take a peer that is gone behind its close frame for a loss",
    holds: isNot("Deno", "Chromium"),
  },
  // While 16 connections are being opened, Chromium delays others by seconds. Firefox opens one at a time.
  takesMany: {
    reason: "this host delays connections when many are being opened",
    holds: isNot(...browsers, "workerd"),
  },
  tellsBrokenHandshake: {
    reason: "this host says nothing of a handshake that breaks off",
    holds: (host) => !isUndici6(host),
  },
  // Firefox opens one connection to a server at a time. After a failed one it waits, up to a minute.
  opensAgainAtOnce: { reason: "this host delays connections after one that failed", holds: isNot("Firefox") },
  // A page has shared memory only if it is isolated from other origins.
  sharedMemory: {
    reason: "this host has no SharedArrayBuffer",
    holds: () => typeof SharedArrayBuffer === "function",
  },
  // The handshake of a page has its origin and its cookies. The handshake of a program has neither.
  origin: { reason: "only a page or its worker has an origin", holds: (host) => browsers.includes(host.name) },
  environment: {
    reason: "a page and workerd have no environment variables",
    holds: isNot(...browsers, "workerd"),
  },
  // Node uses the proxy with NODE_USE_ENV_PROXY=1.
  usesProxy: {
    reason: "this host ignores the proxy that HTTP_PROXY names",
    holds: (host) => (host.name === "Node" && !host.hasWs) || host.name === "Deno",
  },
  // Deno and Node 26 send the handshake of a `ws:` URL to the proxy, which few proxies pass on.
  tunnels: {
    reason: "this host asks a proxy for no tunnel to a ws: URL",
    holds: (host) => host.name === "Node" && !host.hasWs && Number.parseInt(host.version, 10) < 26,
  },
  document: { reason: "only a page has a document", holds: () => typeof document === "object" },
  buffer: { reason: "only Node has Buffer", holds: () => typeof globalThis.Buffer === "function" },
  prints: { reason: "nothing tells what this host's console prints", holds: () => inspect !== undefined },
  dispose: { reason: "this host has no Symbol.dispose", holds: () => typeof Symbol.dispose === "symbol" },
};

const isChromium = (host) => host.name === "Chromium";

/** Numbers that depend on the host. */
const figures = {
  // The memory after these connections is measured.
  connections: (host) => (isChromium(host) ? 2000 : 10_000),
  // Chromium allows 255 connections to a host.
  connectionsAtOnce: (host) => (isChromium(host) ? 200 : 1000),
  // While 16 connections are being opened, Chromium delays others by seconds.
  openingsAtOnce: (host) => (isChromium(host) ? 8 : 1000),
  flood: (host) => (isChromium(host) ? 200_000 : 1_000_000),
};

/** The host with every fact as a boolean and every figure. A runner adds its own knowledge with `known`. */
export function describeHost(known = {}) {
  const host = { ...identify(), hasWs: typeof globalThis.WebSocket !== "function", isPackage: false, ...known };
  for (const [name, { holds }] of Object.entries(facts)) host[name] = holds(host);
  for (const [name, figure] of Object.entries(figures)) host[name] = figure(host);
  return host;
}

/** The used bytes of JavaScript's heap. `undefined` if the host does not report them. */
export function heapSize() {
  return globalThis.process?.memoryUsage?.().heapUsed ?? globalThis.performance.memory?.usedJSHeapSize;
}

/** The output of the host's console for a value. `undefined` if it is not accessible. */
export const inspect =
  globalThis.Deno?.inspect ?? globalThis.Bun?.inspect ?? globalThis.process?.getBuiltinModule?.("node:util")?.inspect;

/** The reason why a case that needs these facts cannot run. `undefined` if it can run. */
export function reasonToSkip(needs, host) {
  const missing = needs.find((need) => !host[need]);
  if (missing === undefined) return;
  return facts[missing].reason;
}

function identify() {
  if (globalThis.Bun) return { name: "Bun", version: Bun.version };
  if (globalThis.Deno) return { name: "Deno", version: Deno.version.deno };
  const agent = globalThis.navigator?.userAgent ?? "";
  if (agent === "Cloudflare-Workers") return { name: "workerd", version: "" };
  if (globalThis.process?.versions?.node) return { name: "Node", version: process.versions.node };
  for (const [name, pattern] of [
    ["Chromium", /Chrom(?:e|ium)\/([\d.]+)/],
    ["Firefox", /Firefox\/([\d.]+)/],
    // WebKit reports a constant to pages.
    ["WebKit", /AppleWebKit\/()/],
  ]) {
    const found = pattern.exec(agent);
    if (found) return { name, version: found[1] };
  }
  return { name: "unknown", version: agent };
}

/** The number of objects on JavaScript's heap. `undefined` if the host does not report it. */
export function objectCount() {
  return globalThis.process?.getBuiltinModule?.("node:v8").queryObjects?.(Object, { format: "count" });
}

/** Calls `listener` with each uncaught exception. Returns a function that removes the listener. */
export function onUncaught(listener) {
  // Bun has `addEventListener` and never calls it.
  if (typeof globalThis.addEventListener !== "function" || globalThis.Bun) {
    const kinds = ["uncaughtException", "unhandledRejection"];
    for (const kind of kinds) process.on(kind, listener);
    return () => kinds.forEach((kind) => process.off(kind, listener));
  }
  const onEvent = (event) => {
    event.preventDefault();
    const error = "reason" in event ? event.reason : (event.error ?? event.message);
    if (!isDenosOwn(error)) listener(error);
  };
  const kinds = ["error", "unhandledrejection"];
  for (const kind of kinds) globalThis.addEventListener(kind, onEvent);
  return () => kinds.forEach((kind) => globalThis.removeEventListener(kind, onEvent));
}

/** `true` for an error of Deno itself. If a connection is given up while it is being opened, Deno closes it once it is
    open. If the peer has reset it meanwhile, Deno leaves a rejected promise. A program cannot catch it: no line of the
    program is in its stack. */
function isDenosOwn(error) {
  return globalThis.Deno && /\(os error \d+\)$/.test(error?.message) && !error.stack.includes("\n");
}

// A server inside the page, for the examples. They need no network, and the server can misbehave on request.

/** The URL of the server. Each of its paths behaves in its own way. */
export const SERVER = "wss://server.example";

/** The round-trip time to the server, in milliseconds. */
const LATENCY = 40;

const accept = (socket) => socket.open();
const echo = (socket, data) => socket.receive(data);
const nothing = () => {};

/** The default behaviour of a path. */
const DEFAULT = {
  request: accept,
  opened: nothing,
  message: echo,
  closing: (socket, code, reason) => socket.end(code, reason, true),
};

/** The differences of each path from the default. */
const PATHS = {
  "/greeting": {
    opened: (socket) => ["Good morning", "You are the first", "Say something"].forEach(socket.receive, socket),
  },
  "/refused": { request: (socket) => socket.fail() },
  "/stall": { request: nothing },
  "/silent": { message: nothing, closing: nothing },
  "/restart": { opened: (socket) => socket.end(1012, "the server restarts", true) },
  "/cut": { opened: (socket) => socket.end(1006, "", false) },
  "/json": { opened: (socket) => socket.receive('{ "price": 12,') },
};

/** A double of the host's class. It connects to this server, whatever the URL is. */
class PageSocket extends EventTarget {
  readyState = 0;
  binaryType = "blob";
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  #server;
  #sent = Promise.resolve();

  constructor(url) {
    super();
    this.url = url;
    this.#server = { ...DEFAULT, ...PATHS[new URL(url).pathname] };
    this.#later(() => this.#server.request(this));
  }

  send(data) {
    const bytes = typeof data === "string" ? data : new Response(data).arrayBuffer();
    // Reading a Blob takes a turn. The messages after it wait.
    this.#sent = this.#sent.then(() => bytes).then((data) => this.#later(() => this.#server.message(this, data)));
  }

  close(code = 1005, reason = "") {
    if (this.readyState === 0) return this.fail();
    this.readyState = 2;
    this.#sent.then(() => this.#later(() => this.#server.closing(this, code, reason)));
  }

  // --- Actions of the server ---

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
    this.#later(() => this.#server.opened(this));
  }

  receive(data) {
    if (this.readyState !== 1) return;
    const isText = typeof data === "string" || this.binaryType === "arraybuffer";
    this.dispatchEvent(new MessageEvent("message", { data: isText ? data : new Blob([data]) }));
  }

  fail() {
    this.readyState = 3;
    this.#dispatchLater(new Event("error"), new CloseEvent("close", { code: 1006 }));
  }

  end(code, reason, wasClean) {
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }

  #dispatchLater(...events) {
    setTimeout(() => events.forEach((event) => this.dispatchEvent(event)));
  }

  #later(run) {
    setTimeout(() => {
      if (this.readyState !== 3) run();
    }, LATENCY);
  }
}

/** Calls a function that opens connections. They lead to this server, whatever their URLs are. */
export function inThisPage(open) {
  const { WebSocket } = globalThis;
  globalThis.WebSocket = PageSocket;
  try {
    return open();
  } finally {
    globalThis.WebSocket = WebSocket;
  }
}

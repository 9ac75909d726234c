// Runs before a sample, and before a server that belongs to it. It replaces the server of the sample's URLs.

{
  const { server, path } = globalThis.sample ?? JSON.parse(process.env.SAMPLE ?? "{}");
  const Host = globalThis.WebSocket;
  const sockets = [];

  /** The URL on the sample's server: the path that the sample's comment names, or else that of the URL. */
  function placed(address, protocol) {
    const url = new URL(address);
    if (server) return new URL(path ?? `${url.pathname}${url.search}`, server.replace("http", protocol));
    if (url.hostname === "127.0.0.1") return url; // The sample itself listens there.
    throw new Error(`the sample connects to ${url}, and no "server:" is said`);
  }

  globalThis.WebSocket = class WebSocket extends Host {
    constructor(url, ...args) {
      super(placed(url, "ws"), ...args);
      sockets.push(this);
    }
  };

  const { fetch } = globalThis;
  globalThis.fetch = (url, ...args) =>
    fetch(`${url}`.startsWith("https://example.com/") ? placed(url, "http") : url, ...args);

  if (globalThis.process) inProgram();
  else inPage();

  /** A program that is a server listens on a free port. A server of a sample prints its address and serves until stdin
      ends. If the sample itself is the server, a client sends messages to it, and ends it. */
  function inProgram() {
    const { Server } = process.getBuiltinModule("node:net");
    const { listen } = Server.prototype;
    Server.prototype.listen = function (_port, ...args) {
      this.once("listening", () => (process.env.SAMPLE ? converse : serve)(this.address().port));
      return listen.call(this, 0, ...args);
    };
  }

  function serve(port) {
    console.log(`http://127.0.0.1:${port}`);
    process.stdin.resume().on("end", () => process.exit());
  }

  function converse(port) {
    const socket = new Host(`ws://127.0.0.1:${port}`);
    const echoed = [];
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      socket.send("text");
      socket.send(new Uint8Array([1, 2, 3]));
    };
    socket.onmessage = ({ data }) => {
      echoed.push(typeof data === "string" ? data : `binary ${new Uint8Array(data)}`);
      if (echoed.length < 2) return;
      console.log(`echoed: ${echoed.join(", and ")}`);
      process.exit();
    };
  }

  /** Records the output of the page for the test. */
  function inPage() {
    const printed = [];
    globalThis.printed = printed;
    globalThis.connections = () => sockets.filter(({ readyState }) => readyState < Host.CLOSING).length;
    console.log = (...values) =>
      printed.push(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" "));
    globalThis.alert = (text) => printed.push(`alert: ${text}`);
    addEventListener("error", ({ message }) => printed.push(`uncaught: ${message}`));
    addEventListener("unhandledrejection", ({ reason }) => printed.push(`uncaught: ${reason}`));
  }
}

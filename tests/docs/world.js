// Runs before a sample in Node or in a page. It replaces the server of the sample's URLs with the test server.

{
  const { server, path } = globalThis.sample ?? JSON.parse(process.env.SAMPLE);
  const Host = globalThis.WebSocket;

  globalThis.WebSocket = class WebSocket extends Host {
    constructor(url, ...given) {
      if (!path) throw new Error(`the sample connects to ${url}, and no "server:" is said`);
      super(new URL(path, server), ...given);
    }
  };

  if (globalThis.process) inNode();
  else inPage();

  /** A sample that is a server listens on a free port. A client sends messages to it, and ends it. */
  function inNode() {
    const { Server } = process.getBuiltinModule("node:net");
    const { listen } = Server.prototype;
    Server.prototype.listen = function (_port, ...given) {
      this.once("listening", () => talk(this.address().port));
      return listen.call(this, 0, ...given);
    };
  }

  function talk(port) {
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
    const told = [];
    globalThis.told = told;
    console.log = (...values) =>
      told.push(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" "));
    globalThis.alert = (text) => told.push(`alert: ${text}`);
    addEventListener("error", ({ message }) => told.push(`uncaught: ${message}`));
    addEventListener("unhandledrejection", ({ reason }) => told.push(`uncaught: ${reason}`));
  }
}

// `node --expose-gc memory.js SUBJECT ws://127.0.0.1:PORT COUNT`: the memory of COUNT open connections.

const [name, server, count] = process.argv.slice(2);

const BATCH = 100;

const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = Reflect.construct(Instance, args, Instance);
  memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;

let onOpened;
const opened = (connection) => onOpened(connection);

/** An application has one set of callbacks for all connections. */
const openers = {
  async bare() {
    const callbacks = { open: (event) => opened(event.target), message() {}, error: () => process.exit(1), close() {} };
    return (url) => {
      const socket = new WebSocket(url);
      for (const kind in callbacks) socket.addEventListener(kind, callbacks[kind]);
    };
  },
  async package() {
    const { WebSocket } = await import("fourd-websocket");
    const handler = { onOpen: opened, onMessage() {}, onError: () => process.exit(1), onTerminate() {} };
    return (url) => WebSocket.new(url, handler);
  },
};

const open = await openers[name]();
const connections = [];

async function openSome(wanted) {
  for (const until = connections.length + wanted; connections.length < until; ) {
    const size = Math.min(connections.length + BATCH, until);
    await new Promise((resolve) => {
      onOpened = (connection) => connections.push(connection) === size && resolve();
      for (let more = size - connections.length; more > 0; more--) open(`${server}/echo`);
    });
  }
}

/** The memory of JavaScript, including wasm memory and the buffers outside of its heap. */
async function used() {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The part of it that is wasm memory, including the host's own. */
const wasmUsed = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

// These connections create all objects that are created only once.
await openSome(Math.ceil(count / 20));
const [before, wasmBefore, had] = [await used(), wasmUsed(), connections.length];
await openSome(Number(count));
const [value, wasm] = [(await used()) - before, wasmUsed() - wasmBefore];
process.stdout.write(JSON.stringify({ value, wasm, messages: connections.length - had }), () => process.exit());

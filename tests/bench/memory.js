// `node --expose-gc memory.js SUBJECT ws://127.0.0.1:PORT COUNT`: how much so many open connections take.

const [name, server, count] = process.argv.slice(2);

const BATCH = 100;

const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...given) {
  const instance = Reflect.construct(Instance, given, Instance);
  memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
  return instance;
};
WebAssembly.Instance.prototype = Instance.prototype;

let onOpened;
const opened = (connection) => onOpened(connection);

/** An application's callbacks are there once, for all connections. */
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

/** What JavaScript holds, the buffers outside its heap and wasm memory included. */
async function used() {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What of that is wasm memory, the host's own included. */
const wasmUsed = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

// These connections create everything that is created only once.
await openSome(Math.ceil(count / 20));
const [before, wasmBefore, had] = [await used(), wasmUsed(), connections.length];
await openSome(Number(count));
const [value, wasm] = [(await used()) - before, wasmUsed() - wasmBefore];
process.stdout.write(JSON.stringify({ value, wasm, messages: connections.length - had }), () => process.exit());

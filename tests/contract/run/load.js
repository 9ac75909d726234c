// Imports the package and records facts that are only visible at that moment.

/** The class under test, and the facts about the host. `reconnecting` is the specifier of the entry with the class that
    comes back. */
export async function load(specifier, reconnecting) {
  // Some of Node's globals add others when they are first read.
  for (const name of ["WebSocket", "fetch"]) Reflect.get(globalThis, name);
  const before = Object.getOwnPropertyDescriptors(globalThis);
  const memories = [];
  const { WebSocket } = await withInstances(memories, async () => use(await import(specifier)));
  const newGlobals = Reflect.ownKeys(globalThis).filter((name) => isChanged(before[name], name));
  const { ReconnectingWebSocket } = await import(reconnecting);
  const known = {
    isPackage: true,
    newGlobals: newGlobals.map(String),
    wasmMemory: memories[0],
    ReconnectingWebSocket,
  };
  const importCopy = copier(specifier);
  const counted = await loadCounted(importCopy);
  // Deno and Bun ignore the query and return the same module.
  const isCopy = counted.WebSocket !== WebSocket;
  return { WebSocket, known: isCopy ? { ...known, importCopy, counted } : known };
}

/** Imports a copy of the package that shares nothing with others. */
function copier(specifier) {
  const url = specifier.startsWith("/") ? specifier : import.meta.resolve(specifier);
  return (name) => import(`${url}?${name}`);
}

/** A copy of the package, and the number of calls of its module. */
async function loadCounted(importCopy) {
  const calls = { count: 0 };
  const counting =
    (call) =>
    (...args) => {
      calls.count += 1;
      return call(...args);
    };
  const countIn = ({ exports }) => {
    const seen = ([name, value]) => [name, typeof value === "function" ? counting(value) : value];
    return { exports: Object.fromEntries(Object.entries(exports).map(seen)) };
  };
  const { WebSocket } = await withInstances([], async () => use(await importCopy("counted")), countIn);
  return { WebSocket, calls };
}

/** The package may create its wasm module at its first use, so this calls it with an error. */
function use(module) {
  try {
    module.WebSocket.new();
  } catch {
    // The url is missing.
  }
  return module;
}

function isChanged(before, name) {
  if (!before) return true;
  // A getter of the host may replace itself with its value.
  return "value" in before && !Object.is(Object.getOwnPropertyDescriptor(globalThis, name).value, before.value);
}

/** Records the memory of each new wasm module, and replaces each instance with the result of `see`. */
async function withInstances(memories, call, see = (instance) => instance) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const instance = Reflect.construct(Instance, args, Instance);
    const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
    if (memory) memories.push(memory);
    return see(instance);
  };
  WebAssembly.Instance.prototype = Instance.prototype;
  try {
    return await call();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

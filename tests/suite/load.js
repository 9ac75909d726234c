// Imports the package and notes what can only be seen at that moment.

/** The class under test of a package, and what is known of the host now. */
export async function load(specifier) {
  // Some of Node's own globals put others there when they are first looked at.
  for (const name of ["WebSocket", "fetch"]) Reflect.get(globalThis, name);
  const before = Object.getOwnPropertyDescriptors(globalThis);
  const memories = [];
  const { WebSocket } = await withInstances(memories, () => importAndUse(specifier));
  const newGlobals = Reflect.ownKeys(globalThis).filter((name) => isChanged(before[name], name));
  return { WebSocket, known: { isPackage: true, newGlobals: newGlobals.map(String), wasmMemory: memories[0] } };
}

/** The package may make its wasm module when it is first used: a call that throws is a use. */
async function importAndUse(specifier) {
  const module = await import(specifier);
  try {
    module.WebSocket.new();
  } catch {
    // There is no url.
  }
  return module;
}

function isChanged(before, name) {
  if (!before) return true;
  // A getter of the host may make way for the value that it gave.
  return "value" in before && !Object.is(Object.getOwnPropertyDescriptor(globalThis, name).value, before.value);
}

/** Notes the memory of each wasm module that is made meanwhile. */
async function withInstances(memories, call) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...given) {
    const instance = Reflect.construct(Instance, given, Instance);
    const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
    if (memory) memories.push(memory);
    return instance;
  };
  WebAssembly.Instance.prototype = Instance.prototype;
  try {
    return await call();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

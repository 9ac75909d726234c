// The suite under wasm-bindgen-test, which takes this file with it and no other: the rest is imported from where it
// stands, in Node from the disk and in a browser from the test server.

const { process } = globalThis;

// The runner starts Node without --expose-gc.
if (process?.getBuiltinModule && !globalThis.gc) {
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  globalThis.gc = process.getBuiltinModule("node:vm").runInNewContext("gc");
}

const importSuite = (directory, server) =>
  import(process?.getBuiltinModule ? `file://${directory}/suite.js` : `${server}/files/suite/suite.js`);

/** The class of an object, which is not needed any more. */
export function classOf(ws) {
  ws.terminate();
  return ws.constructor;
}

/** The names of all cases, in lines. */
export async function names(directory, server) {
  const { cases } = await importSuite(directory, server);
  return cases.map(({ name }) => name).join("\n");
}

/** Runs a case on a class; throws what did not hold. */
export async function runCase(name, WebSocket, directory, server) {
  const { runNamed } = await importSuite(directory, server);
  const { ok, error, skipped } = await runNamed(name, WebSocket, server);
  if (!ok) throw new Error(error);
  if (skipped) console.log(`skipped: ${skipped}`);
}

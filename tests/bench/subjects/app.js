/** The class of a minimal app in Rust. `apps` is the address of their directory. */
export async function load(apps, name) {
  const { initSync, Connection } = await import(`${apps}/${name}/pkg/app.js`);
  initSync({ module: await read(`${apps}/${name}/pkg/app_bg.wasm`) });
  return Connection;
}

async function read(url) {
  // Node cannot fetch files.
  if (url.startsWith("file:")) return process.getBuiltinModule("node:fs").readFileSync(new URL(url));
  return (await fetch(url)).arrayBuffer();
}

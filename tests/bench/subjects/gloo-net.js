// A program in Rust with gloo-net, whose loops are its own.

/** `apps` is where the minimal apps are. */
export async function open(url, { apps }) {
  const { initSync, Connection } = await import(`${apps}/gloo-net/pkg/app.js`);
  initSync({ module: await read(`${apps}/gloo-net/pkg/app_bg.wasm`) });
  const connection = Connection.open(url);
  return {
    send: (text) => connection.sendText(text, 1),
    sendAll: (message, count) =>
      typeof message === "string" ? connection.sendText(message, count) : connection.sendBytes(message, count),
    receive: (count) => connection.receive(count),
    next: () => connection.receiveText(),
  };
}

async function read(url) {
  // Node fetches no files.
  if (url.startsWith("file:")) return process.getBuiltinModule("node:fs").readFileSync(new URL(url));
  return (await fetch(url)).arrayBuffer();
}

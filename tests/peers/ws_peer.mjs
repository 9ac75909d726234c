// The peer made with npm's `ws`. src/lib.rs documents the behaviour of peers.

import { createRequire } from "node:module";

// Installed with the other tools.
const { WebSocketServer } = createRequire(new URL("../../xtask/package.json", import.meta.url))("ws");

const listeners = new Set();

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 64 << 20,
  perMessageDeflate: true,
  handleProtocols: (offered) => offered.has("echo") && "echo",
});

server.on("listening", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

server.on("connection", (socket, { url }) => {
  // An error ends the connection. "close" follows.
  socket.on("error", () => {});
  if (url.startsWith("/ends")) reportEnds(socket);
  else echo(socket, url);
});

function reportEnds(socket) {
  listeners.add(socket);
  socket.on("close", () => listeners.delete(socket));
  socket.send("ready");
}

function echo(socket, target) {
  const end = { target, texts: 0, binaries: 0, code: null, reason: "" };
  socket.on("message", (data, isBinary) => {
    end[isBinary ? "binaries" : "texts"] += 1;
    const close = isBinary ? null : /^close (\d+) (.*)$/s.exec(data);
    if (close) socket.close(Number(close[1]), close[2]);
    else socket.send(data, { binary: isBinary });
  });
  socket.on("close", (code, reason) => {
    // The library reports 1006 if there was no close frame.
    if (code !== 1006) Object.assign(end, { code, reason: reason.toString() });
    for (const listener of listeners) listener.send(JSON.stringify(end));
  });
}

process.stdin.on("close", () => process.exit()).resume();

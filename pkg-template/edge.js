// The npm package's entry for edge hosts, which cannot compile WebAssembly. Their bundlers resolve the import to a
// compiled module. Cloudflare's bundlers support both `.wasm` and `.wasm?module`, those of Next.js and others only the
// latter.

import { classOn } from "./face.js";
import module from "./fourd_websocket.wasm?module";

export { shortcutOf } from "./face.js";
export { nextId } from "./shim.js";

export const WebSocket = classOn(() => module);

const { send } = WebSocket.prototype;

// workerd encodes lone surrogates as invalid UTF-8, and the peer would reject the message.
WebSocket.prototype.send = {
  send(message) {
    return send.call(this, typeof message === "string" ? message.toWellFormed() : message);
  },
}.send;

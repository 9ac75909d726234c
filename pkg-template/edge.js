// The npm package's entry for edge hosts, which compile no WebAssembly: their bundlers give the module, compiled, for
// its import. Cloudflare's know both `.wasm` and `.wasm?module`, those of Next.js and others the latter only.

import { classOn } from "./face.js";
import module from "./fourd_websocket.wasm?module";

export const WebSocket = classOn(() => module);

const { send } = WebSocket.prototype;

// workerd writes a lone surrogate as it is, which is no UTF-8: the message would not arrive as text.
WebSocket.prototype.send = {
  send(message) {
    return send.call(this, typeof message === "string" ? message.toWellFormed() : message);
  },
}.send;

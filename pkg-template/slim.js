// The npm package's entry without the module inside. The application passes the location of the `.wasm`, so that it is
// cached and streamed as a separate file.

import { classOn } from "./face.js";
import { unusable } from "./unusable.js";

let module;
let starting;

export const WebSocket = classOn(() => {
  if (!module)
    throw unusable(
      undefined,
      "the WebAssembly module is not there yet: await init(url), init(bytes) or init(module) first",
    );
  return module;
});

/** Loads the module. Later calls return the same promise, unless the first call failed. */
export function init(source) {
  return (starting ??= compile(source).then(
    (compiled) => {
      module = compiled;
    },
    (cause) => {
      starting = undefined;
      throw unusable(cause, `the WebAssembly module cannot be had: ${cause.message}`);
    },
  ));
}

async function compile(source) {
  const tag = Object.prototype.toString.call(source);
  if (tag === "[object WebAssembly.Module]") return source;
  if (tag === "[object ArrayBuffer]" || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  if (typeof source !== "string" && tag !== "[object URL]") {
    const got = typeof source === "object" ? tag.slice(8, -1) : String(source);
    throw unusable(
      undefined,
      `init takes the url of fourd_websocket.wasm, its bytes, or a WebAssembly.Module, got ${got}`,
    );
  }
  // Node's fetch does not support file: URLs.
  const files = /^file:/.test(source) && globalThis.process?.getBuiltinModule?.("node:fs");
  if (files) return WebAssembly.compile(await files.promises.readFile(new URL(source)));
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  // Only a response with this type can be compiled while it is downloaded.
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

// The npm package's entry, for every host that may compile a WebAssembly module: the module is inside this file, and
// compiled when the first connection is opened.

import { classOn, unusable } from "./face.js";
import { bytes } from "./module.js";

export const WebSocket = classOn(() => {
  try {
    return new WebAssembly.Module(bytes());
  } catch (cause) {
    throw unusable(cause);
  }
});

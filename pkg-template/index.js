// The npm package's entry for hosts that may compile WebAssembly. The module is inside this file, and is compiled when
// the first connection is opened.

import { classOn } from "./face.js";
import { bytes } from "./module.js";

export { shortcutOf } from "./face.js";
export { nextId } from "./shim.js";

export const WebSocket = classOn(() => new WebAssembly.Module(bytes()));

// The npm package's entry, for every host that may compile a WebAssembly module: the module is inside this file, and
// compiled when the first connection is opened.

import { classOn } from "./face.js";
import { bytes } from "./module.js";

export const WebSocket = classOn(() => new WebAssembly.Module(bytes()));

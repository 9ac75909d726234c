// The npm package's entry, for every host that may compile a WebAssembly module: the module is inside this file, and
// compiled when the first connection is opened.

import { WebSocket as Base, start } from "./fourd_websocket.js";
import { bytes } from "./module.js";

// An object is freed when nobody has it any more, never by hand.
delete Base.prototype.free;
delete Base.prototype.__destroy_into_raw;

let isStarted = false;

function compile() {
  try {
    return new WebAssembly.Module(bytes());
  } catch (cause) {
    const message = "WebAssembly cannot be used; a Content-Security-Policy has to allow 'wasm-unsafe-eval' in script-src";
    const error = Object.assign(new Error(message, { cause }), { errCode: 5000, componentSignature: "4DWS" });
    throw Object.defineProperty(error, "name", { value: "WebSocketError" });
  }
}

/** A WebSocket connection as 4D has it. */
export class WebSocket extends Base {
  static {
    // Whatever a bundler calls the class.
    Object.defineProperty(this, "name", { value: "WebSocket" });
  }

  static new(url, handler) {
    return new this(url, handler);
  }

  constructor(url, handler) {
    if (!isStarted) start(compile());
    isStarted = true;
    super(url, handler);
    // What the generated class returns knows nothing of subclasses.
    Object.setPrototypeOf(this, new.target.prototype);
  }

  // Where there is no `using` yet, there may be one made of it.
  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.terminate();
  }
}

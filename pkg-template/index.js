// The npm package's entry, for every host that may compile a WebAssembly module: the module is inside this file, and
// compiled when the first connection is opened.

import { WebSocket as Base, initSync } from "./fourd_websocket.js";
import { bytes } from "./module.js";

const { prototype } = Base;

// The generated class keeps its pointer in a property that anyone can see and set. Here it is a private field, put on
// the object that the generated class makes.
class Pointer extends (class {
  constructor(object) {
    return object;
  }
}) {
  #pointer;

  constructor(object, pointer) {
    super(object);
    this.#pointer = pointer;
  }

  static get(object) {
    if (!(#pointer in object)) throw new TypeError("this is not a fourd-websocket WebSocket");
    return object.#pointer;
  }
}

Object.defineProperty(prototype, "__wbg_ptr", {
  get() {
    return Pointer.get(this);
  },
  set(pointer) {
    new Pointer(this, pointer);
  },
});

// An object is freed when nobody has it any more, never by hand.
delete prototype.free;
delete prototype.__destroy_into_raw;

// Asked for the module once, when there is none yet.
const source = {
  get module() {
    try {
      return new WebAssembly.Module(bytes());
    } catch (cause) {
      const message = "WebAssembly cannot be used here; a Content-Security-Policy has to allow 'wasm-unsafe-eval' in script-src";
      const error = Object.assign(new Error(message, { cause }), { errCode: 5000, componentSignature: "4DWS" });
      throw Object.defineProperty(error, "name", { value: "WebSocketError" });
    }
  },
};

/** A WebSocket connection as 4D has it. */
export class WebSocket extends Base {
  static new(url, handler) {
    return new this(url, handler);
  }

  static {
    // Whatever a bundler calls the class.
    Object.defineProperty(this, "name", { value: "WebSocket" });
  }

  constructor(url, handler) {
    initSync(source);
    super(url, handler);
    // What the generated class returns knows nothing of subclasses.
    Object.setPrototypeOf(this, new.target.prototype);
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.terminate();
  }
}

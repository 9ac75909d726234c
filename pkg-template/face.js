// The class of the package on every host: it wraps the crate's class, so that it looks and behaves like a class of
// JavaScript. The entries differ in how they load the wasm module.

import { WebSocket as Connection, initSync } from "./fourd_websocket.js";
import { aborted } from "./no-module.js";
import { unusable } from "./unusable.js";
import { Waiters } from "./waiters.js";

/** The shortcut of an object of the class. `fourd-websocket/reconnecting` uses it. */
export let shortcutOf;

/** The class on the `WebAssembly.Module` that `module` returns when the first connection is opened. */
export const classOn = (module) => {
  // The object that stands for all ended connections, once the module is loaded.
  let ended;
  let show;

  /** The class. Consoles show its name. Minifiers shorten the names of classes, but not the keys of objects. */
  const { WebSocket } = {
    WebSocket: class {
      // The first three fields exist for consoles, which show them.
      #url;
      #status;
      #id;
      #shortcut;

      static {
        // Bundlers may rename the class.
        Object.defineProperty(this, "name", { value: "WebSocket" });
        show = ({ object, status, waiters }) => {
          object.#status = status;
          waiters?.update();
        };
        shortcutOf = (object) => {
          // Not every compiler for older syntax supports `#shortcut in object`.
          try {
            return object.#shortcut;
          } catch {
            throw new TypeError("this is not a WebSocket of fourd-websocket");
          }
        };
      }

      static new(url, handler) {
        return new this(url, handler);
      }

      static connect(...given) {
        try {
          return Waiters.of(shortcutOf(new this(...given))).connected();
        } catch (error) {
          const isAborted = error?.errCode === aborted && "cause" in error;
          return Promise.reject(isAborted ? error.cause : error);
        }
      }

      constructor(url, handler) {
        try {
          if (!ended) initSync({ module: module() });
          ended ??= Connection.ended();
        } catch (cause) {
          throw unusable(cause);
        }
        const shortcut = Connection.openFor(this, url, handler);
        shortcut.ended = ended;
        this.#url = shortcut.url;
        this.#status = shortcut.status;
        this.#id = shortcut.id;
        this.#shortcut = shortcut;
        shortcut.show = show;
      }

      send(message) {
        let shortcut;
        try {
          // Not with `shortcutOf`: a call of a function that is assigned late takes as long as the rest of `send`.
          shortcut = this.#shortcut;
        } catch {
          shortcutOf(this);
        }
        shortcut.send(message);
      }

      terminate(code, reason) {
        shortcutOf(this).call("terminate", code, reason);
      }

      drained(bytes = 0) {
        return Waiters.of(shortcutOf(this)).drained(bytes);
      }

      messages(options) {
        return Waiters.of(shortcutOf(this)).messages(options?.limit ?? 1024);
      }

      get closed() {
        return Waiters.of(shortcutOf(this)).closed;
      }

      get url() {
        return shortcutOf(this).url;
      }

      get handler() {
        return shortcutOf(this).handler;
      }

      get dataType() {
        return shortcutOf(this).dataType;
      }

      get id() {
        return shortcutOf(this).id;
      }

      get protocol() {
        return shortcutOf(this).protocol;
      }

      get status() {
        const { status, isOpen, socket } = shortcutOf(this);
        // The host's connection may be closing while its `close` event is pending.
        return isOpen && socket.readyState > 1 ? "Closing" : status;
      }

      get bufferedAmount() {
        const { waiting, socket } = shortcutOf(this);
        return socket ? socket.bufferedAmount + waiting : 0;
      }

      // The tag of the host's class. Because of it, Vue does not make the object reactive.
      get [Symbol.toStringTag]() {
        return "WebSocket";
      }

      // Compilers for older syntax implement `using` with these symbols.
      [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
        this.terminate();
      }

      [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
        this.terminate();
        return this.closed;
      }

      [Symbol.asyncIterator]() {
        return this.messages();
      }

      // The output in the consoles of Node, Deno and Bun. Browsers show the private fields.
      [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
        const { url, status, id } = this;
        return `${this.constructor.name} ${inspect({ url, status, id, ...this }, { ...options, depth })}`;
      }
    },
  };
  return WebSocket;
};

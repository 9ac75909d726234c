// The class that an application gets, whatever host it is for: the crate's own, inside of one that looks and behaves like a
// class of JavaScript. The entries differ in where the wasm module comes from.

import { WebSocket as Connection, initSync } from "./fourd_websocket.js";
import { aborted, componentSignature, errCode, message as noModule } from "./no-module.js";
import { Waiters } from "./waiters.js";

/** What is thrown where the package cannot be used: an error of this kind as it is. */
export function unusable(cause, message = noModule) {
  if (cause?.errCode) return cause;
  const error = new Error(message, { cause });
  Object.defineProperty(error, "name", { value: "WebSocketError" });
  return Object.assign(error, { errCode, componentSignature });
}

/** The class on the `WebAssembly.Module` that `module` returns when the first connection is opened. */
export const classOn = (module) => {
  // What stands for all connections that have ended, once the module is there.
  let ended;
  let show;
  let shortcutOf;

  /** A WebSocket connection as 4D has it. A minifier shortens the names of classes, which consoles show, but no keys. */
  const { WebSocket } = {
    WebSocket: class {
      // The first three are there to be seen: consoles show them.
      #url;
      #status;
      #id;
      #shortcut;

      static {
        // Whatever a bundler calls the class.
        Object.defineProperty(this, "name", { value: "WebSocket" });
        show = ({ object, status, waiters }) => {
          object.#status = status;
          waiters?.look();
        };
        shortcutOf = (object) => {
          // Not every compiler for older syntax knows how to ask whether there is one.
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
          // By itself: a function that is assigned late takes as long as all else.
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
        // The peer may be closing, and the host's `close` event still to come.
        return isOpen && socket.readyState > 1 ? "Closing" : status;
      }

      get bufferedAmount() {
        const { waiting, socket } = shortcutOf(this);
        return socket ? socket.bufferedAmount + waiting : 0;
      }

      // As that of the host's class; by it, Vue leaves the object as it is.
      get [Symbol.toStringTag]() {
        return "WebSocket";
      }

      // Where there is no `using` yet, there may be one made of it.
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

      // How Node, Deno and Bun print it; browsers show its private fields.
      [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
        const { url, status, id } = this;
        return `${this.constructor.name} ${inspect({ url, status, id, ...this }, { ...options, depth })}`;
      }
    },
  };
  return WebSocket;
};

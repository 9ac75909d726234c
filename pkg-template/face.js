// The class that an application gets, whatever host it is for. The entries differ in where the wasm module comes from.

import {
  buffered,
  exception,
  handlerOf,
  listen,
  open,
  send,
  setLaw,
  statusName,
  terminate,
  wireOf,
} from "./host.js";

/** What is thrown where the package cannot be used: with the table's text, or another in which `{got}` is filled in. */
export const unusable = (message, cause, got) => exception(5000, got, cause, undefined, message);

/** The class on the `WebAssembly.Module` that `module` returns when the first connection is opened. */
export const classOn = (module) => {
  let isStarted = false;

  /** A WebSocket connection as 4D has it. A minifier shortens the names of classes, which consoles show, but no keys. */
  const { WebSocket } = {
    WebSocket: class {
      static {
        // Whatever a bundler calls the class.
        Object.defineProperty(this, "name", { value: "WebSocket" });
      }

      static new(url, handler) {
        return new this(url, handler);
      }

      constructor(url, handler) {
        if (!isStarted) setLaw(new WebAssembly.Instance(module()).exports);
        isStarted = true;
        listen(open(url, handler), this);
      }

      send(message) {
        send(this, message);
      }

      terminate(code, reason) {
        terminate(wireOf(this), code, reason);
      }

      get url() {
        return wireOf(this).url;
      }

      get handler() {
        return handlerOf(this);
      }

      get dataType() {
        return wireOf(this).dataType;
      }

      get id() {
        return wireOf(this).id;
      }

      get protocol() {
        return wireOf(this).protocol;
      }

      get status() {
        return statusName(wireOf(this));
      }

      get bufferedAmount() {
        return buffered(wireOf(this));
      }

      // As that of the host's class; by it, Vue leaves the object as it is.
      get [Symbol.toStringTag]() {
        return "WebSocket";
      }

      // Where there is no `using` yet, there may be one made of it.
      [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
        this.terminate();
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

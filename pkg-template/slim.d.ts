/**
 * The package without the WebAssembly module inside. The application loads the module as a file.
 *
 * @module fourd-websocket/slim
 */

export * from "./index.js";

/** A `URL` and a `WebAssembly.Module`, if the environment declares them. */
type AnyUrl = typeof globalThis extends { URL: { prototype: infer U } } ? U : never;
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M & object : never;

/**
 * Loads the WebAssembly module. Until the module is loaded, `new` of `fourd-websocket/slim` throws. Later calls return
 * the same promise. If the call has failed, you can call `init` again.
 *
 * @param source The URL of the package's `fourd_websocket.wasm`, its bytes, or the compiled module. A response with the
 * type `application/wasm` is compiled while it is downloaded.
 * @throws {WebSocketError} The promise is rejected with error 5000 if `source` has another type, or the module
 * cannot be loaded or compiled.
 */
export function init(source: string | AnyUrl | ArrayBuffer | ArrayBufferView | Module): Promise<void>;

// Without this, every declaration would be exported, also `Module`.
export {};

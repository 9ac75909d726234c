/**
 * The same without the WebAssembly module inside, which the application has as a file.
 *
 * @module fourd-websocket/slim
 */

export * from "./index.js";

/** A `URL` and a `WebAssembly.Module`, where the surroundings have types for them. */
type AnyUrl = typeof globalThis extends { URL: { prototype: infer U } } ? U : never;
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M & object : never;

/**
 * Makes the class of `fourd-websocket/slim` usable; before, `new` throws. Where it was called before, or is being called,
 * it does nothing more; where it failed, it can be called again.
 *
 * @param source Where the package's `fourd_websocket.wasm` is, to be fetched, and compiled as it comes where the server
 * calls it `application/wasm`; its bytes; or the module.
 * @throws {WebSocketError} `errCode` 5000, by rejection, if `source` is none of these, or the module cannot be had or compiled.
 */
export function init(source: string | AnyUrl | ArrayBuffer | ArrayBufferView | Module): Promise<void>;

// Nothing but what says so is exported: not `Module`.
export {};

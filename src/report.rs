//! Microtasks, independent of what an application replaces the host's globals with.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Rethrows an application's exception in a microtask, as an uncaught exception. The connection stays open.
    pub(crate) fn report(error: &JsValue);
    /// Calls back in a microtask, before any other event.
    pub(crate) fn soon(callback: &JsValue);
}

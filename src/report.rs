//! Turns of their own, which come whatever an application puts in the place of its host's globals.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Has an exception surface as uncaught, in a turn of its own: it is the application's, and the connection goes on.
    pub(crate) fn report(error: &JsValue);
    /// Calls back in a turn of its own, before anything else happens.
    pub(crate) fn soon(callback: &JsValue);
}

//! Exceptions of an application's callbacks.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Has an exception surface as uncaught, in a turn of its own: it is the application's, and the connection goes on.
    pub(crate) fn report(error: &JsValue);
}

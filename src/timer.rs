//! Calls at a later time.

use wasm_bindgen::prelude::*;

/// What is called by the host, with an event or with nothing. Each may be called while it is being called.
pub(crate) type Callback = Closure<dyn Fn(JsValue)>;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers are seen.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;
}

/// Calls back once, after so many milliseconds.
#[must_use = "a timer ends when it is dropped"]
pub(crate) struct Timer {
    id: JsValue,
    _callback: Callback,
}

impl Timer {
    pub(crate) fn new(milliseconds: f64, callback: Callback) -> Self {
        Self { id: set_timeout(callback.as_ref(), milliseconds), _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

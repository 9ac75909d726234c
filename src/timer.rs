//! A call at a later time.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers are seen.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(callback: &JsValue);
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;
}

/// Calls back once, after so many milliseconds.
#[must_use = "a timer ends when it is dropped"]
pub(crate) struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    pub(crate) fn new(milliseconds: f64, callback: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once_assert_unwind_safe(callback);
        Self { id: set_timeout(callback.as_ref(), milliseconds), _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// Calls back in a turn of its own, before anything else happens.
pub(crate) fn soon(callback: impl FnOnce() + 'static) {
    queue_microtask(&Closure::once_into_js(callback));
}

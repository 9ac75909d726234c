//! Timers and tasks.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

/// A function that the host calls, with an event or without arguments. It is reentrant.
pub(crate) type Callback = Closure<dyn Fn(JsValue)>;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers work.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Calls back in a new task, after all pending microtasks. Fake timers do not affect it.
    pub(crate) fn task(callback: &JsValue);
}

/// Calls back once, after a number of milliseconds.
#[must_use = "a timer is cancelled when it is dropped"]
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

/// A function that frees itself after its first call, for hosts' APIs that cannot be cancelled.
pub(crate) fn once(call: impl Fn(JsValue) + 'static) -> JsValue {
    let kept = Rc::new(Cell::new(None));
    let own = kept.clone();
    let callback = Callback::own_assert_unwind_safe(move |given| {
        // The closure stays alive until it has returned.
        drop(own.take());
        call(given);
    });
    let function = callback.as_ref().clone();
    kept.set(Some(callback));
    function
}

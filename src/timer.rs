//! Timers and tasks.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Date;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers work.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: f64) -> JsValue;
    // Fake timers throw for a timer that is not theirs.
    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    fn performance_now() -> Result<f64, JsValue>;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Calls back in a new task, after all pending microtasks. Fake timers do not affect it.
    pub(crate) fn task(callback: &JsValue);

    type Revocable;
    /// A function that calls another one until that is taken away.
    fn revocable(callback: &JsValue) -> Revocable;
    #[wasm_bindgen(method, setter)]
    fn set_callback(this: &Revocable, callback: &JsValue);
}

/// The time of the host's clock, in milliseconds. Not every environment has `performance`.
pub(crate) fn now() -> f64 {
    performance_now().unwrap_or_else(|_| Date::now())
}

/// A function that the host calls, with an event or without arguments. It is reentrant. Once it is dropped, calls of
/// the host do nothing: fake timers may not clear a timer, and a test double may not remove a listener.
pub(crate) struct Callback {
    function: Revocable,
    _closure: Closure<dyn Fn(JsValue)>,
}

impl Callback {
    pub(crate) fn own_assert_unwind_safe(call: impl Fn(JsValue) + 'static) -> Self {
        let closure = Closure::own_assert_unwind_safe(call);
        Self { function: revocable(closure.as_ref()), _closure: closure }
    }
}

impl AsRef<JsValue> for Callback {
    fn as_ref(&self) -> &JsValue {
        &self.function
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.function.set_callback(&JsValue::UNDEFINED);
    }
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
        let _ = clear_timeout(&self.id);
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

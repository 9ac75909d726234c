//! A call at a later time.

use wasm_bindgen::JsValue;

use crate::host::{self, Callback};

/// Calls back once, unless it is dropped before.
#[must_use = "a timer ends when it is dropped"]
pub(crate) struct Timer {
    id: JsValue,
    _callback: Callback,
}

impl Timer {
    pub(crate) fn new(milliseconds: f64, callback: Callback) -> Self {
        Self { id: host::start(milliseconds, callback.as_ref()), _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        host::stop(&self.id);
    }
}

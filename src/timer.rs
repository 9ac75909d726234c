//! A repeated call.

use wasm_bindgen::JsValue;

use crate::host::{self, Callback};

/// Calls back again and again, until it is dropped.
#[must_use = "a timer ends when it is dropped"]
pub(crate) struct Timer {
    id: JsValue,
    _callback: Callback,
}

impl Timer {
    pub(crate) fn every(milliseconds: f64, callback: Callback) -> Self {
        Self { id: host::every(milliseconds, callback.as_ref()), _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        host::stop(&self.id);
    }
}

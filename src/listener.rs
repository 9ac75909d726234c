//! A reentrant event listener.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::timer::Callback;

/// Listens until it is dropped. [`EventListener`](gloo_events::EventListener) does not fit: its callback is an `FnMut`,
/// but a host may deliver a message inside another one, before a call of `send` returns. It also panics if the target
/// throws.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    function: Function,
    _callback: Callback,
}

impl Listener {
    /// Attaches `function`, which calls `callback`. Fails with the exception that the target throws.
    pub(crate) fn new(
        target: &EventTarget,
        name: &'static str,
        callback: Callback,
        function: Function,
    ) -> Result<Self, JsValue> {
        target.add_event_listener_with_callback(name, &function)?;
        Ok(Self { target: target.clone(), name, function, _callback: callback })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, &self.function);
    }
}

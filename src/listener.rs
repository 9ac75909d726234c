//! A listener that may be called while it is being called.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::timer::Callback;

/// Listens until it is dropped. It is no [`EventListener`](gloo_events::EventListener), which is an `FnMut`: a message may
/// come inside of another, where a host answers before a call of `send` returns; and which panics where the target throws.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    function: Function,
    _callback: Callback,
}

impl Listener {
    /// Listens with `function`, which calls `callback`; what the target throws, if it does.
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

//! The events that callbacks receive, as objects.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::error::COMPONENT_SIGNATURE;
use crate::event::ErrorEntry;

#[wasm_bindgen]
extern "C" {
    /// An event that callbacks receive, or an entry of an error event.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone)]
    pub(super) type EventObject;
    #[wasm_bindgen(method, setter)]
    fn set_type(this: &EventObject, value: &str);
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_errors(this: &EventObject, value: &Array);
    #[wasm_bindgen(method, setter)]
    fn set_code(this: &EventObject, value: u16);
    #[wasm_bindgen(method, setter)]
    fn set_reason(this: &EventObject, value: &str);
    #[wasm_bindgen(method, setter, js_name = wasClean)]
    fn set_was_clean(this: &EventObject, value: bool);
    #[wasm_bindgen(method, setter, js_name = errCode)]
    fn set_err_code(this: &EventObject, value: i32);
    #[wasm_bindgen(method, setter)]
    fn set_message(this: &EventObject, value: &str);
    #[cfg(feature = "supervisor")]
    #[wasm_bindgen(method, getter)]
    pub(super) fn errors(this: &EventObject) -> Array;
    #[wasm_bindgen(method, setter, js_name = componentSignature)]
    fn set_component_signature(this: &EventObject, value: &str);
}

impl EventObject {
    pub(super) fn named(name: &str) -> Self {
        let event = Object::new().unchecked_into::<Self>();
        event.set_type(name);
        event
    }

    pub(super) fn set_end(&self, code: u16, reason: &str, was_clean: bool) {
        self.set_code(code);
        self.set_reason(reason);
        self.set_was_clean(was_clean);
    }
}

/// The entries of an error event.
pub(super) fn entries_of(errors: &[ErrorEntry]) -> Array {
    let entries = errors.iter().map(|error| {
        let entry = Object::new().unchecked_into::<EventObject>();
        entry.set_err_code(error.code.number());
        entry.set_message(&error.message);
        entry.set_component_signature(COMPONENT_SIGNATURE);
        entry
    });
    entries.collect()
}

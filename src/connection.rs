//! One connection, as programs in Rust and the plain class have it: it lives in `host.js`.

use std::cell::Cell;
use std::thread_local;

use wasm_bindgen::JsValue;

use crate::host::{self, Property};
use crate::status::Status;

thread_local! {
    /// Whether JavaScript has the law. Threads share this module's memory, but no JavaScript.
    static HAS_LAW: Cell<bool> = const { Cell::new(false) };
}

#[derive(Clone)]
pub(crate) struct Connection {
    /// JavaScript's side of it, which is all there is.
    wire: JsValue,
}

impl Connection {
    /// Opens a connection of which nothing is heard yet; nothing is open if it fails.
    pub(crate) fn open(url: &JsValue, handler: &JsValue) -> Result<Self, JsValue> {
        if !HAS_LAW.replace(true) {
            host::set_law();
        }
        Ok(Self { wire: host::open(url, handler)? })
    }

    /// Has all heard that happens from now on, until the end; `object` is what the callbacks are given.
    pub(crate) fn listen(&self, object: &JsValue) {
        host::listen(&self.wire, object);
    }

    pub(crate) fn send(&self, message: &JsValue) -> Result<(), JsValue> {
        host::send(&self.wire, message)
    }

    pub(crate) fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), JsValue> {
        host::terminate(&self.wire, code, reason)
    }

    pub(crate) fn status(&self) -> Status {
        match host::status_of(&self.wire) {
            0 => Status::Connecting,
            1 => Status::Connected,
            2 => Status::Closing,
            _ => Status::Closed,
        }
    }

    /// The status in 4D's word.
    #[cfg(feature = "class")]
    pub(crate) fn status_name(&self) -> JsValue {
        host::status_name(&self.wire)
    }

    pub(crate) fn property(&self, property: Property) -> JsValue {
        host::property(&self.wire, property as i32)
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        host::buffered(&self.wire)
    }
}

//! The fast path of programs in JavaScript: a message on an open connection needs no call into wasm.

#[cfg(feature = "class")]
pub(crate) use class::Shortcut;

/// Programs in Rust have no shortcut.
#[cfg(not(feature = "class"))]
pub(crate) enum Shortcut {}

#[cfg(not(feature = "class"))]
impl Shortcut {
    pub(crate) fn listener(&self, _: &js_sys::Function) -> js_sys::Function {
        match *self {}
    }

    pub(crate) fn update(&self, _: crate::status::Status, _: bool, _: bool, _: f64) {
        match *self {}
    }

    pub(crate) fn set_protocol(&self, _: &js_sys::JsString) {
        match *self {}
    }

    pub(crate) fn is_pending(&self) -> bool {
        match *self {}
    }

    pub(crate) fn waiting(&self) -> f64 {
        match *self {}
    }

    pub(crate) fn beat(&self, _: &wasm_bindgen::JsValue) -> Result<bool, wasm_bindgen::JsValue> {
        match *self {}
    }

    pub(crate) fn end(&self) {
        match *self {}
    }
}

#[cfg(feature = "class")]
mod class {
    use js_sys::{Function, JsString};
    use wasm_bindgen::prelude::*;

    use crate::data_type::DataType;
    use crate::socket::HostSocket;
    use crate::status::Status;

    #[wasm_bindgen(module = "/src/js/shim.js")]
    extern "C" {
        #[wasm_bindgen(js_name = Shortcut)]
        #[derive(Clone)]
        pub(crate) type Shortcut;
        #[wasm_bindgen(constructor, js_class = "Shortcut")]
        fn construct(handler: &JsValue, data_type: &str, status: &str) -> Shortcut;
        #[wasm_bindgen(method)]
        pub(crate) fn start(
            this: &Shortcut,
            object: &JsValue,
            url: &JsString,
            id: f64,
            socket: &HostSocket,
            rust: &JsValue,
        );
        #[wasm_bindgen(method)]
        pub(crate) fn listener(this: &Shortcut, receive: &Function) -> Function;
        #[wasm_bindgen(method, js_name = update)]
        fn set(this: &Shortcut, status: &str, is_open: bool, is_free: bool, waiting: f64);
        #[wasm_bindgen(method, setter)]
        pub(crate) fn set_protocol(this: &Shortcut, protocol: &JsString);
        /// A supervisor has still to send messages before the host's connection is closed.
        #[wasm_bindgen(method, getter, js_name = isPending)]
        pub(crate) fn is_pending(this: &Shortcut) -> bool;
        /// The bytes that wait in the queue, and in that of a supervisor.
        #[wasm_bindgen(method, getter)]
        pub(crate) fn waiting(this: &Shortcut) -> f64;
        /// Sends a heartbeat behind the queue of the supervisor. Returns whether there is a supervisor.
        #[wasm_bindgen(method, catch)]
        pub(crate) fn beat(this: &Shortcut, message: &JsValue) -> Result<bool, JsValue>;
        #[wasm_bindgen(method)]
        pub(crate) fn end(this: &Shortcut);
        /// Calls `onMessage`.
        #[wasm_bindgen(method)]
        pub(crate) fn deliver(this: &Shortcut, data: &JsValue);
        /// Calls a callback other than `onMessage`.
        #[wasm_bindgen(method)]
        pub(crate) fn emit(this: &Shortcut, callback: &str, event: &JsValue);
        /// Stores the program's signal that ended the connection.
        #[wasm_bindgen(method, setter)]
        pub(crate) fn set_signal(this: &Shortcut, signal: &JsValue);
    }

    impl Shortcut {
        pub(crate) fn new(handler: &JsValue, data_type: DataType) -> Self {
            Self::construct(handler, data_type.word(), Status::Connecting.word())
        }

        pub(crate) fn update(&self, status: Status, is_held: bool, is_free: bool, waiting: f64) {
            self.set(status.word(), status == Status::Connected && !is_held, is_free, waiting);
        }
    }
}

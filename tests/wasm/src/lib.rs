//! The API for programs in Rust as a class in JavaScript. The cases of `tests/contract` pass through its types in both
//! directions.

#![cfg(all(target_arch = "wasm32", not(feature = "class")))]
#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "only tests see it")]

use std::time::Duration;

use fourd_websocket::{
    CloseCode, ConnectionHandler, DataType, Error, ErrorEvent, Heartbeat, MessageEvent, Status, TerminateEvent,
    WebSocket,
};
use wasm_bindgen::prelude::*;
use web_sys::Blob;
use web_sys::js_sys::{ArrayBuffer, Uint8Array};

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    #[wasm_bindgen(js_name = classOn)]
    fn class_on(open: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = reasonToSkip)]
    pub fn reason_to_skip(name: &str) -> Option<String>;
    #[wasm_bindgen(js_name = skippedNames)]
    pub fn skipped_names() -> Vec<String>;
    fn tag(value: &JsValue) -> String;

    /// A handler in JavaScript, and its object.
    type Adapter;
    #[wasm_bindgen(method, getter, js_name = dataType)]
    fn data_type(this: &Adapter) -> Option<String>;
    /// Name, value, name, value, …
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Adapter) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn protocols(this: &Adapter) -> Vec<String>;
    /// Milliseconds.
    #[wasm_bindgen(method, getter, js_name = closeTimeout)]
    fn close_timeout(this: &Adapter) -> f64;
    /// Milliseconds.
    #[wasm_bindgen(method, getter, js_name = connectionTimeout)]
    fn connection_timeout(this: &Adapter) -> Option<f64>;
    /// The message. Times are milliseconds.
    #[wasm_bindgen(method, getter)]
    fn heartbeat(this: &Adapter) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn interval(this: &Adapter) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn timeout(this: &Adapter) -> Option<f64>;
    #[wasm_bindgen(method)]
    fn open(this: &Adapter);
    #[wasm_bindgen(method)]
    fn message(this: &Adapter, data: &JsValue);
    #[wasm_bindgen(method)]
    fn error(this: &Adapter, codes: Vec<i32>, messages: Vec<String>);
    #[wasm_bindgen(method)]
    fn terminate(this: &Adapter, code: u16, reason: &str, was_clean: bool);
}

thread_local! {
    static CLASS: JsValue = {
        let open = Closure::<dyn Fn(String, JsValue) -> Result<JsValue, JsValue>>::new(|url: String, adapter: JsValue| {
            Ok(Bridge { ws: WebSocket::new(&url, adapter.unchecked_into::<Adapter>())? }.into())
        });
        class_on(&open.into_js_value())
    };
}

/// The class, also for JavaScript.
#[wasm_bindgen(js_name = bridgeClass)]
pub fn class() -> JsValue {
    CLASS.with(JsValue::clone)
}

/// The JavaScript view of a connection of a program in Rust.
#[wasm_bindgen]
pub struct Bridge {
    ws: WebSocket,
}

#[wasm_bindgen]
impl Bridge {
    /// Sends a message as one of the types that programs in Rust use.
    pub fn send(&self, message: JsValue) -> Result<(), Error> {
        if let Some(text) = message.as_string() {
            return if text.len() % 2 == 0 { self.ws.send(text) } else { self.ws.send(text.as_str()) };
        }
        match tag(&message).as_str() {
            // An empty array may be detached. A copy of its bytes would not be.
            "[object Uint8Array]" if message.unchecked_ref::<Uint8Array>().length() > 0 => {
                let bytes = message.unchecked_into::<Uint8Array>().to_vec();
                if bytes.len() % 2 == 0 { self.ws.send(bytes) } else { self.ws.send(bytes.as_slice()) }
            }
            "[object ArrayBuffer]" => self.ws.send(message.unchecked_into::<ArrayBuffer>()),
            "[object Blob]" if message.is_instance_of::<Blob>() => self.ws.send(message.unchecked_into::<Blob>()),
            _ => self.ws.send(message),
        }
    }

    pub fn terminate(&self, code: Option<u16>, reason: &str) -> Result<(), Error> {
        self.ws.terminate(code.map_or(Ok(CloseCode::NORMAL), CloseCode::try_from)?, reason)
    }

    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.ws.url()
    }

    #[wasm_bindgen(getter, js_name = dataType)]
    pub fn data_type(&self) -> String {
        match self.ws.data_type() {
            DataType::Text => "text",
            DataType::Blob => "blob",
            DataType::Object => "object",
        }
        .into()
    }

    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        match self.ws.status() {
            Status::Connecting => "Connecting",
            Status::Connected => "Connected",
            Status::Closing => "Closing",
            Status::Closed => "Closed",
        }
        .into()
    }

    #[wasm_bindgen(getter)]
    pub fn id(&self) -> f64 {
        self.ws.id() as f64
    }

    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> String {
        self.ws.protocol()
    }

    #[wasm_bindgen(getter, js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.ws.buffered_amount() as f64
    }
}

fn milliseconds(number: f64) -> Duration {
    Duration::from_secs_f64(number / 1000.0)
}

impl ConnectionHandler for Adapter {
    fn on_open(&self, _: &WebSocket) {
        self.open();
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        match ws.data_type() {
            DataType::Text => self.message(&event.text().into()),
            DataType::Blob => self.message(&event.blob().into()),
            DataType::Object => self.message(event.data()),
        }
    }

    fn on_error(&self, _: &WebSocket, event: ErrorEvent) {
        let (codes, messages) = event.errors.into_iter().map(|entry| (entry.code.number(), entry.message)).unzip();
        self.error(codes, messages);
    }

    fn on_terminate(&self, _: &WebSocket, event: TerminateEvent) {
        self.terminate(event.code, &event.reason, event.was_clean);
    }

    fn data_type(&self) -> DataType {
        match self.data_type().as_deref() {
            Some("blob") => DataType::Blob,
            Some("object") => DataType::Object,
            _ => DataType::Text,
        }
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.headers().chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    }

    fn protocols(&self) -> Vec<String> {
        self.protocols()
    }

    fn close_timeout(&self) -> Duration {
        milliseconds(self.close_timeout())
    }

    fn connection_timeout(&self) -> Option<Duration> {
        self.connection_timeout().map(milliseconds)
    }

    fn heartbeat(&self) -> Option<Heartbeat> {
        let mut heartbeat = Heartbeat::new(self.heartbeat()?);
        if let Some(interval) = self.interval() {
            heartbeat.interval = milliseconds(interval);
        }
        if let Some(timeout) = self.timeout() {
            heartbeat.timeout = milliseconds(timeout);
        }
        Some(heartbeat)
    }
}

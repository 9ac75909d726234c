//! What the callbacks of a Rust program are told.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::data_type::DataType;
use crate::error::ErrCode;

/// The event of [`on_message`](crate::ConnectionHandler::on_message).
///
/// Its data is a JavaScript value, which enters the memory of the module only when it is asked for as a Rust one.
#[derive(Clone, Debug)]
pub struct MessageEvent {
    data: JsValue,
    data_type: DataType,
}

impl MessageEvent {
    pub(crate) fn new(data: JsValue, data_type: DataType) -> Self {
        Self { data, data_type }
    }

    /// The message; `None` if the handler's data type is not [`DataType::Text`].
    pub fn text(&self) -> Option<String> {
        (self.data_type == DataType::Text).then(|| self.data.as_string()).flatten()
    }

    /// The message; `None` if the handler's data type is not [`DataType::Blob`].
    pub fn blob(&self) -> Option<&Blob> {
        (self.data_type == DataType::Blob).then(|| self.data.unchecked_ref())
    }

    /// The message as a Rust value, which the handler's data type [`DataType::Object`] is for.
    ///
    /// # Errors
    /// [`ErrCode::Undecodable`], with serde's words, if the message is not what is asked for. The connection goes on.
    ///
    /// ```no_run,standalone_crate
    /// use fourd_websocket::{CloseCode, ConnectionHandler, DataType, MessageEvent, WebSocket};
    /// use serde::Deserialize;
    /// use web_sys::console;
    ///
    /// #[derive(Deserialize)]
    /// struct Price {
    ///     article: String,
    ///     cents: u32,
    /// }
    ///
    /// struct Prices;
    ///
    /// impl ConnectionHandler for Prices {
    ///     fn data_type(&self) -> DataType {
    ///         DataType::Object
    ///     }
    ///
    ///     fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
    ///         match event.object() {
    ///             Ok(Price { article, cents }) => console::log_1(&format!("{article}: {cents}").into()),
    ///             Err(error) => drop(ws.terminate(CloseCode::NORMAL, &error.message())),
    ///         }
    ///     }
    /// }
    /// ```
    #[cfg(feature = "serde")]
    pub fn object<T: serde::de::DeserializeOwned>(&self) -> Result<T, crate::Error> {
        serde_wasm_bindgen::from_value(self.data.clone()).map_err(|error| {
            crate::Error::of(ErrCode::Undecodable, "a message received is not what is asked for: {name}", error)
        })
    }

    /// The message as JavaScript has it: a string, a `Blob`, or the value of the JSON text.
    pub fn data(&self) -> &JsValue {
        &self.data
    }
}

/// The event of [`on_error`](crate::ConnectionHandler::on_error).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorEvent {
    /// First what the crate says, then what the host said, where it says anything. Never empty.
    pub errors: Vec<ErrorEntry>,
}

/// One thing that went wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorEntry {
    /// Which error it is.
    pub code: ErrCode,
    /// What went wrong, never empty.
    pub message: String,
}

/// The event of [`on_terminate`](crate::ConnectionHandler::on_terminate).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TerminateEvent {
    /// The server's close code: 1005 if it gave none, 1006 if there was no closing handshake.
    pub code: u16,
    /// The server's reason, `""` if it gave none.
    pub reason: String,
    /// Whether there was a closing handshake.
    pub was_clean: bool,
}

#[wasm_bindgen]
extern "C" {
    /// The event that a handler in JavaScript is given.
    pub(crate) type Event;
    #[wasm_bindgen(method, getter)]
    fn errors(this: &Event) -> Vec<Entry>;
    #[wasm_bindgen(method, getter)]
    fn code(this: &Event) -> u16;
    #[wasm_bindgen(method, getter)]
    fn reason(this: &Event) -> String;
    #[wasm_bindgen(method, getter, js_name = wasClean)]
    fn was_clean(this: &Event) -> bool;

    /// What has an `errCode` and a `message`: an exception, or an entry of an error event.
    pub(crate) type Entry;
    #[wasm_bindgen(method, getter, js_name = errCode)]
    fn err_code(this: &Entry) -> i32;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn message(this: &Entry) -> String;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn cause(this: &Entry) -> JsValue;
}

impl Entry {
    pub(crate) fn code(&self) -> ErrCode {
        let number = self.err_code();
        ErrCode::ALL.iter().copied().find(|code| code.number() == number).unwrap_or(ErrCode::HostSaid)
    }
}

impl ErrorEvent {
    pub(crate) fn new(event: &Event) -> Self {
        let errors =
            event.errors().into_iter().map(|entry: Entry| ErrorEntry { code: entry.code(), message: entry.message() });
        Self { errors: errors.collect() }
    }
}

impl TerminateEvent {
    pub(crate) fn new(event: &Event) -> Self {
        Self { code: event.code(), reason: event.reason(), was_clean: event.was_clean() }
    }
}

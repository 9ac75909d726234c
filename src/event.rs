//! The events that callbacks receive.

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::data_type::DataType;
use crate::error::{ErrCode, number};

/// The event of [`on_message`](crate::ConnectionHandler::on_message).
///
/// Its data is a JavaScript value. It is copied into the module's memory only when a method converts it to a Rust
/// value.
#[derive(Clone, Debug)]
pub struct MessageEvent {
    data: JsValue,
    data_type: DataType,
}

impl MessageEvent {
    /// The event of a message that the host delivered as `data`. Fails with an exception if `data` does not match the
    /// data type.
    pub(crate) fn decode(data: JsValue, data_type: DataType) -> Result<Self, JsValue> {
        // Most messages are text already.
        let is_decoded = data_type == DataType::Text && data.is_string();
        let data = if is_decoded { data } else { decode(data_type.word(), &data)? };
        Ok(Self { data, data_type })
    }

    /// The message as text. `None` if the handler's data type is not [`DataType::Text`].
    pub fn text(&self) -> Option<String> {
        (self.data_type == DataType::Text).then(|| copied(self.data.unchecked_ref()))
    }

    /// The message as a `Blob`. `None` if the handler's data type is not [`DataType::Blob`].
    pub fn blob(&self) -> Option<&Blob> {
        (self.data_type == DataType::Blob).then(|| self.data.unchecked_ref())
    }

    /// The message as a Rust value, for the handler's data type [`DataType::Object`].
    ///
    /// # Errors
    /// [`ErrCode::Undecodable`], with serde's message, if the message does not have the requested type. The connection
    /// stays open.
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
            let text = "a message received is not what is asked for: {name}";
            let message = error.to_string();
            crate::Error::build(ErrCode::Undecodable, text, &message, &JsValue::UNDEFINED, Some(error.into()))
        })
    }

    /// The message as a JavaScript value: a string, a `Blob`, or the value of the JSON text.
    pub fn data(&self) -> &JsValue {
        &self.data
    }
}

/// The event of [`on_error`](crate::ConnectionHandler::on_error).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorEvent {
    /// The crate's error first, then the host's own error message, if the host has one. It is never empty.
    pub errors: Vec<ErrorEntry>,
}

/// An entry of an error event: one error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ErrorEntry {
    /// Which error it is.
    pub code: ErrCode,
    /// The error message. It is never empty.
    pub message: String,
}

/// The event of [`on_terminate`](crate::ConnectionHandler::on_terminate).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TerminateEvent {
    /// The server's close code: 1005 if its close frame had none, 1006 if there was no closing handshake.
    pub code: u16,
    /// The server's close reason, `""` if its close frame had none.
    pub reason: String,
    /// `true` if there was a closing handshake.
    pub was_clean: bool,
}

/// The host encodes texts of at least this many UTF-16 code units.
const LONG: u32 = 128;

thread_local! {
    static UTF8_ENCODER: TextEncoder = TextEncoder::new();
}

#[wasm_bindgen]
extern "C" {
    /// The host's encoder. The binding of web-sys only accepts text in the module's memory.
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, bytes: &mut [u8]) -> Encoded;

    type Encoded;
    /// The UTF-16 code units that were encoded.
    #[wasm_bindgen(method, getter)]
    fn read(this: &Encoded) -> u32;
    /// The bytes of UTF-8 that were written.
    #[wasm_bindgen(method, getter)]
    fn written(this: &Encoded) -> u32;
}

/// Copies a text into the module's memory. A lone surrogate becomes U+FFFD.
pub(crate) fn copied(text: &JsString) -> String {
    let length = text.length();
    if length < LONG {
        return text.into();
    }
    // The host's encoder takes a part of the time of wasm-bindgen, which copies character by character. Most texts are
    // ASCII, and fit at once.
    let mut bytes = vec![0; length as usize];
    UTF8_ENCODER.with(|encoder| {
        let ascii = encoder.encode_into(text, &mut bytes);
        let (read, mut written) = (ascii.read(), ascii.written() as usize);
        if read < length {
            bytes.resize(written + 3 * (length - read) as usize, 0);
            let rest = bytes.get_mut(written..).unwrap_or_default();
            written += encoder.encode_into(&text.slice(read, length), rest).written() as usize;
        }
        bytes.truncate(written);
    });
    String::from_utf8(bytes).unwrap_or_default()
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// Converts the data of a message to the data type.
    #[wasm_bindgen(catch)]
    fn decode(data_type: &str, data: &JsValue) -> Result<JsValue, JsValue>;
}

/// Returns whether this host can decode a message. A binary message needs a `TextDecoder` with `fatal`, which some
/// hosts and polyfills lack.
pub(crate) fn is_decodable(data: &JsValue) -> bool {
    // A decoder turns `undefined` into an empty text.
    data.is_string() || decode(DataType::Text.word(), &JsValue::UNDEFINED).is_ok()
}

impl ErrorEvent {
    /// `got` replaces the placeholder of the text. `host_message` is the host's own error message.
    // Inlined, as `ErrCode::text` is.
    #[inline(always)]
    pub(crate) fn new(code: ErrCode, got: &str, unsent: usize, host_message: Option<String>) -> Self {
        let text = code.text();
        let mut message = String::from(text.strip_suffix("{got}").unwrap_or(text));
        message.push_str(got);
        if unsent > 0 {
            message.push_str("; ");
            message.push_str(&number(unsent as u32));
            message.push_str(if unsent > 1 { " messages were not sent" } else { " message was not sent" });
        }
        let mut errors = vec![ErrorEntry { code, message }];
        errors.extend(host_message.map(|message| ErrorEntry { code: ErrCode::HostMessage, message }));
        Self { errors }
    }
}

#[wasm_bindgen]
extern "C" {
    type Members;
    #[wasm_bindgen(method, catch, indexing_getter)]
    fn get(this: &Members, name: &str) -> Result<JsValue, JsValue>;
}

/// Reads a member of an object. Fails with the exception of a getter or proxy.
pub(crate) fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    object.unchecked_ref::<Members>().get(name)
}

/// How many causes are searched for the message of an error.
const DEPTH: usize = 4;

/// The message of a host's event or exception. `None` if it has none. On some hosts, only the cause has the message.
pub(crate) fn host_message_of(source: &JsValue) -> Option<String> {
    let get = |source: &JsValue, name: &str| get(source, name).ok();
    let mut source = source.clone();
    for _ in 0..DEPTH {
        if !source.is_object() {
            return None;
        }
        for name in ["message", "reason", "code"] {
            let text = get(&source, name)?.dyn_into::<JsString>();
            if let Some(text) = text.ok().map(String::from).filter(|text| !text.is_empty()) {
                return Some(text);
            }
        }
        let mut next = get(&source, "error")?;
        if next.is_null_or_undefined() {
            next = get(&source, "cause")?;
        }
        if next.is_null_or_undefined() {
            let errors = get(&source, "errors")?;
            next = if errors.is_object() { get(&errors, "0")? } else { errors };
        }
        source = next;
    }
    None
}

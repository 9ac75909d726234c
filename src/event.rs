//! What the callbacks are told.

use js_sys::{JsString, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::data_type::DataType;
use crate::error::{ErrCode, number};

/// The event of [`on_message`](crate::ConnectionHandler::on_message).
///
/// Its data is a JavaScript value, which enters the memory of the module only when it is asked for as a Rust one.
#[derive(Clone, Debug)]
pub struct MessageEvent {
    data: JsValue,
    data_type: DataType,
}

impl MessageEvent {
    /// The event of a message that the host gave as `data`; what is wrong, if it is not what the data type says.
    pub(crate) fn decode(data: JsValue, data_type: DataType) -> Result<Self, JsValue> {
        // Most are what they have to be.
        let is_decoded = data_type == DataType::Text && data.is_string();
        let data = if is_decoded { data } else { decode(data_type.word(), &data)? };
        Ok(Self { data, data_type })
    }

    /// The message; `None` if the handler's data type is not [`DataType::Text`].
    pub fn text(&self) -> Option<String> {
        let text = self.data.dyn_ref::<JsString>().filter(|_| self.data_type == DataType::Text)?;
        if text.length() < LONG {
            return Some(text.into());
        }
        // The host's encoder takes a twentieth of the time that wasm-bindgen needs, a character after the other.
        String::from_utf8(UTF8_ENCODER.with(|encoder| encoder.encode_value(text)).to_vec()).ok()
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
            let text = "a message received is not what is asked for: {name}";
            let words = error.to_string();
            crate::Error::build(ErrCode::Undecodable, text, &words, &JsValue::UNDEFINED, Some(error.into()))
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

/// From how many units of UTF-16 on a text is encoded by the host.
const LONG: u32 = 128;

thread_local! {
    static UTF8_ENCODER: TextEncoder = TextEncoder::new();
}

#[wasm_bindgen]
extern "C" {
    /// The host's encoder. That of web-sys takes what is in the module's memory already.
    type TextEncoder;
    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;
    #[wasm_bindgen(method, js_name = encode)]
    fn encode_value(this: &TextEncoder, text: &JsString) -> Uint8Array;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// The data of a message as the data type has it.
    #[wasm_bindgen(catch)]
    fn decode(data_type: &str, data: &JsValue) -> Result<JsValue, JsValue>;
}

/// Whether a message could have been decoded: a binary one needs a decoder, which a host, or a polyfill, may not have.
pub(crate) fn is_decodable(data: &JsValue) -> bool {
    // Of nothing, a decoder makes an empty text.
    data.is_string() || decode(DataType::Text.word(), &JsValue::UNDEFINED).is_ok()
}

impl ErrorEvent {
    /// `got` is what the text is about, if anything; `words` are those of the host.
    pub(crate) fn new(code: ErrCode, got: &str, unsent: usize, words: Option<String>) -> Self {
        let text = code.text();
        let mut message = String::from(text.strip_suffix("{got}").unwrap_or(text));
        message.push_str(got);
        if unsent > 0 {
            message.push_str("; ");
            message.push_str(&number(unsent as u32));
            message.push_str(if unsent > 1 { " messages were not sent" } else { " message was not sent" });
        }
        let mut errors = vec![ErrorEntry { code, message }];
        errors.extend(words.map(|message| ErrorEntry { code: ErrCode::HostSaid, message }));
        Self { errors }
    }
}

/// A member of an object; what is thrown, if it cannot be read.
pub(crate) fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &name.into())
}

/// How deep the words of an error may lie in what caused it.
const DEPTH: usize = 4;

/// What an event of the host's, or an exception, says; `None` if nothing. Some hosts say it only in what caused it.
pub(crate) fn words_of(source: &JsValue) -> Option<String> {
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

//! The table of errors, and the error type that calls return.

use std::fmt;

use js_sys::{Array, JSON, JsString, Object};
use wasm_bindgen::prelude::*;

macro_rules! table {
    ($($(#[cfg($cfg:meta)])? $(#[doc = $doc:literal])+ $name:ident = $code:literal, $text:literal;)+) => {
        /// The number of an error: stable, and outside the range of close codes.
        ///
        /// It is the `errCode` of the errors that `new`, `send` and `terminate` throw, and of the entries of an error
        /// event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrCode {
            $($(#[cfg($cfg)])? $(#[doc = $doc])+ $name = $code,)+
        }

        impl ErrCode {
            /// Every error.
            pub const ALL: &[Self] = &[$($(#[cfg($cfg)])? Self::$name),+];

            /// The message. `{name}` is a placeholder for the name of the member or header, `{got}` for the invalid
            /// value.
            // Inlined, so that a module contains only the texts of errors that it can raise, and no table of all texts.
            #[inline(always)]
            pub fn text(self) -> &'static str {
                match self {
                    $($(#[cfg($cfg)])? Self::$name => $text,)+
                }
            }
        }
    };
}

table! {
    /// The host has no WebAssembly, may not compile it, or has no memory for it. `fourd-websocket/slim` throws it with
    /// another message if its module is not loaded. Only the npm package throws this.
    NoModule = 5000, "WebAssembly cannot be used: the host has none (Lockdown Mode, --jitless), has no memory for it, or its Content-Security-Policy lacks 'wasm-unsafe-eval' in script-src";
    /// The url is not an absolute `ws:` or `wss:` URL, or has a fragment.
    Url = 5001, "url must be an absolute ws: or wss: URL without a fragment, got {got}";
    /// The handler is not an object.
    Handler = 5002, "handler must be an object, null or undefined, got {got}";
    /// A member of the handler cannot be read.
    Member = 5003, "handler.{name} cannot be read";
    /// A callback is not a function.
    Callback = 5004, "handler.{name} must be a function, got {got}";
    /// The data type is not one of the three.
    DataType = 5005, "handler.dataType must be \"text\", \"blob\" or \"object\", got {got}";
    /// The headers are not an object of names and values.
    Headers = 5006, "handler.headers must be an object { name: value } or { name: [value, …] }, got {got}";
    /// The name of a header is not a token.
    HeaderName = 5007, "a header's name must be a token of letters, digits and !#$%&'*+-.^_`|~, got {got}";
    /// The value of a header has characters that are not allowed.
    HeaderValue = 5008, "the value of header {name} must be a string or an array of strings, in Latin-1 without control characters";
    /// The header belongs to the handshake, to the framing of the request, or to a single hop.
    HeaderReserved = 5009, "header {name} belongs to the handshake and cannot be set";
    /// The host cannot send an application's headers.
    HeadersUnsupported = 5010, "this host cannot send headers; use cookies, a subprotocol or the first message instead";
    /// The subprotocols are not a token, or an array of tokens.
    Protocols = 5011, "handler.protocols must be a token or an array of tokens (letters, digits and !#$%&'*+-.^_`|~), got {got}";
    /// A subprotocol is listed twice.
    ProtocolRepeated = 5012, "handler.protocols must not list {got} twice";
    /// A duration is not a number of milliseconds in its range. Durations in `handler.retry` may be 0.
    Duration = 5013, "handler.{name} must be a number of milliseconds, more than 0 (closeTimeout: from 0) and at most 2147483647, got {got}";
    /// The host has no `WebSocket`.
    NoHost = 5014, "this host has no WebSocket. On Node 20 run `npm install ws`, or use Node 22 or later";
    /// The host refuses to open a connection.
    HostRefused = 5015, "the host refuses to open a connection to {got}";
    /// The message has a type that cannot be sent.
    Message = 5016, "a message must be a string, Blob, ArrayBuffer, view, or an object or array with a JSON form, got {got}";
    /// The connection is no longer open.
    NotOpen = 5017, "the connection is closing or closed, so nothing can be sent";
    /// The host refuses to send the message.
    SendRefused = 5018, "the host refuses to send {got}";
    /// The close code is not allowed.
    CloseCode = 5019, "close code must be 1000 or 3000–4999, got {got}";
    /// The close reason is not allowed.
    CloseReason = 5020, "close reason must be a string of at most 123 bytes of UTF-8, got {got}";
    /// Event: the connection could not be opened.
    NotOpened = 5021, "the connection could not be opened";
    /// Event: the connection ended without a closing handshake.
    Lost = 5022, "the connection was lost without a closing handshake";
    /// Event: the connection ended before every message was sent.
    Unsent = 5023, "the connection ended before all messages were sent";
    /// Event: a received message does not fit the data type.
    Undecodable = 5024, "received a message that is not the UTF-8 or JSON that handler.dataType requires";
    /// Event: a queued message cannot be sent.
    Unsendable = 5025, "a queued message cannot be sent";
    /// Event: the host's own error message.
    HostMessage = 5026, "{got}";
    /// `globalThis.WebSocket` is the class of this package, or opens its connections with it.
    OwnClass = 5027, "globalThis.WebSocket must be the host's class, not this package's";
    /// Event: a binary frame has to be decoded as text, and the host has no `TextDecoder`, or one without the option
    /// `fatal`.
    NoDecoder = 5028, "this host has no TextDecoder with the option fatal. Use dataType \"blob\" for binary messages";
    /// The heartbeat is not an object with a message.
    Heartbeat = 5029, "handler.heartbeat must be { message }, with a message for send() or a function that returns one, got {got}";
    /// The signal is not an `AbortSignal`, or it is aborted. If it is aborted, the cause is its reason.
    Signal = 5030, "handler.signal must be an AbortSignal that is not aborted, got {got}";
    #[cfg(feature = "reconnecting")]
    /// Retry: the source of the url failed, or did not answer in time.
    Source = 5031, "there is no url to connect to: the source {got}";
    #[cfg(feature = "reconnecting")]
    /// The message would exceed the number of bytes that may be queued.
    TooMuchWaiting = 5032, "the queue would exceed handler.retry.maxWaiting, which is {got} bytes";
    #[cfg(feature = "reconnecting")]
    /// `maxAttempts` or `maxWaiting` of `handler.retry` is out of range, or `onRetry` returned an invalid value, which surfaces as an uncaught exception.
    Retry = 5033, "handler.retry must be an object with maxAttempts (an integer from 1, or Infinity) and maxWaiting (bytes from 0). onRetry must return undefined, false or milliseconds from 0 to 2147483647. Got {got}";
    /// The limit of an iteration, or the number of bytes of `drained`, is out of range.
    Limit = 5034, "limit must be an integer from 1, and bytes a number from 0, got {got}";
    /// Event: the connection did not open in time.
    Late = 5035, "the connection did not open within {got}";
    /// Event: the server did not answer a heartbeat.
    Silent = 5036, "the connection was lost: the server did not answer the heartbeat";
    /// Event: an iteration received more messages than it may hold.
    Overrun = 5037, "more messages arrived than an iteration may hold. Take them faster, or raise limit";
}

impl ErrCode {
    /// The number, as JavaScript has it in `errCode`.
    pub fn number(self) -> i32 {
        self as i32
    }
}

/// The component that the errors belong to: this package's own signature, of four letters as those of 4D.
pub const COMPONENT_SIGNATURE: &str = "4DWS";

/// Why [`WebSocket::new`](crate::WebSocket::new), [`send`](crate::WebSocket::send),
/// [`terminate`](crate::WebSocket::terminate) or the construction of one of their arguments failed. A failed call has
/// no other effect.
///
/// It wraps the `WebSocketError` that the npm package throws. Converted into a [`JsValue`], it is that exception.
#[derive(Clone)]
pub struct Error {
    exception: Exception,
}

impl Error {
    /// An error whose text has no placeholder.
    #[inline(always)]
    pub(crate) fn new(code: ErrCode) -> Self {
        Self::build(code, code.text(), "", &JsValue::UNDEFINED, None)
    }

    /// An error about an invalid value.
    #[inline(always)]
    pub(crate) fn about(code: ErrCode, got: &JsValue) -> Self {
        Self::build(code, code.text(), "", got, None)
    }

    /// An error about an invalid value, with the exception that the host threw.
    #[inline(always)]
    pub(crate) fn because(code: ErrCode, got: &JsValue, cause: JsValue) -> Self {
        Self::build(code, code.text(), "", got, Some(cause))
    }

    /// An error about a named member of the handler, or a named header.
    #[inline(always)]
    pub(crate) fn named(code: ErrCode, name: &str, got: &JsValue, cause: Option<JsValue>) -> Self {
        Self::build(code, code.text(), name, got, cause)
    }

    /// An error with a custom text.
    pub(crate) fn build(code: ErrCode, text: &str, name: &str, got: &JsValue, cause: Option<JsValue>) -> Self {
        let fill = |text: JsString, place: &str, with: &str| text.split(place).join(with);
        let message = fill(fill(text.into(), "{name}", name), "{got}", &describe(got));
        Self::make(code.number(), &message, cause)
    }

    /// An error made of the entries of an error event. The first entry gives its number and text. Without entries, it
    /// is `NotOpen`.
    #[cfg(any(feature = "class", feature = "supervisor"))]
    pub(crate) fn of(entries: &Array) -> Self {
        let first = entries.get(0).unchecked_into::<Exception>();
        let error = if first.is_undefined() {
            Self::new(ErrCode::NotOpen)
        } else {
            Self::make(first.err_code(), &first.text(), None)
        };
        error.exception.set_errors(&entries.slice(0, entries.length()));
        error
    }

    /// An error that the class in JavaScript has thrown.
    #[cfg(feature = "supervisor")]
    pub(crate) fn thrown(exception: JsValue) -> Self {
        Self { exception: exception.unchecked_into() }
    }

    /// The first entry of an error event as an error. The entry of the host, if there is one, is its cause.
    #[cfg(feature = "futures")]
    pub(crate) fn from_entries(entries: &[crate::event::ErrorEntry]) -> Self {
        let make = |entry: &crate::event::ErrorEntry, cause| {
            Self::make(entry.code.number(), &entry.message.as_str().into(), cause)
        };
        match entries {
            [] => Self::new(ErrCode::NotOpen),
            [first, others @ ..] => make(first, others.last().map(|entry| make(entry, None).into())),
        }
    }

    fn make(number: i32, message: &JsString, cause: Option<JsValue>) -> Self {
        let options = Object::new().unchecked_into::<Options>();
        if let Some(cause) = cause {
            options.set_cause(&cause);
        }
        let exception = Exception::new(message, &options);
        // Not enumerable, as the names of other errors.
        let name = Object::new().unchecked_into::<Options>();
        name.set_value("WebSocketError");
        Object::define_property(&exception, &"name".into(), &name);
        exception.set_err_code(number);
        exception.set_component_signature(COMPONENT_SIGNATURE);
        Self { exception }
    }

    /// Which error it is.
    pub fn code(&self) -> ErrCode {
        let number = self.exception.err_code();
        // Every error is made with a known number.
        ErrCode::ALL.iter().copied().find(|code| code.number() == number).unwrap_or(ErrCode::HostMessage)
    }

    /// The error message, which describes what was wrong and what is allowed.
    pub fn message(&self) -> String {
        self.exception.text().into()
    }

    /// The exception that the host threw, or the reason that it reported, if there is one.
    pub fn cause(&self) -> Option<JsValue> {
        Some(self.exception.cause()).filter(|cause| !cause.is_undefined())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Error");
        fields.field("code", &self.code()).field("message", &self.message()).field("cause", &self.cause()).finish()
    }
}

impl std::error::Error for Error {}

#[wasm_bindgen]
extern "C" {
    /// An `Error` of JavaScript, with the members of a `WebSocketError`.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone)]
    type Exception;
    #[wasm_bindgen(constructor, js_class = "Error")]
    fn new(message: &JsString, options: &JsValue) -> Exception;
    #[wasm_bindgen(method, setter, js_name = errCode)]
    fn set_err_code(this: &Exception, code: i32);
    #[wasm_bindgen(method, setter, js_name = componentSignature)]
    fn set_component_signature(this: &Exception, signature: &str);
    #[wasm_bindgen(method, getter, js_name = errCode)]
    fn err_code(this: &Exception) -> i32;
    #[wasm_bindgen(method, setter)]
    fn set_errors(this: &Exception, entries: &Array);
    #[wasm_bindgen(method, getter, js_name = message)]
    fn text(this: &Exception) -> JsString;
    #[wasm_bindgen(method, getter)]
    fn cause(this: &Exception) -> JsValue;

    /// The options of an `Error`, or the descriptor of a property.
    #[wasm_bindgen(extends = Object)]
    type Options;
    #[wasm_bindgen(method, setter)]
    fn set_cause(this: &Options, cause: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_value(this: &Options, value: &str);

    #[wasm_bindgen(catch, js_name = String)]
    fn text_of(value: &JsValue) -> Result<String, JsValue>;
    /// `[object X]`. Fails for a revoked proxy and for a getter that throws.
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag(value: &JsValue) -> Result<String, JsValue>;
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error.exception.into()
    }
}

/// How much of a text an error message quotes, in UTF-16 code units.
const SHOWN: u32 = 60;

/// A description of a value for an error message.
fn describe(value: &JsValue) -> String {
    if let Some(text) = value.dyn_ref::<JsString>() {
        let length = text.length();
        let shown = if length > SHOWN { text.slice(0, SHOWN) } else { text.clone() };
        let mut words = JSON::stringify(&shown).map(String::from).unwrap_or_default();
        if length > SHOWN {
            words.push_str("… (");
            words.push_str(&number(length));
            words.push_str(" characters)");
        }
        return words;
    }
    if value.is_function() {
        return "a function".into();
    }
    if !value.is_object() {
        let mut words = text_of(value).unwrap_or_default();
        if value.is_bigint() {
            words.push('n');
        }
        return words;
    }
    let tag = tag_of(value);
    let is_vowel = matches!(tag.as_bytes().first(), Some(b'A' | b'E' | b'I' | b'O' | b'U'));
    let mut words = String::from(if is_vowel { "an " } else { "a " });
    words.push_str(&tag);
    words
}

/// A number in decimal digits, formatted by JavaScript. Rust's formatting would add a twentieth to a page's download.
pub(crate) fn number(number: impl Into<JsValue>) -> String {
    text_of(&number.into()).unwrap_or_default()
}

/// The class name of a host's object, in any realm.
pub(crate) fn tag_of(value: &JsValue) -> String {
    let tag = tag(value).unwrap_or_default();
    tag.get("[object ".len()..tag.len().saturating_sub(1)).unwrap_or("Object").into()
}

#[cfg(test)]
mod tests {
    use super::ErrCode;

    #[test]
    fn numbers_are_different_and_no_close_codes() {
        for (at, error) in ErrCode::ALL.iter().enumerate() {
            assert!(!(1000..5000).contains(&error.number()), "{error:?}");
            assert!(ErrCode::ALL[..at].iter().all(|other| other.number() != error.number()), "{error:?}");
            assert!(!error.text().is_empty(), "{error:?}");
        }
    }
}

//! What the calls of a Rust program fail with.

use alloc::string::String;
use core::fmt;

use wasm_bindgen::{JsCast, JsValue};

use crate::error::ErrCode;

use super::event::Entry;

/// Why [`WebSocket::new`](crate::WebSocket::new), [`send`](crate::WebSocket::send),
/// [`terminate`](crate::WebSocket::terminate) or the making of what they take failed. Nothing is opened, sent or lost
/// then.
///
/// It holds the `WebSocketError` that JavaScript would be thrown, and can be returned to it as that.
#[derive(Clone)]
pub struct Error {
    exception: JsValue,
}

impl Error {
    /// `exception` is one of [`ErrCode`]'s.
    pub(crate) fn new(exception: JsValue) -> Self {
        Self { exception }
    }

    /// The error with a text of its own, in which `{name}` stands for the words of what caused it.
    #[cfg(feature = "serde")]
    pub(crate) fn of(code: ErrCode, text: &str, cause: serde_wasm_bindgen::Error) -> Self {
        use alloc::string::ToString;

        let words = JsValue::from(cause.to_string());
        Self::new(crate::host::exception(code.number(), &JsValue::UNDEFINED, &cause.into(), &words, text))
    }

    /// Which error it is.
    pub fn code(&self) -> ErrCode {
        self.entry().code()
    }

    /// What was wrong, and what is allowed.
    pub fn message(&self) -> String {
        self.entry().message()
    }

    /// What the host threw, where it did.
    pub fn cause(&self) -> Option<JsValue> {
        Some(self.entry().cause()).filter(|cause| !cause.is_undefined())
    }

    fn entry(&self) -> &Entry {
        self.exception.unchecked_ref()
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error.exception
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

impl core::error::Error for Error {}

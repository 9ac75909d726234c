//! What a Rust program sends.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::JsValue;
use web_sys::Blob;
use web_sys::js_sys::{ArrayBuffer, Uint8Array};

/// A message to [`send`](crate::WebSocket::send): text, bytes, a `Blob`, or an object. It is a JavaScript value already,
/// so that what is sent is copied out of the module's memory once.
///
/// | made of | sent as |
/// |---|---|
/// | `&str`, `String` | text frame |
/// | `&[u8]`, `Vec<u8>`, `ArrayBuffer`, `Uint8Array`, `Blob` | binary frame |
/// | anything that serde can serialize, with `Message::object` | text frame with its JSON |
/// | [`JsValue`] | what it would be sent as by a program in JavaScript |
#[derive(Clone, Debug)]
pub struct Message(JsValue);

impl Message {
    /// An object or array: a struct, a map, a sequence, …
    ///
    /// # Errors
    /// [`ErrCode::Message`](crate::ErrCode::Message) if the value has no JSON form, or one that is no object or array.
    ///
    /// ```no_run,standalone_crate
    /// use fourd_websocket::{Error, Message, WebSocket};
    /// use serde::Serialize;
    ///
    /// #[derive(Serialize)]
    /// struct Subscription<'a> {
    ///     articles: &'a [&'a str],
    /// }
    ///
    /// fn subscribe(ws: &WebSocket) -> Result<(), Error> {
    ///     ws.send(Message::object(&Subscription { articles: &["tea", "coffee"] })?)
    /// }
    /// ```
    #[cfg(feature = "serde")]
    pub fn object(value: &(impl serde::Serialize + ?Sized)) -> Result<Self, crate::Error> {
        use crate::{ErrCode, Error};

        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let object = value
            .serialize(&serializer)
            .map_err(|error| Error::of(ErrCode::Message, "a message must be an object or array, got: {name}", error))?;
        if object.is_object() { Ok(Self(object)) } else { Err(Error::new(ErrCode::Message.about(&object))) }
    }

    pub(crate) fn as_js(&self) -> &JsValue {
        &self.0
    }
}

macro_rules! from {
    ($($of:ty: $value:ident => $js:expr;)+) => {
        $(
            impl From<$of> for Message {
                fn from($value: $of) -> Self {
                    Self($js)
                }
            }
        )+
    };
}

from! {
    &str: text => JsValue::from_str(text);
    &String: text => JsValue::from_str(text);
    String: text => JsValue::from_str(&text);
    &[u8]: bytes => Uint8Array::from(bytes).into();
    Vec<u8>: bytes => Uint8Array::from(bytes.as_slice()).into();
    &Vec<u8>: bytes => Uint8Array::from(bytes.as_slice()).into();
    Uint8Array: bytes => bytes.into();
    ArrayBuffer: bytes => bytes.into();
    Blob: blob => blob.into();
    JsValue: value => value;
}

impl<const N: usize> From<&[u8; N]> for Message {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

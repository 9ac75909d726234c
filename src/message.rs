//! Messages to send, and the payloads that the host is given for them.

use js_sys::{Array, ArrayBuffer, Function, JSON, JsString, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::error::{ErrCode, Error, tag_of};
use crate::event::{copied, get};
use crate::timer;

/// A message to [`send`](crate::WebSocket::send): text, bytes, a `Blob`, or an object. It holds a JavaScript value, so
/// that the data is copied out of the module's memory only once.
///
/// | converted from | sent as |
/// |---|---|
/// | `&str`, `String` | text frame |
/// | `&[u8]`, `Vec<u8>`, `ArrayBuffer`, `Uint8Array`, `Blob` | binary frame |
/// | any type that serde can serialize, with `Message::object` | text frame with its JSON |
/// | [`JsValue`] | as `send` of the npm package sends it |
#[derive(Clone, Debug)]
pub struct Message(JsValue);

impl Message {
    /// The message of an object or array: a struct, a map, a sequence, …
    ///
    /// # Errors
    /// [`ErrCode::Message`](crate::ErrCode::Message) if the value has no JSON form, or its JSON is not an object or
    /// array.
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
    pub fn object(value: &(impl serde::Serialize + ?Sized)) -> Result<Self, Error> {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let object = value.serialize(&serializer).map_err(|error| {
            let text = "a message must be an object or array, got: {name}";
            Error::build(ErrCode::Message, text, &error.to_string(), &JsValue::UNDEFINED, Some(error.into()))
        })?;
        if object.is_object() { Ok(Self(object)) } else { Err(Error::about(ErrCode::Message, &object)) }
    }

    /// The message as a JavaScript value. For a received message, it is a string, a `Blob`, or the value of the JSON
    /// text.
    pub fn data(&self) -> &JsValue {
        &self.0
    }

    /// The message as text. `None` if it is not text.
    pub fn text(&self) -> Option<String> {
        self.0.dyn_ref().map(copied)
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

#[wasm_bindgen]
extern "C" {
    /// An object with bytes: an `ArrayBuffer`, a view, a `Blob`, or an object that resembles one. Every access may
    /// throw.
    #[derive(Clone)]
    pub(crate) type Bytes;
    #[wasm_bindgen(method, catch, getter)]
    fn buffer(this: &Bytes) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = byteOffset)]
    fn byte_offset(this: &Bytes) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter, js_name = byteLength)]
    fn byte_length(this: &Bytes) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn resizable(this: &Bytes) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn size(this: &Bytes) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    pub(crate) fn array_buffer(this: &Bytes) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(extends = Promise)]
    type Settling;
    #[wasm_bindgen(method, js_name = then)]
    fn then_call(this: &Settling, callback: &JsValue);

    #[wasm_bindgen(extends = Uint8Array)]
    type Copy;
    #[wasm_bindgen(constructor, catch, js_class = "Uint8Array")]
    fn of(buffer: &JsValue, offset: &JsValue, length: &JsValue) -> Result<Copy, JsValue>;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// The length of a text in bytes of UTF-8, computed outside the module's memory.
    #[wasm_bindgen(js_name = utf8Length)]
    fn utf8_length(text: &JsString) -> f64;
}

/// The form in which the host is given a message.
pub(crate) enum Payload {
    Text(JsString),
    /// An `ArrayBuffer` or a view.
    Bytes(Bytes),
    Blob(Bytes),
}

impl Payload {
    /// The payload of a message. It may share the application's memory.
    pub(crate) fn of(message: &JsValue) -> Result<Self, Error> {
        if let Some(text) = message.dyn_ref::<JsString>() {
            return Ok(Self::Text(text.clone()));
        }
        if !message.is_object() {
            return Err(Error::about(ErrCode::Message, message));
        }
        let payload = Self::binary(message).and_then(|payload| match payload {
            Some(payload) => Ok(Some(payload)),
            None => JSON::stringify(message).map(|json| json.is_string().then_some(Self::Text(json))),
        });
        match payload {
            Ok(Some(payload)) => Ok(payload),
            Ok(None) => Err(Error::about(ErrCode::Message, message)),
            Err(cause) => Err(Error::because(ErrCode::Message, message, cause)),
        }
    }

    /// The payload of an object that is sent as a binary frame. `None` for objects that are sent as JSON.
    fn binary(message: &JsValue) -> Result<Option<Self>, JsValue> {
        let bytes = message.unchecked_ref::<Bytes>();
        if ArrayBuffer::is_view(message) {
            // Node sends a view of shared memory as text.
            let is_shared = tag_of(&bytes.buffer()?) == "SharedArrayBuffer";
            return Ok(Some(Self::Bytes(if is_shared { copy(bytes)? } else { attached(bytes)? })));
        }
        // The tag identifies objects of other realms. workerd has no tags before the compatibility date 2024-09-26.
        let tag = tag_of(message);
        if message.is_instance_of::<ArrayBuffer>() || tag == "ArrayBuffer" {
            return Ok(Some(Self::Bytes(attached(bytes)?)));
        }
        if message.is_instance_of::<Blob>() || tag == "Blob" || tag == "File" {
            if get(message, "arrayBuffer")?.is_function() {
                return Ok(Some(Self::Blob(bytes.clone())));
            }
            // A Blob of jsdom. Its JSON would be `{}`.
            if Reflect::has(message, &"slice".into())? {
                return Err(js_sys::TypeError::new("it has no arrayBuffer()").into());
            }
        }
        Ok(None)
    }

    pub(crate) fn as_js(&self) -> &JsValue {
        match self {
            Self::Text(text) => text,
            Self::Bytes(bytes) | Self::Blob(bytes) => bytes,
        }
    }

    /// A copy that later changes of the application's memory do not affect.
    pub(crate) fn snapshot(self) -> Result<Self, JsValue> {
        Ok(match self {
            Self::Bytes(bytes) => Self::Bytes(copy(&bytes)?),
            other => other,
        })
    }

    /// The size in bytes. Fails for an object that resembles a `Blob` but has no size.
    pub(crate) fn size(&self) -> Result<f64, JsValue> {
        match self {
            Self::Text(text) => Ok(utf8_length(text)),
            Self::Bytes(bytes) => bytes.byte_length(),
            Self::Blob(blob) => blob.size()?.as_f64().ok_or(JsValue::UNDEFINED),
        }
    }

    /// A copy, if the memory is shared or resizable, which hosts refuse.
    pub(crate) fn copy_of_special_memory(&self) -> Option<JsValue> {
        let Self::Bytes(bytes) = self else {
            return None;
        };
        let buffer = bytes.buffer().ok().filter(|buffer| !buffer.is_undefined());
        let buffer = buffer.as_ref().unwrap_or(bytes);
        let is_resizable = buffer.unchecked_ref::<Bytes>().resizable().is_ok_and(|resizable| resizable.is_truthy());
        let is_special = is_resizable || tag_of(buffer) == "SharedArrayBuffer";
        is_special.then(|| copy(bytes).map(JsValue::from).ok()).flatten()
    }
}

/// Checks that a buffer is not detached, and that a view is inside of its buffer, which may have shrunk. Hosts send
/// nothing then, or throw various exceptions.
fn attached(bytes: &Bytes) -> Result<Bytes, JsValue> {
    if bytes.byte_length()? > 0.0 {
        return Ok(bytes.clone());
    }
    // Both have a length of 0. Copying a detached buffer throws, and so do the methods of a typed array outside of its
    // buffer.
    let copy = copy(bytes)?;
    if let Ok(keys) = get(bytes, "keys")?.dyn_into::<Function>() {
        keys.call0(bytes)?;
    }
    Ok(copy)
}

/// Copies the bytes of a buffer or view.
fn copy(bytes: &Bytes) -> Result<Bytes, JsValue> {
    let buffer = bytes.buffer()?;
    let buffer = if buffer.is_undefined() { JsValue::from(bytes) } else { buffer };
    let length = JsValue::from(bytes.byte_length()?);
    let all = Copy::of(&buffer, &bytes.byte_offset()?, &length)?;
    Ok(all.slice(0, all.length()).unchecked_into())
}

/// Reads a `Blob`. `done` is called with its bytes or the exception, never before this has returned. Reading cannot be
/// cancelled.
pub(crate) fn read(blob: &Bytes, done: impl Fn(Result<Bytes, JsValue>) + 'static) {
    let reading = blob.array_buffer().map_or_else(|error| Promise::reject(&error), |bytes| Promise::resolve(&bytes));
    let settled = timer::once(move |outcomes| {
        let outcome = Array::from(&outcomes).get(0);
        done(match get(&outcome, "value").unwrap_or_default() {
            bytes if bytes.is_object() => Ok(bytes.unchecked_into()),
            _ => Err(get(&outcome, "reason").unwrap_or_default()),
        });
    });
    Promise::all_settled(&Array::of1(&reading)).unchecked_into::<Settling>().then_call(&settled);
}

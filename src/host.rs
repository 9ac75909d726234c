//! The JavaScript side, `host.js`, as Rust sees it.
//!
//! Its functions take and return what wasm can pass as it is, so that no glue stands between. What one of them could
//! not do it keeps as its fault, and returns undefined or a number that says so.

use wasm_bindgen::prelude::*;

use crate::handler::DataType;
#[cfg(feature = "class")]
use crate::status::Status;

/// What JavaScript calls with one of [`heard`]; the event or exception that belongs to it stays on the wire.
#[cfg(not(feature = "module"))]
pub(crate) type Ear = Closure<dyn Fn(i32)>;

/// What an [`Ear`] is told. The first four are the host's events.
pub(crate) mod heard {
    pub(crate) const OPEN: i32 = 0;
    pub(crate) const MESSAGE: i32 = 1;
    pub(crate) const ERROR: i32 = 2;
    pub(crate) const CLOSE: i32 = 3;
    /// The `Blob` in front of the waiting messages has been read.
    pub(crate) const READ: i32 = 4;
    /// It cannot be read.
    pub(crate) const UNREADABLE: i32 = 5;
    /// The turn that [`turn`](super::turn) asked for has come. What else there is, is the end of a [`wait`](super::wait).
    pub(crate) const TURN: i32 = 6;
}

/// What [`send`] and [`flush`] answer.
pub(crate) mod sent {
    pub(crate) const DONE: i32 = 0;
    /// Behind others.
    pub(crate) const WAITS: i32 = 1;
    /// It has to be read first.
    pub(crate) const IS_BLOB: i32 = 2;
    pub(crate) const NOT_A_MESSAGE: i32 = 3;
    /// By the host.
    pub(crate) const REFUSED: i32 = 4;
}

/// What JavaScript keeps of a connection for good, in the order of `properties`.
#[cfg(not(feature = "module"))]
#[cfg_attr(not(feature = "class"), allow(dead_code, reason = "programs in Rust know what they set"))]
pub(crate) enum Property {
    Url,
    Handler,
    DataType,
    Id,
    Protocol,
}

#[wasm_bindgen(module = "/src/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = hasClass)]
    pub(crate) fn has_class() -> bool;
    #[wasm_bindgen(js_name = urlTexts)]
    pub(crate) fn url_texts(url: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = memberName)]
    pub(crate) fn member_name(index: i32) -> JsValue;
    #[wasm_bindgen(js_name = memberList)]
    pub(crate) fn member_list(handler: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = protocolList)]
    pub(crate) fn protocol_list(protocols: &JsValue) -> JsValue;
    pub(crate) fn repeated(list: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = headerList)]
    pub(crate) fn header_list(headers: &JsValue) -> JsValue;
    pub(crate) fn connect(
        url_texts: &JsValue,
        handler: &JsValue,
        data_type: i32,
        protocols: &JsValue,
        headers: &JsValue,
    ) -> JsValue;
    #[cfg(not(feature = "module"))]
    pub(crate) fn listen(wire: &JsValue, object: &JsValue, ear: &JsValue);
    #[cfg(feature = "module")]
    pub(crate) fn listen(wire: &JsValue, object: &JsValue, ear: i32);
    #[cfg(not(feature = "module"))]
    pub(crate) fn property(wire: &JsValue, index: i32) -> JsValue;
    #[wasm_bindgen(js_name = isEnding)]
    pub(crate) fn is_ending(wire: &JsValue) -> bool;
    #[wasm_bindgen(js_name = setReason)]
    pub(crate) fn set_reason(wire: &JsValue, reason: &JsValue);
    /// Keeps what is being heard for `onError`.
    pub(crate) fn note(wire: &JsValue);
    pub(crate) fn close(wire: &JsValue, code: i32);
    #[wasm_bindgen(js_name = takeFault)]
    pub(crate) fn take_fault() -> JsValue;

    pub(crate) fn deliver(wire: &JsValue) -> bool;

    pub(crate) fn send(wire: &JsValue, message: &JsValue) -> i32;
    pub(crate) fn enqueue(wire: &JsValue);
    pub(crate) fn waiting(wire: &JsValue) -> i32;
    pub(crate) fn buffered(wire: &JsValue) -> f64;
    pub(crate) fn flush(wire: &JsValue) -> i32;

    #[wasm_bindgen(js_name = setStatus)]
    pub(crate) fn set_status(wire: &JsValue, status: i32);
    #[wasm_bindgen(js_name = callOpen)]
    pub(crate) fn call_open(wire: &JsValue);
    #[wasm_bindgen(js_name = callError)]
    pub(crate) fn call_error(wire: &JsValue, code: i32, text: &JsValue, host_code: i32);
    /// Calls `onTerminate` with a code, or with 0 for that of the host's `close` event.
    pub(crate) fn end(wire: &JsValue, code: i32);
    /// Has [`heard::TURN`] heard before anything else happens.
    pub(crate) fn turn(wire: &JsValue);
    /// Has the end of a wait heard, in place of that of the wait before.
    pub(crate) fn wait(wire: &JsValue, milliseconds: f64);
    /// Milliseconds, by a clock that nobody sets.
    pub(crate) fn now() -> f64;

    #[wasm_bindgen(js_name = kind)]
    fn kind_at(value: &JsValue) -> i32;
    #[wasm_bindgen(js_name = kinds)]
    fn kinds_at(list: &JsValue) -> i32;
    fn number(value: &JsValue) -> f64;
    fn length(list: &JsValue) -> i32;
    pub(crate) fn at(list: &JsValue, index: i32) -> JsValue;
    fn unit(text: &JsValue, index: i32) -> i32;
    /// The code of the host's `close` event that is being heard.
    pub(crate) fn code(wire: &JsValue) -> i32;
    #[cfg(feature = "class")]
    #[wasm_bindgen(js_name = statusName)]
    fn status_name_at(index: i32) -> JsValue;
    #[wasm_bindgen(js_name = dataTypeName)]
    fn data_type_name_at(index: i32) -> JsValue;
    #[wasm_bindgen(js_name = dataTypeIndex)]
    fn data_type_index(name: &JsValue) -> i32;

    /// The exception for an error: about something that has a name, the value that was wrong, what caused it; each
    /// undefined where there is none.
    pub(crate) fn exception(code: i32, text: &JsValue, name: &JsValue, got: &JsValue, cause: &JsValue) -> JsValue;
}

/// What kind of value something is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Undefined,
    Null,
    Object,
    Text,
    Number,
    Function,
    Other,
}

pub(crate) fn kind(value: &JsValue) -> Kind {
    kind_of(kind_at(value))
}

/// What kind of value the items of a list are, of which there are ten at most; nothing if it is no list.
pub(crate) fn kinds(list: &JsValue) -> Option<impl Fn(i32) -> Kind> {
    let digits = kinds_at(list);
    (digits >= 0).then_some(move |index| kind_of(digits >> (3 * index) & 7))
}

fn kind_of(digit: i32) -> Kind {
    match digit {
        0 => Kind::Undefined,
        1 => Kind::Object,
        2 => Kind::Text,
        3 => Kind::Number,
        4 => Kind::Function,
        5 => Kind::Null,
        _ => Kind::Other,
    }
}

/// A value that is there.
pub(crate) fn present(value: JsValue) -> Option<JsValue> {
    (kind(&value) != Kind::Undefined).then_some(value)
}

/// The number that a value is.
pub(crate) fn number_of(value: &JsValue) -> Option<f64> {
    (kind(value) == Kind::Number).then(|| number(value))
}

/// The UTF-16 units of the text that a value is.
pub(crate) fn units_of(value: &JsValue) -> Option<impl ExactSizeIterator<Item = u16>> {
    (kind(value) == Kind::Text).then(|| (0..length(value)).map(|index| unit(value, index) as u16))
}

pub(crate) fn items(list: &JsValue) -> impl Iterator<Item = JsValue> {
    (0..length(list)).map(|index| at(list, index))
}

/// A status in 4D's word. The words are JavaScript's: they need not be made anew each time.
#[cfg(feature = "class")]
pub(crate) fn status_name(status: Status) -> JsValue {
    status_name_at(status as i32)
}

/// The data type that a value is the word of.
pub(crate) fn data_type_of(value: &JsValue) -> Option<DataType> {
    match data_type_index(value) {
        0 => Some(DataType::Text),
        1 => Some(DataType::Blob),
        2 => Some(DataType::Object),
        _ => None,
    }
}

/// A data type in 4D's word.
#[cfg(feature = "std")]
pub(crate) fn data_type_name(data_type: DataType) -> JsValue {
    data_type_name_at(data_type as i32)
}

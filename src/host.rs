//! The JavaScript side, `host.js`, as Rust sees it.
//!
//! Its functions take and return what wasm can pass as it is, so that no glue stands between. What one of them could
//! not do it keeps as its fault, and returns undefined or a number that says so.

use wasm_bindgen::prelude::*;

use crate::error::ErrCode;
use crate::handler::DataType;
#[cfg(feature = "class")]
use crate::status::Status;

/// The host's connection.
#[cfg(feature = "std")]
pub(crate) use web_sys::WebSocket as Socket;

/// The host's connection. With web-sys comes the runtime of js-sys' futures, which would be a tenth of the module.
#[cfg(not(feature = "std"))]
pub(crate) type Socket = JsValue;

/// A function that JavaScript calls with one value, which it may leave out.
pub(crate) type Callback = Closure<dyn Fn(&JsValue)>;

/// What [`send`] and [`flush`] answer.
pub(crate) mod sent {
    pub(crate) const DONE: i32 = 0;
    /// A `Blob` has to be read first.
    pub(crate) const BLOB: i32 = 1;
    /// The host is not open any more.
    pub(crate) const NOT_OPEN: i32 = 2;
    pub(crate) const NOT_A_MESSAGE: i32 = 3;
}

#[wasm_bindgen(module = "/src/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = hostClass)]
    pub(crate) fn class() -> JsValue;
    #[wasm_bindgen(js_name = urlText)]
    pub(crate) fn url_text(url: &JsValue) -> JsValue;
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
        class: &JsValue,
        url: &JsValue,
        protocols: &JsValue,
        headers: &JsValue,
        data_type: i32,
    ) -> JsValue;
    pub(crate) fn listen(socket: &Socket, open: &JsValue, message: &JsValue, error: &JsValue, close: &JsValue);
    pub(crate) fn unlisten(socket: &Socket, open: &JsValue, message: &JsValue, error: &JsValue, close: &JsValue);
    #[wasm_bindgen(js_name = isEnding)]
    pub(crate) fn is_ending(socket: &Socket) -> bool;
    pub(crate) fn release(socket: &Socket);
    pub(crate) fn close(socket: &Socket, code: i32, reason: &JsValue);
    #[wasm_bindgen(js_name = takeFault)]
    pub(crate) fn take_fault() -> JsValue;

    pub(crate) fn deliver(data_type: i32, object: &JsValue, handler: &JsValue, event: &JsValue) -> i32;

    pub(crate) fn send(socket: &Socket, message: &JsValue) -> i32;
    pub(crate) fn frame(message: &JsValue) -> JsValue;
    pub(crate) fn outbox() -> JsValue;
    pub(crate) fn push(outbox: &JsValue, frame: &JsValue);
    pub(crate) fn clear(outbox: &JsValue);
    pub(crate) fn waiting(outbox: &JsValue) -> i32;
    pub(crate) fn buffered(socket: &Socket, outbox: &JsValue) -> f64;
    pub(crate) fn flush(socket: &Socket, outbox: &JsValue) -> i32;
    pub(crate) fn read(outbox: &JsValue, done: &JsValue);

    #[wasm_bindgen(js_name = callOpen)]
    pub(crate) fn call_open(object: &JsValue, handler: &JsValue);
    #[wasm_bindgen(js_name = callError)]
    pub(crate) fn call_error(
        object: &JsValue,
        handler: &JsValue,
        code: i32,
        text: &str,
        unsent: i32,
        host_code: i32,
        source: &JsValue,
    );
    #[wasm_bindgen(js_name = callTerminate)]
    pub(crate) fn call_terminate(object: &JsValue, handler: &JsValue, code: i32, close_event: &JsValue);
    pub(crate) fn soon(callback: &JsValue);
    pub(crate) fn start(milliseconds: f64, callback: &JsValue) -> JsValue;
    pub(crate) fn stop(timer: &JsValue);
    /// Milliseconds, by a clock that nobody sets.
    pub(crate) fn now() -> f64;

    #[wasm_bindgen(js_name = kind)]
    fn kind_at(value: &JsValue) -> i32;
    fn number(value: &JsValue) -> f64;
    fn length(list: &JsValue) -> i32;
    pub(crate) fn at(list: &JsValue, index: i32) -> JsValue;
    fn unit(text: &JsValue, index: i32) -> i32;
    /// The code of a host's `close` event, which need not be of a class `CloseEvent`.
    pub(crate) fn code(close_event: &JsValue) -> i32;
    /// The text that a value is, `""` if it is undefined.
    pub(crate) fn text(value: &JsValue) -> JsValue;
    pub(crate) fn protocol(socket: &Socket, offered: &JsValue) -> JsValue;
    #[cfg(feature = "class")]
    #[wasm_bindgen(js_name = statusName)]
    fn status_name_at(index: i32) -> JsValue;
    #[wasm_bindgen(js_name = dataTypeName)]
    fn data_type_name_at(index: i32) -> JsValue;

    #[wasm_bindgen(js_name = exception)]
    pub(crate) fn exception_with(code: i32, text: &str, name: &JsValue, got: &JsValue, cause: &JsValue) -> JsValue;
    pub(crate) fn keep(object: &JsValue, handler: &JsValue) -> JsValue;
    #[cfg(feature = "class")]
    pub(crate) fn kept(weak: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = nextId)]
    pub(crate) fn next_id() -> f64;
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
    match kind_at(value) {
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

/// A data type in 4D's word.
pub(crate) fn data_type_name(data_type: DataType) -> JsValue {
    data_type_name_at(data_type as i32)
}

/// The exception for an error: about something that has a name, the value that was wrong, what caused it; each
/// undefined where there is none.
pub(crate) fn exception(error: ErrCode, name: &JsValue, got: &JsValue, cause: &JsValue) -> JsValue {
    exception_with(error.number(), error.text(), name, got, cause)
}

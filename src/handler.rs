//! The handler object: what it may hold, and what of it is read when a connection is opened.

use wasm_bindgen::JsValue;

use crate::error::ErrCode;
use crate::handshake::{is_field_value, is_reserved, is_token};
use crate::host::{self, Kind};

/// What a message received is handed over as: 4D's
/// [`.dataType`](https://developer.4d.com/docs/API/WebSocketClass#datatype).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    /// `"text"`: a string. Binary frames are decoded as UTF-8.
    Text,
    /// `"blob"`: a `Blob`. Of a text frame it holds the UTF-8 bytes.
    Blob,
    /// `"object"`: the value of the JSON text in the frame. Binary frames are decoded as UTF-8.
    Object,
}

/// How a handler wants its connection.
pub(crate) struct Settings {
    pub(crate) data_type: DataType,
    /// A list of name, value, name, value, …, or undefined.
    pub(crate) headers: JsValue,
    /// A list of different tokens, or undefined.
    pub(crate) protocols: JsValue,
    /// Milliseconds.
    pub(crate) close_timeout: f64,
}

const DEFAULT_CLOSE_TIMEOUT: f64 = 5000.0;
/// The longest time that a host's timer takes.
const MAX_CLOSE_TIMEOUT: f64 = 2_147_483_647.0;
/// How many members, the first of them, are callbacks.
const CALLBACKS: i32 = 4;

impl Settings {
    /// Reads and checks a handler: an object, or null or undefined for none.
    pub(crate) fn read(handler: &JsValue) -> Result<Self, JsValue> {
        let mut settings = Self {
            data_type: DataType::Text,
            headers: JsValue::UNDEFINED,
            protocols: JsValue::UNDEFINED,
            close_timeout: DEFAULT_CLOSE_TIMEOUT,
        };
        match host::kind(handler) {
            Kind::Undefined | Kind::Null => return Ok(settings),
            Kind::Object => {}
            _ => return Err(ErrCode::Handler.about(handler)),
        }
        let members = host::member_list(handler);
        let Some(kind_of) = host::kinds(&members) else {
            return Err(ErrCode::Member.of(&members, &JsValue::UNDEFINED, &host::take_fault()));
        };
        for index in 0..CALLBACKS {
            if !matches!(kind_of(index), Kind::Undefined | Kind::Function) {
                let (name, callback) = (host::member_name(index), host::at(&members, index));
                return Err(ErrCode::Callback.of(&name, &callback, &JsValue::UNDEFINED));
            }
        }
        let member = |index| (kind_of(index) != Kind::Undefined).then(|| host::at(&members, index));
        if let Some(value) = member(4) {
            settings.data_type = host::data_type_of(&value).ok_or_else(|| ErrCode::DataType.about(&value))?;
        }
        if let Some(value) = member(5) {
            settings.headers = headers(&value)?;
        }
        if let Some(value) = member(6) {
            settings.protocols = protocols(&value)?;
        }
        if let Some(value) = member(7) {
            settings.close_timeout = close_timeout(&value)?;
        }
        Ok(settings)
    }
}

// The next three are apart, and wasm-opt leaves them so: hosts compile a function when it is first called, and most handlers
// have no use for these.

#[inline(never)]
fn close_timeout(value: &JsValue) -> Result<f64, JsValue> {
    host::number_of(value)
        .filter(|milliseconds| (0.0..=MAX_CLOSE_TIMEOUT).contains(milliseconds))
        .ok_or_else(|| ErrCode::CloseTimeout.about(value))
}

#[inline(never)]
fn protocols(value: &JsValue) -> Result<JsValue, JsValue> {
    let list = host::present(host::protocol_list(value))
        .ok_or_else(|| ErrCode::Protocols.because(value, &host::take_fault()))?;
    for protocol in host::items(&list) {
        if !host::units_of(&protocol).is_some_and(is_token) {
            return Err(ErrCode::Protocols.about(&protocol));
        }
    }
    match host::present(host::repeated(&list)) {
        Some(protocol) => Err(ErrCode::ProtocolRepeated.about(&protocol)),
        None => Ok(list),
    }
}

#[inline(never)]
fn headers(value: &JsValue) -> Result<JsValue, JsValue> {
    let list =
        host::present(host::header_list(value)).ok_or_else(|| ErrCode::Headers.because(value, &host::take_fault()))?;
    let mut items = host::items(&list);
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        if !host::units_of(&name).is_some_and(is_token) {
            return Err(ErrCode::HeaderName.about(&name));
        }
        if host::units_of(&name).is_some_and(is_reserved) {
            return Err(ErrCode::HeaderReserved.of(&name, &JsValue::UNDEFINED, &JsValue::UNDEFINED));
        }
        if !host::units_of(&value).is_some_and(is_field_value) {
            return Err(ErrCode::HeaderValue.of(&name, &JsValue::UNDEFINED, &JsValue::UNDEFINED));
        }
    }
    drop(items);
    Ok(list)
}

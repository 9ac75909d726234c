//! An adapter from an object with callbacks to a handler.

use std::time::Duration;

use js_sys::{Array, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::event::{EventObject, entries_of};
use super::member::read_members;
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent};
use crate::handler::{
    Beats, ConnectionHandler, DEFAULT_CLOSE_TIMEOUT, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, Settings, checked_duration,
    checked_header, checked_protocols, milliseconds,
};
use crate::shortcut::Shortcut;
use crate::websocket::WebSocket;

#[wasm_bindgen]
extern "C" {
    // Unlike those of js-sys, these catch exceptions of proxies and getters.
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(object: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn array_from(value: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(js_name = Object)]
    fn object_of(value: &JsValue) -> JsValue;
}

/// The members of a handler in the order in which they are read: first the callbacks.
const MEMBERS: [&str; 11] = [
    "onOpen",
    "onMessage",
    "onError",
    "onTerminate",
    "dataType",
    "headers",
    "protocols",
    "closeTimeout",
    "connectionTimeout",
    "heartbeat",
    "signal",
];
const CALLBACKS: usize = 4;
const OF_HEARTBEAT: [&str; 3] = ["heartbeat.message", "heartbeat.interval", "heartbeat.timeout"];

/// The callbacks of an object. They are kept until the connection has ended.
pub(super) struct JsHandler {
    pub(super) shortcut: Shortcut,
}

impl JsHandler {
    /// Reads each member of an object, null or undefined once, and checks its type. The last value of the result is the
    /// abort signal.
    pub(super) fn read(handler: &JsValue) -> Result<(Self, Settings, JsValue), Error> {
        let has_members = !handler.is_null_or_undefined();
        if has_members && !handler.is_object() {
            return Err(Error::about(ErrCode::Handler, handler));
        }
        let mut members = [const { JsValue::UNDEFINED }; MEMBERS.len()];
        if has_members {
            read_members(handler, "", &MEMBERS, &mut members)?;
        }
        for (member, name) in members.iter().zip(MEMBERS).take(CALLBACKS) {
            if !member.is_undefined() && !member.is_function() {
                return Err(Error::named(ErrCode::Callback, name, member, None));
            }
        }
        let [.., data_type, headers, protocols, close_timeout, connection_timeout, heartbeat, signal] = members;
        let data_type = data_type_of(&data_type)?;
        let handler = if has_members { handler.clone() } else { JsValue::NULL };
        let settings = Settings {
            data_type,
            headers: headers_of(&headers)?,
            protocols: protocols_of(&protocols)?,
            close_timeout: duration_of("closeTimeout", close_timeout, DEFAULT_CLOSE_TIMEOUT)?,
            connection_timeout: match connection_timeout {
                none if none.is_undefined() => None,
                timeout => Some(checked_duration("connectionTimeout", timeout)?),
            },
            heartbeat: heartbeat_of(&heartbeat)?,
        };
        Ok((Self { shortcut: Shortcut::new(&handler, data_type) }, settings, signal))
    }
}

impl ConnectionHandler for JsHandler {
    fn on_open(&self, _: &WebSocket) {
        self.shortcut.emit("onOpen", &EventObject::named("open"));
    }

    fn on_message(&self, _: &WebSocket, event: MessageEvent) {
        self.shortcut.deliver(event.data());
    }

    fn on_error(&self, _: &WebSocket, event: ErrorEvent) {
        let error = EventObject::named("error");
        error.set_errors(&entries_of(&event.errors));
        self.shortcut.emit("onError", &error);
    }

    fn on_terminate(&self, _: &WebSocket, event: TerminateEvent) {
        let end = EventObject::named("terminate");
        end.set_end(event.code, &event.reason, event.was_clean);
        self.shortcut.emit("onTerminate", &Object::freeze(&end));
    }
}

fn data_type_of(value: &JsValue) -> Result<DataType, Error> {
    if value.is_undefined() {
        return Ok(DataType::Text);
    }
    let word = value.as_string();
    let found = DataType::ALL.into_iter().find(|data_type| word.as_deref() == Some(data_type.word()));
    found.ok_or_else(|| Error::about(ErrCode::DataType, value))
}

fn duration_of(name: &str, value: JsValue, default: Duration) -> Result<f64, Error> {
    checked_duration(name, if value.is_undefined() { milliseconds(default) } else { value })
}

fn heartbeat_of(value: &JsValue) -> Result<Option<Beats>, Error> {
    if value.is_undefined() {
        return Ok(None);
    }
    if !value.is_object() {
        return Err(Error::about(ErrCode::Heartbeat, value));
    }
    let mut members = [const { JsValue::UNDEFINED }; OF_HEARTBEAT.len()];
    read_members(value, "heartbeat.", &OF_HEARTBEAT, &mut members)?;
    let [message, interval, timeout] = members;
    let interval = duration_of("heartbeat.interval", interval, DEFAULT_INTERVAL)?;
    let timeout = duration_of("heartbeat.timeout", timeout, DEFAULT_TIMEOUT)?;
    Beats::checked(message, interval, timeout).map(Some)
}

/// The subprotocols of a string or an array.
fn protocols_of(value: &JsValue) -> Result<Array, Error> {
    if value.is_undefined() {
        return Ok(Array::new());
    }
    checked_protocols(list_of(value).map_err(|cause| Error::because(ErrCode::Protocols, value, cause))?)
}

/// The headers as pairs of a name and a value. An array as value gives one pair for each entry.
fn headers_of(value: &JsValue) -> Result<Option<Array>, Error> {
    if value.is_undefined() {
        return Ok(None);
    }
    // Iterable objects are rejected: the entries of a Map or a Headers are not members and would be lost.
    let is_plain = |value: &JsValue| Ok(value.is_object() && !Reflect::has(value, &Symbol::iterator())?);
    let wrong = |cause| Error::because(ErrCode::Headers, value, cause);
    if !is_plain(value).map_err(wrong)? {
        // A text may contain a secret, and is not shown.
        return Err(Error::about(ErrCode::Headers, &if value.is_string() { object_of(value) } else { value.clone() }));
    }
    let headers = Array::new();
    for entry in entries(value).map_err(wrong)?.iter() {
        let entry = entry.unchecked_into::<Array>();
        for value in list_of(&entry.get(1)).map_err(wrong)?.iter() {
            let header = checked_header(entry.get(0), value)?;
            headers.push(&header);
        }
    }
    Ok(Some(headers))
}

/// The values of an array, or a single value as an array.
fn list_of(value: &JsValue) -> Result<Array, JsValue> {
    if is_array(value)? { array_from(value) } else { Ok(Array::of1(value)) }
}

//! An object with callbacks, as a handler.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Function, JsString, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::data_type::DataType;
use crate::error::{COMPONENT_SIGNATURE, ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent, get};
use crate::handler::{
    Beats, ConnectionHandler, DEFAULT_CLOSE_TIMEOUT, DEFAULT_INTERVAL, DEFAULT_TIMEOUT, Settings, checked_duration,
    checked_header, checked_protocols, milliseconds,
};
use crate::listener::Listener;
use crate::shortcut::Shortcut;
use crate::status::Status;
use crate::timer::Callback;
use crate::websocket::WebSocket;

#[wasm_bindgen]
extern "C" {
    /// An event of the contract, or an entry of one.
    #[wasm_bindgen(extends = Object)]
    type Told;
    #[wasm_bindgen(method, setter)]
    fn set_type(this: &Told, value: &str);
    #[wasm_bindgen(method, setter)]
    fn set_errors(this: &Told, value: &Array);
    #[wasm_bindgen(method, setter)]
    fn set_code(this: &Told, value: u16);
    #[wasm_bindgen(method, setter)]
    fn set_reason(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, js_name = wasClean)]
    fn set_was_clean(this: &Told, value: bool);
    #[wasm_bindgen(method, setter, js_name = errCode)]
    fn set_err_code(this: &Told, value: i32);
    #[wasm_bindgen(method, setter)]
    fn set_message(this: &Told, value: &str);
    #[wasm_bindgen(method, setter, js_name = componentSignature)]
    fn set_component_signature(this: &Told, value: &str);

    // As js-sys has them, but for what throws: a proxy, or a getter.
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(object: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn array_from(value: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(js_name = Object)]
    fn object_of(value: &JsValue) -> JsValue;
}

/// What is read of a handler, in that order: its callbacks, then the rest.
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
const OF_SIGNAL: [&str; 4] =
    ["signal.addEventListener", "signal.removeEventListener", "signal.aborted", "signal.reason"];

/// The callbacks of an object, as long as its connection lives.
pub(super) struct JsHandler {
    pub(super) shortcut: Shortcut,
}

impl JsHandler {
    /// Reads the members of an object, null or undefined, each of them once, and checks their types. The last is the
    /// signal that ends the connection.
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

/// Reads members of an object, each of them once; null is as if it were not there. All names begin with where the handler
/// has the object.
fn read_members(object: &JsValue, path: &str, names: &[&str], members: &mut [JsValue]) -> Result<(), Error> {
    for (member, name) in members.iter_mut().zip(names) {
        let wrong = |cause| Error::named(ErrCode::Member, name, &JsValue::UNDEFINED, Some(cause));
        let value = get(object, name.get(path.len()..).unwrap_or_default()).map_err(wrong)?;
        if !value.is_null() {
            *member = value;
        }
    }
    Ok(())
}

fn told(name: &str) -> Told {
    let event = Object::new().unchecked_into::<Told>();
    event.set_type(name);
    event
}

impl ConnectionHandler for JsHandler {
    fn on_open(&self, _: &WebSocket) {
        self.shortcut.tell("onOpen", &told("open"));
    }

    fn on_message(&self, _: &WebSocket, event: MessageEvent) {
        self.shortcut.deliver(event.data());
    }

    fn on_error(&self, _: &WebSocket, event: ErrorEvent) {
        let entries = event.errors.iter().map(|error| {
            let entry = Object::new().unchecked_into::<Told>();
            entry.set_err_code(error.code.number());
            entry.set_message(&error.message);
            entry.set_component_signature(COMPONENT_SIGNATURE);
            entry
        });
        let error = told("error");
        error.set_errors(&entries.collect());
        self.shortcut.tell("onError", &error);
    }

    fn on_terminate(&self, _: &WebSocket, event: TerminateEvent) {
        let end = told("terminate");
        end.set_code(event.code);
        end.set_reason(&event.reason);
        end.set_was_clean(event.was_clean);
        self.shortcut.tell("onTerminate", &Object::freeze(&end));
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

/// Has a signal end a connection, unless it is aborted already. It is known by its shape, for it may be of another realm.
pub(super) fn listen(
    signal: &JsValue,
    connection: &Rc<Connection>,
    shortcut: &Shortcut,
) -> Result<Option<Listener>, Error> {
    if signal.is_undefined() {
        return Ok(None);
    }
    let wrong = |cause| Error::named(ErrCode::Signal, "", signal, cause);
    if !signal.is_object() {
        return Err(wrong(None));
    }
    let mut members = [const { JsValue::UNDEFINED }; OF_SIGNAL.len()];
    read_members(signal, "signal.", &OF_SIGNAL, &mut members)?;
    let [add, remove, aborted, reason] = members;
    if !add.is_function() || !remove.is_function() || aborted.as_bool().is_none() {
        return Err(wrong(None));
    }
    if aborted.is_truthy() {
        // The cause tells it from a wrong one.
        return Err(wrong(Some(reason)));
    }
    let callback = {
        let (connection, signal, shortcut) = (connection.clone(), signal.clone(), shortcut.clone());
        Callback::own_assert_unwind_safe(move |_: JsValue| {
            if connection.lifecycle.get().status() <= Status::Connected {
                shortcut.set_signal(&signal);
            }
            // Without a reason, nothing can be wrong.
            let _ = connection.terminate(CloseCode::NORMAL, JsString::default());
        })
    };
    let function = callback.as_ref().unchecked_ref::<Function>().clone();
    Listener::new(signal.unchecked_ref(), "abort", callback, function).map(Some).map_err(|_| wrong(None))
}

/// A subprotocol, or an array of them.
fn protocols_of(value: &JsValue) -> Result<Array, Error> {
    if value.is_undefined() {
        return Ok(Array::new());
    }
    checked_protocols(list_of(value).map_err(|cause| Error::because(ErrCode::Protocols, value, cause))?)
}

/// The members of an object as pairs of a name and a value, more than one where the value is an array.
fn headers_of(value: &JsValue) -> Result<Option<Array>, Error> {
    if value.is_undefined() {
        return Ok(None);
    }
    // The entries of an array, a Map or a Headers are no members: they would be lost.
    let is_plain = |value: &JsValue| Ok(value.is_object() && !Reflect::has(value, &Symbol::iterator())?);
    let wrong = |cause| Error::because(ErrCode::Headers, value, cause);
    if !is_plain(value).map_err(wrong)? {
        // A text may hold a secret, and is not shown.
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

/// The values of an array, or one value.
fn list_of(value: &JsValue) -> Result<Array, JsValue> {
    if is_array(value)? { array_from(value) } else { Ok(Array::of1(value)) }
}

//! An object with callbacks, as a handler.

use js_sys::{Array, Function, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use crate::data_type::DataType;
use crate::error::{COMPONENT_SIGNATURE, ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent, get};
use crate::handler::{
    ConnectionHandler, DEFAULT_CLOSE_TIMEOUT, Settings, checked_close_timeout, checked_header, checked_protocols,
    milliseconds,
};
use crate::report::report;
use crate::shortcut::Shortcut;
use crate::websocket::WebSocket;

#[wasm_bindgen]
extern "C" {
    /// An event of the contract, or an entry of one.
    #[wasm_bindgen(extends = Object)]
    type Told;
    #[wasm_bindgen(method, setter)]
    fn set_type(this: &Told, value: &str);
    #[wasm_bindgen(method, setter)]
    fn set_data(this: &Told, value: &JsValue);
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

const ON_OPEN: &str = "onOpen";
const ON_MESSAGE: &str = "onMessage";
const ON_ERROR: &str = "onError";
const ON_TERMINATE: &str = "onTerminate";
const CALLBACKS: [&str; 4] = [ON_OPEN, ON_MESSAGE, ON_ERROR, ON_TERMINATE];
/// What is read of a handler, in that order.
const MEMBERS: [&str; 8] =
    [ON_OPEN, ON_MESSAGE, ON_ERROR, ON_TERMINATE, "dataType", "headers", "protocols", "closeTimeout"];

/// The callbacks of an object, as long as its connection lives.
pub(super) struct JsHandler {
    pub(super) shortcut: Shortcut,
}

impl JsHandler {
    /// Reads the members of an object, null or undefined, each of them once, and checks their types.
    pub(super) fn read(handler: &JsValue) -> Result<(Self, Settings), Error> {
        let has_members = !handler.is_null_or_undefined();
        if has_members && !handler.is_object() {
            return Err(Error::about(ErrCode::Handler, handler));
        }
        let mut members = [const { JsValue::UNDEFINED }; MEMBERS.len()];
        if has_members {
            for (member, name) in members.iter_mut().zip(&MEMBERS) {
                let wrong = |cause| Error::named(ErrCode::Member, name, &JsValue::UNDEFINED, Some(cause));
                let value = get(handler, name).map_err(wrong)?;
                if !value.is_null() {
                    *member = value;
                }
            }
        }
        for (member, name) in members.iter().zip(&CALLBACKS) {
            if !member.is_undefined() && !member.is_function() {
                return Err(Error::named(ErrCode::Callback, name, member, None));
            }
        }
        let [.., data_type, headers, protocols, close_timeout] = members;
        let data_type = data_type_of(&data_type)?;
        let handler = if has_members { handler.clone() } else { JsValue::NULL };
        let settings = Settings {
            data_type,
            headers: headers_of(&headers)?,
            protocols: protocols_of(&protocols)?,
            close_timeout: close_timeout_of(close_timeout)?,
        };
        Ok((Self { shortcut: Shortcut::new(&handler, data_type) }, settings))
    }

    /// Calls a callback as it is now. An exception in it is the application's.
    fn call(&self, callback: &str, event: &JsValue) {
        let handler = self.shortcut.handler();
        if handler.is_null() {
            return;
        }
        let call = |callback: JsValue| match callback {
            none if none.is_null_or_undefined() => Ok(JsValue::UNDEFINED),
            callback => callback.unchecked_ref::<Function>().call2(&handler, &self.shortcut.object(), event),
        };
        if let Err(error) = get(&handler, callback).and_then(call) {
            report(&error);
        }
    }
}

fn told(name: &str) -> Told {
    let event = Object::new().unchecked_into::<Told>();
    event.set_type(name);
    event
}

impl ConnectionHandler for JsHandler {
    fn on_open(&self, _: &WebSocket) {
        self.call(ON_OPEN, &told("open"));
    }

    fn on_message(&self, _: &WebSocket, event: MessageEvent) {
        let message = told("message");
        message.set_data(event.data());
        self.call(ON_MESSAGE, &message);
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
        self.call(ON_ERROR, &error);
    }

    fn on_terminate(&self, _: &WebSocket, event: TerminateEvent) {
        let end = told("terminate");
        end.set_code(event.code);
        end.set_reason(&event.reason);
        end.set_was_clean(event.was_clean);
        self.call(ON_TERMINATE, &Object::freeze(&end));
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

fn close_timeout_of(value: JsValue) -> Result<f64, Error> {
    checked_close_timeout(if value.is_undefined() { milliseconds(DEFAULT_CLOSE_TIMEOUT) } else { value })
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

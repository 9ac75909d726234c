//! The members of a handler and the arguments of methods.

use js_sys::{Function, JsString};
use wasm_bindgen::prelude::*;

use crate::close::CloseCode;
use crate::error::{ErrCode, Error};
use crate::event::get;
use crate::listener::Listener;
use crate::timer::Callback;

/// Reads each member of an object once. `null` counts as missing. All names start with the path of the object in the
/// handler.
pub(super) fn read_members(object: &JsValue, path: &str, names: &[&str], members: &mut [JsValue]) -> Result<(), Error> {
    for (member, name) in members.iter_mut().zip(names) {
        let wrong = |cause| Error::named(ErrCode::Member, name, &JsValue::UNDEFINED, Some(cause));
        let value = get(object, name.get(path.len()..).unwrap_or_default()).map_err(wrong)?;
        if !value.is_null() {
            *member = value;
        }
    }
    Ok(())
}

const OF_SIGNAL: [&str; 4] =
    ["signal.addEventListener", "signal.removeEventListener", "signal.aborted", "signal.reason"];

/// Attaches a listener to the handler's abort signal. Fails if the signal is aborted. A signal is recognised by its
/// shape, because it may belong to another realm.
pub(super) fn listen(signal: &JsValue, aborted: impl Fn() + 'static) -> Result<Option<Listener>, Error> {
    if signal.is_undefined() {
        return Ok(None);
    }
    let wrong = |cause| Error::named(ErrCode::Signal, "", signal, cause);
    if !signal.is_object() {
        return Err(wrong(None));
    }
    let mut members = [const { JsValue::UNDEFINED }; OF_SIGNAL.len()];
    read_members(signal, "signal.", &OF_SIGNAL, &mut members)?;
    let [add, remove, is_aborted, reason] = members;
    if !add.is_function() || !remove.is_function() || is_aborted.as_bool().is_none() {
        return Err(wrong(None));
    }
    if is_aborted.is_truthy() {
        // An aborted signal differs from an invalid one by the cause.
        return Err(wrong(Some(reason)));
    }
    let callback = Callback::own_assert_unwind_safe(move |_: JsValue| aborted());
    let function = callback.as_ref().unchecked_ref::<Function>().clone();
    Listener::new(signal.unchecked_ref(), "abort", callback, function).map(Some).map_err(|_| wrong(None))
}

/// Checks the arguments of `terminate`, except the length of the reason.
pub(super) fn close_arguments(code: &JsValue, reason: &JsValue) -> Result<(CloseCode, JsString), Error> {
    let allowed = if code.is_undefined() { Some(CloseCode::NORMAL) } else { code.as_f64().and_then(CloseCode::new) };
    let code = allowed.ok_or_else(|| Error::about(ErrCode::CloseCode, code))?;
    match reason.dyn_ref::<JsString>() {
        Some(text) => Ok((code, text.clone())),
        None if reason.is_undefined() => Ok((code, JsString::default())),
        None => Err(Error::about(ErrCode::CloseReason, reason)),
    }
}

//! The JavaScript side, `host.js`, as Rust sees it.

use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use crate::data_type::DataType;
use crate::error::ErrCode;
use crate::law;

/// What JavaScript keeps of a connection for good, in the order of `properties`.
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
    #[wasm_bindgen(js_name = setLawAt)]
    fn set_law_at(
        table: JsValue,
        step: u32,
        scan: u32,
        sendable: u32,
        since: u32,
        wait: u32,
        error_texts: Vec<JsValue>,
    );

    #[wasm_bindgen(catch)]
    pub(crate) fn open(url: &JsValue, handler: &JsValue) -> Result<JsValue, JsValue>;
    pub(crate) fn listen(wire: &JsValue, object: &JsValue);
    #[wasm_bindgen(catch, js_name = put)]
    pub(crate) fn send(wire: &JsValue, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    pub(crate) fn terminate(wire: &JsValue, code: &JsValue, reason: &JsValue) -> Result<(), JsValue>;
    pub(crate) fn property(wire: &JsValue, index: i32) -> JsValue;
    #[wasm_bindgen(js_name = statusOf)]
    pub(crate) fn status_of(wire: &JsValue) -> i32;
    #[cfg(feature = "class")]
    #[wasm_bindgen(js_name = statusName)]
    pub(crate) fn status_name(wire: &JsValue) -> JsValue;
    pub(crate) fn buffered(wire: &JsValue) -> f64;

    /// The exception for an error: about the value that was wrong, what caused it, and something that has a name; each
    /// undefined where there is none.
    pub(crate) fn exception(code: i32, got: &JsValue, cause: &JsValue, name: &JsValue, text: &str) -> JsValue;
}

/// Gives JavaScript the law, as functions of this module that it calls by themselves, and the texts of the errors.
pub(crate) fn set_law() {
    let texts = ErrCode::ALL.iter().map(|error| error.text().into()).collect();
    let step: extern "C" fn(i32, i32, i32, i32) -> i32 = law::step;
    let scan: extern "C" fn(i32, i32, i32) -> i32 = law::scan;
    let sendable: extern "C" fn(f64) -> i32 = law::sendable;
    let since: extern "C" fn(f64, f64, f64, f64) -> f64 = law::since;
    let wait: extern "C" fn(f64, f64, f64) -> f64 = law::wait;
    // A function's address is its place in the table.
    set_law_at(
        wasm_bindgen::function_table(),
        step as usize as u32,
        scan as usize as u32,
        sendable as usize as u32,
        since as usize as u32,
        wait as usize as u32,
        texts,
    );
}

/// A data type in 4D's word.
pub(crate) fn data_type_name(data_type: DataType) -> JsValue {
    let word = match data_type {
        DataType::Text => "text",
        DataType::Blob => "blob",
        DataType::Object => "object",
    };
    word.into()
}

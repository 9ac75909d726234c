//! The class that the crate exports.

use fourd_websocket::Class;
use wasm_bindgen::prelude::*;

use super::server;

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    #[wasm_bindgen(js_name = classOf)]
    fn class_of(ws: &JsValue) -> JsValue;
}

thread_local! {
    /// JavaScript can only get the class from an object here.
    static CLASS: JsValue = {
        let url = server().replacen("http", "ws", 1) + "/echo";
        class_of(&Class::new(&url.into(), &JsValue::NULL).expect("the test server's address is a url"))
    };
}

pub fn class() -> JsValue {
    CLASS.with(JsValue::clone)
}

pub fn reason_to_skip(_: &str) -> Option<String> {
    None
}

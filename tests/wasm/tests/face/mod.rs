//! The API for programs in Rust.

mod condition;
mod double;
mod error;
mod handler;
#[cfg(feature = "reconnecting")]
mod journal;
mod lifetime;
mod message;
#[cfg(feature = "serde")]
mod object;
#[cfg(feature = "reconnecting")]
mod reconnecting;
mod recorder;
#[cfg(feature = "futures")]
mod sink;
#[cfg(feature = "futures")]
mod waiting;

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::{LISTED, server};
use bridge::skipped_names;

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    #[wasm_bindgen(js_name = sendsHeaders)]
    pub fn sends_headers() -> bool;

    /// Resolves when a test takes too long.
    async fn late();
    /// Waits for timers, one after another.
    #[cfg(feature = "reconnecting")]
    async fn turns(count: u32);

    /// The test server's record of a connection.
    pub type Seen;
    async fn seen(server: &str, key: &str) -> JsValue;
    /// The opcode and the data of each message, the bytes of a binary one in hexadecimal.
    #[wasm_bindgen(method, getter)]
    pub fn messages(this: &Seen) -> Vec<String>;
    /// The code and the reason of the close frame.
    #[wasm_bindgen(method, getter)]
    pub fn close(this: &Seen) -> String;
    /// A header of the handshake.
    #[wasm_bindgen(method)]
    pub fn header(this: &Seen, name: &str) -> Option<String>;
}

/// An address without a listener. Its port is outside the range of ephemeral ports.
const REFUSED: &str = "ws://127.0.0.1:20777/";

/// A path of the test server, with a unique key.
struct Address {
    url: String,
    key: String,
}

impl Address {
    fn new(path: &str) -> Self {
        thread_local! {
            static KEYS: Cell<u32> = const { Cell::new(0) };
        }
        let number = KEYS.replace(KEYS.get() + 1);
        let key = format!("face-{number}-{}", web_sys::js_sys::Math::random());
        let separator = if path.contains('?') { '&' } else { '?' };
        Self { url: format!("{}{path}{separator}key={key}", server().replacen("http", "ws", 1)), key }
    }

    /// The server's record of the connection, once it has ended.
    async fn seen(&self) -> Seen {
        seen(server(), &self.key).await.unchecked_into()
    }
}

#[wasm_bindgen_test]
fn every_case_that_is_skipped_exists() {
    for name in skipped_names() {
        assert!(LISTED.contains(&name.as_str()), "src/crate.js skips {name}, which is no case");
    }
}

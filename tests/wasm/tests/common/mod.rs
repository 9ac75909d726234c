//! The cases of `tests/contract` on the crate. With the feature `class`, they run on the class that it exports,
//! otherwise on the API for programs in Rust.

#[cfg(feature = "class")]
mod class;

#[cfg(not(feature = "class"))]
use bridge as tested;
#[cfg(feature = "class")]
use class as tested;

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The address of the test server, which has to run when these tests are compiled.
const SERVER: Option<&str> = option_env!("TEST_SERVER");
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../contract");

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = runCase)]
    async fn run_case(name: &str, class: &JsValue, directory: &str, server: &str) -> Result<(), JsValue>;
}

pub fn server() -> &'static str {
    SERVER.expect("these tests need the test server: run `cargo xtask test`, which starts it")
}

async fn run(name: &str) -> Result<(), JsValue> {
    if let Some(reason) = tested::reason_to_skip(name) {
        skip(&reason);
        return Ok(());
    }
    run_case(name, &tested::class(), DIRECTORY, server()).await
}

/// wasm-bindgen-test cannot report a skipped test. `cargo xtask test` recognizes this line.
pub fn skip(reason: &str) {
    wasm_bindgen_test::console_log!("skipped: {reason}");
}

macro_rules! cases {
    ($($name:ident)+) => {
        $(
            #[wasm_bindgen_test]
            async fn $name() -> Result<(), JsValue> {
                run(stringify!($name)).await
            }
        )+

        #[cfg(not(feature = "class"))]
        pub const LISTED: &[&str] = &[$(stringify!($name)),+];
    };
}

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

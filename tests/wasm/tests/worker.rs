//! The contract in a dedicated worker.

#![cfg(target_arch = "wasm32")]

mod common;
#[cfg(not(feature = "class"))]
mod face;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

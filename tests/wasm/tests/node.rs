//! The contract in Node.

#![cfg(target_arch = "wasm32")]

mod common;
#[cfg(not(feature = "class"))]
mod face;

//! 4D's [WebSocket class](https://developer.4d.com/docs/API/WebSocketClass) for JavaScript: one connection contract
//! that holds on every host.
//!
//! A program in Rust that is compiled to wasm (with wasm-bindgen, Leptos, Yew, Dioxus, …) opens a [`WebSocket`] with a
//! [`ConnectionHandler`]:
//!
//! ```no_run,standalone_crate
//! use fourd_websocket::{CloseCode, ConnectionHandler, Error, MessageEvent, TerminateEvent, WebSocket};
//! use web_sys::console;
//!
//! struct Greeter;
//!
//! impl ConnectionHandler for Greeter {
//!     fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
//!         console::log_2(&"received:".into(), event.data());
//!         let _ = ws.terminate(CloseCode::NORMAL, "that is all");
//!     }
//!
//!     fn on_terminate(&self, _ws: &WebSocket, event: TerminateEvent) {
//!         console::log_2(&"closed with code".into(), &event.code.into());
//!     }
//! }
//!
//! fn greet(url: &str) -> Result<WebSocket, Error> {
//!     let ws = WebSocket::new(url, Greeter)?;
//!     ws.send("Hello world")?; // works at once: it waits until the connection is open
//!     Ok(ws) // the connection is terminated when this is dropped
//! }
//! ```
//!
//! A program in JavaScript has the same as the npm package `fourd-websocket`. Both are faces of one connection, which is
//! JavaScript (`host.js`), where the host's own `WebSocket`, the handler and the messages are. What it does is decided here:
//! the sequence of callbacks by a state machine (`lifecycle`), and by the rules of closing (`close`) and the words of the
//! handshake (`handshake`), all of which it asks in numbers (`law`). The [table of errors](ErrCode) and the [status](Status)
//! are of one source, too.
//!
//! Payloads never enter the memory of the module, unless a program in Rust asks for them.
//!
//! # Features
//! - `serde`: `Message::object` and `MessageEvent::object`, for whatever serde can (de)serialize.
//! - `class`: exports the plain class to JavaScript, for builds of this crate by themselves.
//! - `std` (default): all of the above. Without it, and with `module`, the crate is the module of the npm package.

#![no_std]

#[cfg(feature = "std")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

/// Its examples are compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod close;
#[cfg(feature = "std")]
mod connection;
mod data_type;
mod error;
#[cfg(feature = "std")]
mod face;
mod handshake;
#[cfg(feature = "std")]
mod host;
mod law;
mod lifecycle;
#[cfg(feature = "module")]
mod module;
mod status;
#[cfg(feature = "class")]
mod websocket;

pub use close::CloseCode;
pub use data_type::DataType;
pub use error::ErrCode;
#[cfg(feature = "std")]
pub use face::{ConnectionHandler, Error, ErrorEntry, ErrorEvent, Message, MessageEvent, TerminateEvent, WebSocket};
pub use status::Status;
#[cfg(feature = "class")]
#[doc(hidden)]
pub use websocket::WebSocket as Class;

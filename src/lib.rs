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
//!     ws.send("Hello world")?; // queued until the connection is open
//!     Ok(ws) // the connection is terminated when this is dropped
//! }
//! ```
//!
//! Programs in JavaScript use the npm package `fourd-websocket`. Its class is exported by this crate: an adapter from
//! an object with callbacks to a [`ConnectionHandler`].
//!
//! Payloads stay outside the module's memory, unless a program in Rust converts them to Rust values.
//!
//! # Features
//! - `class` (default): exports the class to JavaScript. A program in Rust disables it with `default-features = false`.
//! - `futures`: `WebSocket::connect`, `closed`, `drained`, `stream` and `handle`, for `async` code.
//! - `reconnecting`: `ReconnectingWebSocket`, which opens a new connection when one ends.
//! - `serde`: `Message::object` and `MessageEvent::object`, for every type that serde can (de)serialize.
//! - `small`: a small global allocator, for the module of the npm package.

/// The examples of the README are compiled with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod close;
mod connection;
mod data_type;
mod error;
mod event;
#[cfg(feature = "futures")]
mod futures;
mod handler;
mod handshake;
#[cfg(any(feature = "class", feature = "supervisor"))]
mod js;
mod lifecycle;
mod listener;
mod message;
mod outbox;
mod pulse;
#[cfg(feature = "reconnecting")]
mod reconnecting;
mod report;
#[cfg(any(feature = "reconnecting", test))]
#[cfg_attr(not(feature = "reconnecting"), allow(dead_code, reason = "its tests run without the feature, too"))]
mod retry;
mod session;
mod shortcut;
#[cfg(all(feature = "small", target_arch = "wasm32"))]
mod small;
mod socket;
mod status;
#[cfg(any(feature = "reconnecting", test))]
#[cfg_attr(not(feature = "reconnecting"), allow(dead_code, reason = "its tests run without the feature, too"))]
mod supervisor;
mod timer;
mod websocket;

pub use close::CloseCode;
pub use data_type::DataType;
#[doc(hidden)]
pub use error::COMPONENT_SIGNATURE;
pub use error::{ErrCode, Error};
pub use event::{ErrorEntry, ErrorEvent, MessageEvent, TerminateEvent};
#[cfg(feature = "futures")]
pub use futures::{Closed, Connect, Drained, Handle, MessageStream};
pub use handler::{ConnectionHandler, Heartbeat};
#[cfg(feature = "class")]
#[doc(hidden)]
pub use js::WebSocket as Class;
pub use message::Message;
#[cfg(feature = "reconnecting")]
pub use reconnecting::{
    Asked, Endpoint, Fixed, ReconnectingHandler, ReconnectingStatus, ReconnectingWebSocket, Retry, RetryEvent,
    RetrySettings, Source, StopEvent,
};
pub use status::Status;
pub use websocket::WebSocket;

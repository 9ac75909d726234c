//! A WebSocket client for programs in Rust that are compiled to WebAssembly: with wasm-bindgen, Leptos, Yew or Dioxus,
//! in pages, workers, Node, Deno, Bun and workerd.
//!
//! You pass a URL and a handler. Whatever the server, the network or the host does, the methods of the handler are
//! called in this order: `on_open` at most once, `on_message` any number of times, `on_error` at most once, and
//! `on_terminate` exactly once, always last. The API is that of 4D's
//! [WebSocket class](https://developer.4d.com/docs/API/WebSocketClass).
//!
//! ```sh
//! cargo add fourd-websocket --no-default-features
//! cargo add web-sys --features console # for this example
//! ```
//!
//! ```no_run,standalone_crate
//! use fourd_websocket::{CloseCode, ConnectionHandler, Error, MessageEvent, TerminateEvent, WebSocket};
//! use web_sys::console;
//!
//! struct Greeter;
//!
//! // Every method of the trait has a default.
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
//!     Ok(ws)
//! }
//! ```
//!
//! Dropping the [`WebSocket`] terminates the connection, unless you call [`WebSocket::detach`]. A received message
//! stays outside of the module's memory until you convert it to a Rust value.
//!
//! # Features
//! | feature | default | what it adds |
//! |---|---|---|
//! | `class` | yes | the class for JavaScript, which a plain `wasm-pack build` exports. Disable it in a program in Rust, with `default-features = false` |
//! | `futures` | no | `WebSocket::connect`, `closed`, `drained`, `stream` and `handle`, for `async` code |
//! | `reconnecting` | no | `ReconnectingWebSocket`, which opens a new connection when one ends |
//! | `serde` | no | `Message::object` and `MessageEvent::object`, for every type that serde can (de)serialize |
//! | `small` | no | a small global allocator, for the module of the npm package |
//!
//! # Read on
//! [The guide](https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/start.md#in-rust) starts with a
//! first message, [Support by host](https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/support.md)
//! lists what each host can do, and
//! [Errors](https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/errors.md) explains every
//! [`ErrCode`]. [Reconnecting](https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/reconnecting.md)
//! explains the feature `reconnecting`, and
//! [Waiting](https://github.com/fourd-websocket/fourd-websocket/blob/main/docs/guide/waiting.md) the feature `futures`.
//! Programs in JavaScript use the npm package `fourd-websocket`.
//! [CONTRIBUTING](https://github.com/fourd-websocket/fourd-websocket/blob/main/CONTRIBUTING.md#3-where-things-are)
//! describes how the crate works inside.

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

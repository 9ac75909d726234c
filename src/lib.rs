//! 4D's [WebSocket class](https://developer.4d.com/docs/API/WebSocketClass) for JavaScript: one connection contract
//! that holds on every host.
//!
//! [`WebSocket`] is what a JavaScript program gets as `import { WebSocket } from "fourd-websocket"`. The sequence of
//! callbacks is a state machine without JavaScript (`lifecycle`), as are the rules of closing (`close`), the words of
//! the handshake (`handshake`), the [table of errors](ErrCode) and the [status](Status); a thin shell (`connection`,
//! `host`) puts them to work on the host's own `WebSocket`.
//!
//! Payloads never enter the memory of the module, and each event calls out of it once.

#![no_std]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod close;
mod connection;
mod error;
mod handler;
mod handshake;
mod host;
mod lifecycle;
#[cfg(feature = "module")]
mod module;
mod status;
mod websocket;

pub use error::ErrCode;
pub use handler::DataType;
pub use status::Status;
pub use websocket::WebSocket;

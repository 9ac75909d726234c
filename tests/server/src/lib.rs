//! The server the tests of `fourd-websocket` talk to. It speaks RFC 6455 correctly or breaks it, as the path of the
//! request says, and tells over HTTP what a client had sent:
//!
//! ```text
#![doc = include_str!("paths.txt")]
//! ```
//!
//! The frames are written and read here, and not by tungstenite, since most paths are about what a WebSocket library
//! does by itself: answer a ping, answer a close frame, refuse a frame. The crate's tests drive it with tungstenite's
//! client.
//!
//! `GET /seen?key=K` answers with
//!
//! ```json
//! {
//!   "key": "K",
//!   "path": "/echo",
//!   "target": "/echo?key=K",
//!   "headers": { "sec-websocket-version": ["13"] },
//!   "frames": [
//!     { "opcode": "text", "data": "hello" },
//!     { "opcode": "binary", "bytes": 3, "hex": "010203" },
//!     { "opcode": "ping", "bytes": 0, "hex": "" }
//!   ],
//!   "received": 2,
//!   "bytes": 8,
//!   "close": { "code": 1000, "reason": "" },
//!   "end": "close"
//! }
//! ```
//!
//! - `frames` has the first 1000 messages, pings and pongs. A fragmented message is one item, with the number of its
//!   `fragments`. Text of more than 1 KiB is cut there, with `bytes` its whole length; `hex` is the first 32 bytes.
//! - `received` and `bytes` count the data messages and their payload, also beyond the first 1000.
//! - `close` is the client's close frame as it came, its `code` null when it was empty; null without one.
//! - `end` is `"close"` after a closing handshake, `"fin"` after an EOF without one, `"reset"` after a reset (also the
//!   server's own), and `"error"`, with an `error` that says why, when the client broke the protocol or a time was up.
//! - With `/proxy`, `frames` is empty: they are in the record of the path behind it, if that has a key of its own. In
//!   their place is `"proxy": { "do": "cut", "at": 140, "slice": null, "reached": true, "passed": 140 }`: what was to be
//!   done, whether that place was reached, and how many of the server's bytes were passed on.
//! - A key that is used again shows its newest connection.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod connection;
mod fault;
mod file;
mod frame;
mod handshake;
mod proxy;
mod record;
mod report;
mod request;
mod response;
mod route;
mod script;
mod server;

pub use file::Root;
pub use server::Server;

/// The paths and what each does, for people.
pub const PATHS: &str = include_str!("paths.txt");

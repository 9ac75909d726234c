//! The server for the tests of `fourd-websocket`. It follows RFC 6455 or violates it, depending on the path of the
//! request, and reports over HTTP what a client has sent:
//!
//! ```text
#![doc = include_str!("paths.txt")]
//! ```
//!
//! The frames are encoded and decoded here, and not by tungstenite. Most paths are about the behaviour that a WebSocket
//! library has built in: it answers pings and close frames, and refuses frames. The crate's tests use tungstenite's
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
//!   `fragments`. A text of more than 1 KiB is truncated, and `bytes` is its whole length. `hex` is the first 32 bytes.
//! - `received` and `bytes` count the data messages and their payload, also beyond the first 1000.
//! - `close` is the client's close frame, or null without one. Its `code` is null if the frame was empty.
//! - `end` is `"close"` after a closing handshake, `"fin"` after an EOF without one, and `"reset"` after a reset (also
//!   the server's own). It is `"error"`, with the reason in `error`, if the client violated the protocol or a time
//!   limit expired.
//! - With `/proxy`, `frames` is empty. They are in the record of the path behind it, if that has a key of its own. In
//!   their place is `"proxy": { "do": "cut", "at": 140, "slice": null, "reached": true, "passed": 140 }`: the planned
//!   action, whether its place was reached, and how many of the server's bytes were passed on.
//! - If a key is used again, its record is that of the newest connection.

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

/// The paths and their behaviour as text.
pub const PATHS: &str = include_str!("paths.txt");

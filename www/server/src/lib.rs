//! The chat that demonstrates `fourd-websocket`: a server for one machine, on 127.0.0.1.
//!
//! It serves the page at `/`, the npm package at `/package/`, the pictures of the chat at `/pictures/`, and the chat
//! itself, a WebSocket, at `/chat`. Text frames are JSON in both directions, an object with a `kind`. A client sends:
//!
//! - `{ "kind": "join", "name", "room", "after", "token" }`, exactly once, as the first message. A client that was in
//!   the room before asks with `after` for the entries that it missed: the id of the last entry that it has. `token` is
//!   a secret of the client, 16 to 64 bytes. A join with the name and the token of a client that is there takes its
//!   place, for example because the server does not know yet that the connection of that client is lost. Both may be
//!   left out.
//! - `{ "kind": "say", "text" }`, a text of 1 to 2,000 characters, at least one of them visible.
//! - `{ "kind": "ping" }`, which counts as a message, and is answered.
//! - a binary frame, a picture: PNG, JPEG, GIF or WebP, at most 2 MiB, 4,096 pixels on each side, and 100 million
//!   pixels in all frames.
//!
//! The server sends:
//!
//! - `{ "kind": "joined", "name", "room", "people", "complete", "history" }`, the answer to a join. `people` are the
//!   names in the order of their joins, the client's own last. `history` are the last 50 entries, at most 32 KiB
//!   together, or those of them that came after `after`. `complete` is `false` if the room has forgotten some that came
//!   after it.
//! - `{ "kind": "said", "id", "name", "time", "text" }`, an entry: a text of anybody in the room, also the client's
//!   own.
//! - `{ "kind": "picture", "id", "name", "time", "type", "size", "width", "height", "url" }`, an entry: a picture, with
//!   its media type, its size in bytes and in pixels, and its path on the server.
//! - `{ "kind": "came", "name", "time" }`, when another client has joined.
//! - `{ "kind": "went", "name", "time", "code", "reason" }`, when another client has gone, with its close code and
//!   reason.
//! - `{ "kind": "pong" }`, the answer to a ping.
//!
//! `time` is in milliseconds since 1970. The `id`s of a room ascend, also when the server is started again, and all of
//! its clients receive the same entries in the same order. Names of people and rooms have 1 to 32 characters. Names
//! that differ only in case, width, white space or invisible characters are the same. A client that breaks a rule is
//! closed with a code of [`refusal`]. The others only see that it went. [`Limits`] has the limits of the server.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod address;
mod chat;
mod connection;
mod extent;
mod frame;
mod glyph;
mod http;
mod limits;
mod message;
mod meter;
mod name;
mod origin;
mod pace;
mod picture;
mod queue;
pub mod refusal;
mod room;
mod rooms;
#[cfg(test)]
mod sample;
mod server;

pub use limits::Limits;
pub use server::Server;

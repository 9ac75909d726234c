//! The chat that shows `fourd-websocket`: a server for one machine, on 127.0.0.1.
//!
//! It serves the page at `/`, the npm package at `/package/`, the pictures of the chat at `/pictures/`, and the chat itself
//! at `/chat`, a WebSocket. There, text frames carry JSON both ways, an object with `kind`:
//!
//! | from a client | is |
//! |---|---|
//! | `{ "kind": "join", "name", "room" }` | the first message, and only that |
//! | `{ "kind": "say", "text" }` | 1 to 2,000 characters, one of which at least can be seen |
//! | a binary frame | a picture: PNG, JPEG, GIF or WebP of up to 2 MiB, 4,096 pixels on each side, and 100 million in all frames |
//!
//! | from the server | is |
//! |---|---|
//! | `{ "kind": "joined", "name", "room", "people", "history" }` | the answer to a join: the names in the order they came, oneself last, and the last 50 entries, of up to 32 KiB together |
//! | `{ "kind": "said", "id", "name", "time", "text" }` | an entry: what somebody said, oneself too |
//! | `{ "kind": "picture", "id", "name", "time", "type", "size", "url" }` | an entry: a picture, by its type, its bytes and where they are |
//! | `{ "kind": "came", "name", "time" }` | somebody else joined |
//! | `{ "kind": "went", "name", "time", "code", "reason" }` | somebody else is gone: the close code and reason |
//!
//! `time` is in milliseconds since 1970. The `id`s of a room ascend, and everybody in it gets the same entries in the same
//! order. Names and rooms have 1 to 32 characters; those that differ only in case, width, white space or what cannot be seen
//! are the same. A client that does what it may not is closed with a code of [`refusal`]; the others see that it went, and
//! nothing else. [`Limits`] says how much there may be of everything.

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

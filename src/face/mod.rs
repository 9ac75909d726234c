//! What programs in Rust see: the class, with types in place of JavaScript's values.

mod callbacks;
mod error;
mod event;
mod handler;
mod message;
mod websocket;

pub use error::Error;
pub use event::{ErrorEntry, ErrorEvent, MessageEvent, TerminateEvent};
pub use handler::ConnectionHandler;
pub use message::Message;
pub use websocket::WebSocket;

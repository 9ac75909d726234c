//! The class for JavaScript, and the adapter from an object with callbacks to a
//! [`ConnectionHandler`](crate::ConnectionHandler).

mod handler;
mod websocket;

pub use websocket::WebSocket;

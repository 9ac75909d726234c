//! The class for JavaScript, and what makes an object with callbacks a
//! [`ConnectionHandler`](crate::ConnectionHandler).

mod handler;
mod websocket;

pub use websocket::WebSocket;

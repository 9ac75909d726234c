//! The class for JavaScript, and the adapter from an object with callbacks to a
//! [`ConnectionHandler`](crate::ConnectionHandler).

mod event;
mod handler;
mod member;
mod websocket;

pub use websocket::WebSocket;

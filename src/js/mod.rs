//! The classes for JavaScript, and the adapters from objects with callbacks to handlers.

mod event;
#[cfg(feature = "class")]
mod handler;
#[cfg(feature = "supervisor")]
mod link;
mod member;
#[cfg(feature = "supervisor")]
mod reconnecting;
#[cfg(feature = "class")]
mod websocket;

#[cfg(feature = "class")]
pub use websocket::WebSocket;

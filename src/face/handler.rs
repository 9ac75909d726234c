//! What a Rust program gives a connection: its callbacks, and how it is to be opened.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::data_type::DataType;

use super::{ErrorEvent, MessageEvent, TerminateEvent, WebSocket};

/// What a connection calls, and how it is to be opened: 4D's
/// [`WSHandler`](https://developer.4d.com/docs/API/WebSocketClass#connectionhandler-parameter). A type implements what it
/// needs of it; everything has a default.
///
/// `on_open` comes at most once, `on_message` any number of times, `on_error` at most once, and `on_terminate` exactly
/// once, always last. None comes before [`WebSocket::new`] has returned. The handler is dropped after `on_terminate`.
///
/// The callbacks take `&self`, for one may come inside of another: a host may answer before a call of
/// [`send`](WebSocket::send) returns. What they change stands in a [`Cell`](core::cell::Cell) or a
/// [`RefCell`](core::cell::RefCell), which is best not borrowed across a call of the connection.
///
/// A callback may send, terminate, and drop the application's [`WebSocket`]. One that panics, or that throws with
/// [`wasm_bindgen::throw_val`], surfaces as an uncaught exception does on that host, and the connection goes on.
///
/// A handler in an [`Rc`] serves many connections; `()` is one that does nothing.
///
/// ```no_run,standalone_crate
/// use std::cell::Cell;
///
/// use fourd_websocket::{ConnectionHandler, DataType, MessageEvent, WebSocket};
///
/// #[derive(Default)]
/// struct Counter {
///     messages: Cell<usize>,
/// }
///
/// impl ConnectionHandler for Counter {
///     fn on_message(&self, ws: &WebSocket, _event: MessageEvent) {
///         self.messages.set(self.messages.get() + 1);
///         let _ = ws.send(format!("{} so far", self.messages.get()));
///     }
///
///     fn data_type(&self) -> DataType {
///         DataType::Blob
///     }
/// }
/// ```
pub trait ConnectionHandler {
    /// The connection is open; what was sent before has left.
    fn on_open(&self, _ws: &WebSocket) {}

    /// A message has come.
    fn on_message(&self, _ws: &WebSocket, _event: MessageEvent) {}

    /// Something went wrong; `on_terminate` follows.
    fn on_error(&self, _ws: &WebSocket, _event: ErrorEvent) {}

    /// The connection has ended.
    fn on_terminate(&self, _ws: &WebSocket, _event: TerminateEvent) {}

    /// What messages are handed over as. Read once, by [`WebSocket::new`], as are all below. Default:
    /// [`DataType::Text`].
    fn data_type(&self) -> DataType {
        DataType::Text
    }

    /// The headers of the handshake as names and values; a name may be repeated. Node, Deno and Bun can send them,
    /// a page and workerd cannot. Default: none.
    fn headers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The subprotocols to offer, the preferred one first; the one the server chose is [`WebSocket::protocol`].
    /// Default: none.
    fn protocols(&self) -> Vec<String> {
        Vec::new()
    }

    /// How long to wait for the peer's answer to [`terminate`](WebSocket::terminate), counted from when less was last
    /// left to be sent; at most 2 147 483 647 ms. Default: 5 s.
    fn close_timeout(&self) -> Duration {
        Duration::from_secs(5)
    }
}

/// A handler that does nothing.
impl ConnectionHandler for () {}

macro_rules! forward {
    ($($pointer:ident)+) => {
        $(
            impl<H: ConnectionHandler + ?Sized> ConnectionHandler for $pointer<H> {
                fn on_open(&self, ws: &WebSocket) {
                    (**self).on_open(ws);
                }

                fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
                    (**self).on_message(ws, event);
                }

                fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
                    (**self).on_error(ws, event);
                }

                fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
                    (**self).on_terminate(ws, event);
                }

                fn data_type(&self) -> DataType {
                    (**self).data_type()
                }

                fn headers(&self) -> Vec<(String, String)> {
                    (**self).headers()
                }

                fn protocols(&self) -> Vec<String> {
                    (**self).protocols()
                }

                fn close_timeout(&self) -> Duration {
                    (**self).close_timeout()
                }
            }
        )+
    };
}

forward!(Rc Box);

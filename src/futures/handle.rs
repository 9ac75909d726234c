//! A reference to a connection for code that requires `Send` and `Sync`.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::thread::{self, ThreadId};

use js_sys::JsString;
use wasm_bindgen::JsValue;

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::message::Message;
use crate::status::Status;
use crate::websocket::WebSocket;

thread_local! {
    /// The connections of this thread that have handles.
    static CONNECTIONS: Cell<Vec<(u64, Weak<Connection>)>> = const { Cell::new(Vec::new()) };
}

/// A weak reference to a connection that is `Send` and `Sync`, for frameworks that require these traits. Its methods
/// work on the thread of the connection, and fail on every other thread. A handle does not keep the connection open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    id: u64,
    thread: ThreadId,
}

impl WebSocket {
    /// A handle of this connection.
    pub fn handle(&self) -> Handle {
        let id = self.id();
        let mut connections = CONNECTIONS.take();
        connections.retain(|(other, connection)| *other != id && connection.strong_count() > 0);
        connections.push((id, Rc::downgrade(self.connection())));
        CONNECTIONS.set(connections);
        Handle { id, thread: thread::current().id() }
    }
}

impl Handle {
    /// Sends a message, as [`WebSocket::send`].
    ///
    /// # Errors
    /// The errors of [`WebSocket::send`], and [`ErrCode::NotOpen`] on another thread.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.connection()?.send(message.into().as_js())
    }

    /// Ends the connection, as [`WebSocket::terminate`].
    ///
    /// # Errors
    /// The errors of [`WebSocket::terminate`], and [`ErrCode::NotOpen`] on another thread or if the object was dropped.
    pub fn terminate(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection()?.terminate(code, JsString::from(reason))
    }

    /// The state of the connection, as [`WebSocket::status`].
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`] on another thread, or if the object was dropped and the connection has ended.
    pub fn status(&self) -> Result<Status, Error> {
        Ok(self.connection()?.status())
    }

    fn connection(&self) -> Result<Rc<Connection>, Error> {
        if self.thread != thread::current().id() {
            let text = "the connection belongs to another thread and can only be used there";
            return Err(Error::build(ErrCode::NotOpen, text, "", &JsValue::UNDEFINED, None));
        }
        let connections = CONNECTIONS.take();
        let found = connections.iter().find(|(id, _)| *id == self.id).and_then(|(_, connection)| connection.upgrade());
        CONNECTIONS.set(connections);
        found.ok_or_else(|| Error::new(ErrCode::NotOpen))
    }
}

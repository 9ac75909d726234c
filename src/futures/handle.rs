//! A connection for code that has to be able to go to another thread.

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
    /// The connections of this thread of which there are handles.
    static CONNECTIONS: Cell<Vec<(u64, Weak<Connection>)>> = const { Cell::new(Vec::new()) };
}

/// A connection without its life: what frameworks that ask for `Send` and `Sync` can keep. It works on the thread of its
/// connection and is an error on every other; a connection does not live longer for it.
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
    /// [`WebSocket::send`].
    ///
    /// # Errors
    /// Those of [`WebSocket::send`]; [`ErrCode::NotOpen`] on another thread.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.connection()?.send(message.into().as_js())
    }

    /// [`WebSocket::terminate`].
    ///
    /// # Errors
    /// Those of [`WebSocket::terminate`]; [`ErrCode::NotOpen`] on another thread, or if the object is gone.
    pub fn terminate(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection()?.terminate(code, JsString::from(reason))
    }

    /// [`WebSocket::status`].
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`] on another thread, or if the object is gone and the connection has ended.
    pub fn status(&self) -> Result<Status, Error> {
        Ok(self.connection()?.status())
    }

    fn connection(&self) -> Result<Rc<Connection>, Error> {
        if self.thread != thread::current().id() {
            let text = "the connection is of another thread, on which alone it can be used";
            return Err(Error::build(ErrCode::NotOpen, text, "", &JsValue::UNDEFINED, None));
        }
        let connections = CONNECTIONS.take();
        let found = connections.iter().find(|(id, _)| *id == self.id).and_then(|(_, connection)| connection.upgrade());
        CONNECTIONS.set(connections);
        found.ok_or_else(|| Error::new(ErrCode::NotOpen))
    }
}

//! One connection, used by JavaScript or by Rust: the state that lives as long as its object, and its operations.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use crate::close::{CloseCode, MAX_REASON};
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::handler::{ConnectionHandler, Settings};
use crate::lifecycle::{Input, Lifecycle};
use crate::listener::Listener;
use crate::message::Payload;
use crate::session::Session;
use crate::shortcut::Shortcut;
use crate::socket::{Socket, Url, host_class, shown};
use crate::status::Status;

/// A connection. It lives until it has ended, even if its object is dropped earlier.
pub(crate) struct Connection {
    id: f64,
    url: JsString,
    data_type: DataType,
    pub(crate) lifecycle: Cell<Lifecycle>,
    /// Set when the connection opens.
    pub(crate) protocol: OnceCell<JsString>,
    /// Set until the connection has ended.
    pub(crate) session: Cell<Option<Rc<Session>>>,
    #[cfg(feature = "futures")]
    pub(crate) waiters: crate::futures::Waiters,
    /// The queue that takes the unsent messages when the connection has ended, if another connection may follow.
    #[cfg(feature = "reconnecting")]
    pub(crate) keeper: OnceCell<Rc<crate::reconnecting::Keeper>>,
}

impl Connection {
    /// Opens a connection. If this fails, nothing was opened.
    ///
    /// No callback is called before this has returned. `abort` attaches the listener of the program's abort signal.
    pub(crate) fn open(
        url: Url,
        handler: Box<dyn ConnectionHandler>,
        settings: Settings,
        shortcut: Option<Shortcut>,
        abort: impl FnOnce(&Rc<Self>) -> Result<Option<Listener>, Error>,
    ) -> Result<Rc<Self>, Error> {
        let connection = Rc::new(Self {
            id: next_id(),
            url: url.text.clone(),
            data_type: settings.data_type,
            lifecycle: Cell::new(Lifecycle::new()),
            protocol: OnceCell::new(),
            session: Cell::new(None),
            #[cfg(feature = "futures")]
            waiters: Default::default(),
            #[cfg(feature = "reconnecting")]
            keeper: OnceCell::new(),
        });
        let class = host_class()?;
        let abort = abort(&connection)?;
        let socket = Socket::open(class, &url, &settings)?;
        Session::start(&connection, socket, handler, settings, shortcut, abort)
            .map_err(|cause| Error::because(ErrCode::HostRefused, &shown(&url.text), cause))?;
        Ok(connection)
    }

    /// Sends a message. [`Payload::of`] decides which values are messages.
    pub(crate) fn send(&self, message: &JsValue) -> Result<(), Error> {
        self.pass(message, false)
    }

    /// Sends a message or a heartbeat.
    pub(crate) fn pass(&self, message: &JsValue, is_heartbeat: bool) -> Result<(), Error> {
        let session = self.session().filter(|_| self.lifecycle.get().status() <= Status::Connected);
        let session = session.ok_or_else(|| Error::new(ErrCode::NotOpen))?;
        // Determined before the payload is made: an application's `toJSON` may call `send`, which counts as the later
        // call.
        let at_once = session.is_free();
        session.send(message, Payload::of(message)?, at_once, is_heartbeat)
    }

    /// Ends the connection, unless it is closing or closed.
    pub(crate) fn terminate(&self, code: CloseCode, reason: JsString) -> Result<(), Error> {
        check_reason(&reason)?;
        if let Some(session) = self.session()
            && self.lifecycle.get().status() <= Status::Connected
        {
            session.set_ending(code, reason);
            session.handle(Input::Terminate, &JsValue::UNDEFINED);
        }
        Ok(())
    }

    /// The current status. While the host closes the connection and its `close` event is pending, this is `Closing`.
    pub(crate) fn status(&self) -> Status {
        let status = self.lifecycle.get().status();
        let is_ending = || self.session().is_some_and(|session| session.socket().is_ending());
        if status == Status::Connected && is_ending() { Status::Closing } else { status }
    }

    /// The url as it was passed.
    pub(crate) fn url(&self) -> &JsString {
        &self.url
    }

    pub(crate) fn id(&self) -> f64 {
        self.id
    }

    pub(crate) fn data_type(&self) -> DataType {
        self.data_type
    }

    pub(crate) fn protocol(&self) -> String {
        self.protocol.get().map(String::from).unwrap_or_default()
    }

    /// The bytes queued to be sent; 0 after the end.
    pub(crate) fn buffered_amount(&self) -> f64 {
        self.session().map_or(0.0, |session| session.buffered_amount())
    }

    pub(crate) fn session(&self) -> Option<Rc<Session>> {
        let session = self.session.take();
        self.session.set(session.clone());
        session
    }
}

/// Checks a close reason. Hosts send lone surrogates as U+FFFD. A long reason is rejected before it is copied into the
/// module's memory.
pub(crate) fn check_reason(reason: &JsString) -> Result<(), Error> {
    let is_short = reason.length() as usize <= MAX_REASON && String::from(reason).len() <= MAX_REASON;
    if is_short { Ok(()) } else { Err(Error::about(ErrCode::CloseReason, reason)) }
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// The next id of a connection.
    #[wasm_bindgen(js_name = nextId)]
    pub(crate) fn next_id() -> f64;
}

//! A connection of the class in JavaScript, which belongs to another module.

use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};

use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

use super::event::{EventObject, entries_of};
use crate::close::{self, CloseCode};
use crate::error::{ErrCode, Error};
use crate::event::ErrorEntry;
use crate::message::{Bytes, Payload, read};
use crate::outbox::{Frame, Outbox};
use crate::reconnecting::{Keeper, Link};
use crate::status::Status;

#[wasm_bindgen]
extern "C" {
    /// The connection as `pkg-template/link.js` gives access to it.
    #[derive(Clone)]
    pub(super) type HostLink;
    #[wasm_bindgen(method, getter)]
    fn url(this: &HostLink) -> JsString;
    #[wasm_bindgen(method, getter)]
    fn status(this: &HostLink) -> String;
    /// The status that does not know whether the host closes the connection.
    #[wasm_bindgen(method, getter, js_name = ownStatus)]
    fn own_status(this: &HostLink) -> String;
    /// Returns whether the host accepts messages.
    #[wasm_bindgen(method, getter)]
    fn accepts(this: &HostLink) -> bool;
    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered_amount(this: &HostLink) -> f64;
    /// Messages may be sent without this module.
    #[wasm_bindgen(method, setter, js_name = isFree)]
    fn set_is_free(this: &HostLink, is_free: bool);
    /// Sends a message as the connection does.
    #[wasm_bindgen(method, catch)]
    fn pass(this: &HostLink, data: &JsValue) -> Result<(), JsValue>;
    /// Sends a message of the queue, also while the connection is closing.
    #[wasm_bindgen(method, catch)]
    fn write(this: &HostLink, data: &JsValue) -> Result<(), JsValue>;
    /// Ends the connection. If `is_pending`, the host's connection is closed later, by `settle`.
    #[wasm_bindgen(method)]
    fn end(this: &HostLink, code: u16, reason: &JsString, is_pending: bool);
    /// All messages were sent, or the first one cannot be sent because of `cause`.
    #[wasm_bindgen(method)]
    fn settle(this: &HostLink, is_broken: bool, cause: &JsValue);
}

/// A connection, and the messages that wait behind a `Blob` that is being read. The queue of the connection itself
/// stays empty, so that no message is lost with it.
pub(super) struct JsLink {
    host: HostLink,
    outbox: Outbox,
    keeper: OnceCell<Rc<Keeper>>,
    is_open: Cell<bool>,
    /// The `Blob` at the front of the outbox is being read.
    is_reading: Cell<bool>,
    /// The first message cannot be sent.
    is_broken: Cell<bool>,
    /// `terminate()` was called, and the host's connection is closed when the outbox is empty.
    is_ending: Cell<bool>,
    /// For the callbacks of promises.
    own: Weak<Self>,
}

impl JsLink {
    pub(super) fn new(host: HostLink) -> Rc<Self> {
        Rc::new_cyclic(|own| Self {
            host,
            outbox: Outbox::default(),
            keeper: OnceCell::new(),
            is_open: Cell::new(false),
            is_reading: Cell::new(false),
            is_broken: Cell::new(false),
            is_ending: Cell::new(false),
            own: own.clone(),
        })
    }

    /// The bytes of the queue.
    pub(super) fn waiting(&self) -> f64 {
        self.outbox.bytes()
    }

    /// Returns whether the connection is open, and not even the host closes it.
    pub(super) fn is_usable(&self) -> bool {
        self.status() == Status::Connected && self.host.accepts()
    }

    /// Sends the queue. Called before `onOpen`.
    pub(super) fn opened(&self) {
        self.is_open.set(true);
        self.flush();
    }

    /// Returns the queue to the keeper. Called before `onError` and `onTerminate`.
    pub(super) fn give_back(&self) {
        self.host.set_is_free(false);
        if let Some(keeper) = self.keeper.get() {
            keeper.take_back(&self.outbox, self.is_broken.take());
        }
    }

    /// Sends the queue until the first unread `Blob`. When it is empty, ends the connection if that is pending.
    fn flush(&self) {
        while let Some(frame) = self.outbox.pop() {
            if let Payload::Blob(blob) = &frame.payload {
                let blob = blob.clone();
                self.outbox.put_back(frame);
                return self.read(&blob);
            }
            if !self.host.accepts() {
                // The host's `close` event is pending.
                return self.outbox.put_back(frame);
            }
            if let Err(cause) = self.host.write(frame.payload.as_js()) {
                self.outbox.put_back(frame);
                return self.refuse(&cause);
            }
        }
        self.host.set_is_free(self.is_open.get());
        if self.is_ending.take() {
            self.host.settle(false, &JsValue::UNDEFINED);
        }
    }

    /// Reads the `Blob` at the front of the outbox.
    fn read(&self, blob: &Bytes) {
        if self.is_reading.replace(true) {
            return;
        }
        let own = self.own.clone();
        read(blob, move |outcome| {
            let Some(link) = own.upgrade() else {
                return;
            };
            link.is_reading.set(false);
            match outcome {
                Ok(bytes) => {
                    link.outbox.replace_front(bytes);
                    link.flush();
                }
                // The queue is empty if the connection has ended meanwhile.
                Err(cause) if link.outbox.len() > 0 => link.refuse(&cause),
                Err(_) => {}
            }
        });
    }

    /// Sends a payload, or queues it. A heartbeat that is queued ends with the connection.
    pub(super) fn push(
        &self,
        message: &JsValue,
        payload: Payload,
        at_once: bool,
        is_heartbeat: bool,
    ) -> Result<(), Error> {
        if at_once && !matches!(payload, Payload::Blob(_)) {
            return self.host.pass(payload.as_js()).map_err(Error::thrown);
        }
        let frame = Frame::new(payload).map_err(|cause| Error::because(ErrCode::Message, message, cause))?;
        if self.status() > Status::Connected {
            return Err(Error::new(ErrCode::NotOpen));
        }
        self.outbox.push(if is_heartbeat { frame } else { frame.of(message) });
        self.host.set_is_free(false);
        if self.is_open.get() && !self.is_broken.get() {
            self.flush();
        }
        Ok(())
    }

    fn refuse(&self, cause: &JsValue) {
        self.is_broken.set(true);
        self.host.settle(true, cause);
    }
}

fn status_of(word: &str) -> Status {
    Status::ALL.into_iter().find(|status| status.word() == word).unwrap_or(Status::Closed)
}

/// How an attempt ended: an object with the members that the events of `onRetry` and `onStop` share.
#[derive(Clone)]
pub(super) struct Past(pub(super) EventObject);

impl Default for Past {
    fn default() -> Self {
        JsLink::failure(Vec::new())
    }
}

impl Link for JsLink {
    type Past = Past;

    fn failure(errors: Vec<ErrorEntry>) -> Past {
        let past = Object::new().unchecked_into::<EventObject>();
        past.set_end(close::ABNORMAL, "", false);
        past.set_errors(&entries_of(&errors));
        Past(past)
    }

    fn url(&self) -> JsString {
        self.host.url()
    }

    fn status(&self) -> Status {
        status_of(&self.host.status())
    }

    fn is_free(&self) -> bool {
        self.is_open.get() && self.outbox.len() == 0
    }

    fn send(&self, message: &JsValue, payload: Payload, at_once: bool) -> Result<(), Error> {
        self.push(message, payload, at_once, false)
    }

    fn adopt(&self, keeper: &Rc<Keeper>) {
        while let Some(frame) = keeper.outbox.pop() {
            self.outbox.push(frame);
        }
        let _ = self.keeper.set(keeper.clone());
    }

    fn weight(&self) -> f64 {
        self.outbox.weight()
    }

    fn buffered_amount(&self) -> f64 {
        self.host.buffered_amount()
    }

    fn terminate(&self, code: CloseCode, reason: JsString) {
        // A host whose connection the server closes may wait for the server for ever.
        if status_of(&self.host.own_status()) > Status::Connected {
            return;
        }
        let is_pending = self.is_open.get() && self.outbox.len() > 0 && !self.is_broken.get();
        self.is_ending.set(is_pending);
        self.host.end(code.get(), &reason, is_pending);
    }
}

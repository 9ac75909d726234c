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
use crate::timer::{Callback, Timer};

#[wasm_bindgen]
extern "C" {
    /// The connection as `pkg-template/link.js` gives access to it.
    #[derive(Clone)]
    pub(super) type HostLink;
    #[wasm_bindgen(method, getter)]
    fn url(this: &HostLink) -> JsString;
    #[wasm_bindgen(method, getter)]
    fn status(this: &HostLink) -> String;
    /// Returns whether the host accepts messages.
    #[wasm_bindgen(method, getter, js_name = isOpen)]
    fn is_open(this: &HostLink) -> bool;
    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered_amount(this: &HostLink) -> f64;
    /// Messages may be sent without this module.
    #[wasm_bindgen(method, setter, js_name = isFree)]
    fn set_is_free(this: &HostLink, is_free: bool);
    #[wasm_bindgen(method, catch)]
    fn pass(this: &HostLink, data: &JsValue) -> Result<(), JsValue>;
    /// Shows the status `"Closing"` and delivers no more messages.
    #[wasm_bindgen(method)]
    fn seal(this: &HostLink);
    /// Ends the connection because a message cannot be sent.
    #[wasm_bindgen(method, catch)]
    fn fail(this: &HostLink, cause: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn end(this: &HostLink, code: u16, reason: &JsString);
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
    /// The arguments of `terminate()`, until the outbox is empty.
    ending: Cell<Option<(CloseCode, JsString)>>,
    /// How long `terminate()` waits for a `Blob`, in milliseconds.
    close_timeout: f64,
    timer: Cell<Option<Timer>>,
    /// For the callbacks of timers and promises.
    own: Weak<Self>,
}

impl JsLink {
    pub(super) fn new(host: HostLink, close_timeout: f64) -> Rc<Self> {
        Rc::new_cyclic(|own| Self {
            host,
            outbox: Outbox::default(),
            keeper: OnceCell::new(),
            is_open: Cell::new(false),
            is_reading: Cell::new(false),
            is_broken: Cell::new(false),
            ending: Cell::new(None),
            close_timeout,
            timer: Cell::new(None),
            own: own.clone(),
        })
    }

    /// Sends the queue. Called before `onOpen`.
    pub(super) fn opened(&self) {
        self.is_open.set(true);
        self.flush();
    }

    /// Returns the queue to the keeper. Called before `onError` and `onTerminate`.
    pub(super) fn give_back(&self) {
        drop(self.timer.take());
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
            if !self.host.is_open() {
                // The connection is ending.
                return self.outbox.put_back(frame);
            }
            if let Err(cause) = self.host.pass(frame.payload.as_js()) {
                self.outbox.put_back(frame);
                return self.refuse(&cause);
            }
        }
        self.host.set_is_free(self.is_free());
        drop(self.timer.take());
        if let Some((code, reason)) = self.ending.take() {
            self.host.end(code.get(), &reason);
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

    fn refuse(&self, cause: &JsValue) {
        self.is_broken.set(true);
        // Throws if the host is closing. The connection is ending then.
        let _ = self.host.fail(cause);
    }
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
        let word = self.host.status();
        Status::ALL.into_iter().find(|status| status.word() == word).unwrap_or(Status::Closed)
    }

    fn is_free(&self) -> bool {
        self.is_open.get() && self.outbox.len() == 0
    }

    fn send(&self, message: &JsValue, payload: Payload, at_once: bool) -> Result<(), Error> {
        if at_once && !matches!(payload, Payload::Blob(_)) {
            return self.host.pass(payload.as_js()).map_err(Error::thrown);
        }
        let frame = Frame::new(payload).map_err(|cause| Error::because(ErrCode::Message, message, cause))?;
        if self.status() > Status::Connected {
            return Err(Error::new(ErrCode::NotOpen));
        }
        self.outbox.push(frame.of(message));
        self.host.set_is_free(false);
        if self.is_open.get() && !self.is_broken.get() {
            self.flush();
        }
        Ok(())
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
        self.host.buffered_amount() + self.outbox.bytes()
    }

    fn terminate(&self, code: CloseCode, reason: JsString) {
        if self.status() > Status::Connected {
            return;
        }
        if !self.is_open.get() || self.outbox.len() == 0 || self.is_broken.get() {
            return self.host.end(code.get(), &reason);
        }
        self.host.seal();
        self.ending.set(Some((code, reason)));
        let own = self.own.clone();
        let elapsed = Callback::own_assert_unwind_safe(move |_| {
            if let Some((link, (code, reason))) =
                own.upgrade().and_then(|link| link.ending.take().map(|ending| (link, ending)))
            {
                let _timer = link.timer.take();
                link.host.end(code.get(), &reason);
            }
        });
        self.timer.set(Some(Timer::new(self.close_timeout, elapsed)));
    }
}

//! One connection: the lifecycle, put to work between a host and a handler.

use alloc::rc::Rc;
use core::cell::Cell;

use wasm_bindgen::JsValue;

use crate::close::{self, CloseCode, Countdown};
use crate::error::ErrCode;
use crate::handler::Settings;
use crate::host::{self, Kind, heard, sent};
#[cfg(not(feature = "module"))]
use crate::host::{Ear, Property};
use crate::lifecycle::{Action, Cause, Ending, Fault, Input, Lifecycle};
use crate::status::Status;

/// How long a host's `close` event may take to follow its `error` event, in milliseconds. Hosts that send one do
/// so at once.
const VERDICT: f64 = 50.0;

/// A connection, as long as its object is there.
pub(crate) struct Connection {
    lifecycle: Cell<Lifecycle>,
    /// JavaScript's side of it, which holds every value of JavaScript that belongs to it.
    wire: JsValue,
    /// The code that `terminate()` was given.
    farewell: Cell<CloseCode>,
    /// The host's connection is to be closed with this when no message waits any more.
    closing: Cell<Option<CloseCode>>,
    /// The wait for the peer's answer to a close frame, and whether it is the one that is going on.
    countdown: Cell<Countdown>,
    is_counting: Cell<bool>,
    /// What JavaScript calls, until the connection has ended.
    #[cfg(not(feature = "module"))]
    ear: Cell<Option<Ear>>,
}

impl Connection {
    /// Opens a connection of which nothing is heard yet; nothing is open if it fails.
    pub(crate) fn open(url: &JsValue, handler: &JsValue) -> Result<Rc<Self>, JsValue> {
        let texts = host::present(host::url_texts(url)).ok_or_else(|| ErrCode::Url.about(url))?;
        let settings = Settings::read(handler)?;
        let wire = host::connect(&texts, handler, settings.data_type as i32, &settings.protocols, &settings.headers);
        let Some(wire) = host::present(wire) else {
            if !host::has_class() {
                return Err(ErrCode::NoHost.plain());
            }
            // Url, subprotocols and headers are right: where there are headers, they are what the host objects to.
            let error = match host::kind(&settings.headers) {
                Kind::Undefined => ErrCode::HostRefused,
                _ => ErrCode::HeadersUnsupported,
            };
            return Err(error.because(&host::at(&texts, 0), &host::take_fault()));
        };
        Ok(Rc::new(Self {
            lifecycle: Cell::new(Lifecycle::new()),
            wire,
            farewell: Cell::new(CloseCode::NORMAL),
            closing: Cell::new(None),
            countdown: Cell::new(Countdown::new(settings.close_timeout)),
            is_counting: Cell::new(false),
            #[cfg(not(feature = "module"))]
            ear: Cell::new(None),
        }))
    }

    /// Has all heard that happens from now on, until the end; `object` is what the callbacks are given.
    #[cfg(not(feature = "module"))]
    pub(crate) fn listen(self: &Rc<Self>, object: &JsValue) {
        let hearing = self.clone();
        let ear = Ear::new(move |kind| hearing.hear(kind));
        host::listen(&self.wire, object, ear.as_ref());
        self.ear.set(Some(ear));
    }

    /// The same for the npm package, which has a number in place of what is called.
    #[cfg(feature = "module")]
    pub(crate) fn listen(&self, object: &JsValue, ear: i32) {
        host::listen(&self.wire, object, ear);
    }

    pub(crate) fn send(&self, message: &JsValue) -> Result<(), JsValue> {
        match host::send(&self.wire, message) {
            sent::DONE => Ok(()),
            // An application's `toJSON` may have ended the connection.
            answer @ (sent::WAITS | sent::IS_BLOB) if self.status() <= Status::Connected => {
                host::enqueue(&self.wire);
                if answer == sent::IS_BLOB {
                    self.flush();
                }
                Ok(())
            }
            sent::NOT_A_MESSAGE => Err(ErrCode::Message.because(message, &host::take_fault())),
            sent::REFUSED => Err(ErrCode::SendRefused.because(message, &host::take_fault())),
            _ => Err(ErrCode::NotOpen.plain()),
        }
    }

    pub(crate) fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), JsValue> {
        let allowed = match host::kind(code) {
            Kind::Undefined => Some(CloseCode::NORMAL),
            _ => host::number_of(code).and_then(CloseCode::new),
        };
        let Some(code) = allowed else {
            return Err(ErrCode::CloseCode.about(code));
        };
        let has_reason = host::kind(reason) != Kind::Undefined;
        if has_reason && !host::units_of(reason).is_some_and(close::is_reason) {
            return Err(ErrCode::CloseReason.about(reason));
        }
        // Only the first call counts.
        if self.lifecycle.get().status() <= Status::Connected {
            self.farewell.set(code);
            if has_reason {
                host::set_reason(&self.wire, reason);
            }
            self.handle(Input::Terminate);
        }
        Ok(())
    }

    pub(crate) fn status(&self) -> Status {
        match self.lifecycle.get().status() {
            // The peer is closing: the host takes nothing any more, though its `close` event is still to come.
            Status::Connected if host::is_ending(&self.wire) => Status::Closing,
            status => status,
        }
    }

    #[cfg(not(feature = "module"))]
    pub(crate) fn property(&self, property: Property) -> JsValue {
        host::property(&self.wire, property as i32)
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        host::buffered(&self.wire)
    }

    /// What JavaScript has to say, one of [`heard`].
    pub(crate) fn hear(&self, kind: i32) {
        let unsent = || host::waiting(&self.wire) > 0;
        let input = match kind {
            heard::OPEN => Input::Opened,
            heard::MESSAGE => Input::Received,
            heard::ERROR => Input::Failed,
            heard::CLOSE => Input::Ended { clean: close::is_from_server(host::code(&self.wire)), unsent: unsent() },
            heard::READ => return self.flush(),
            heard::UNREADABLE => Input::Unsendable,
            heard::TURN => Input::Abandoned,
            _ => {
                if self.waits_on() {
                    return;
                }
                Input::Elapsed { unsent: unsent() }
            }
        };
        self.handle(input);
    }

    /// Puts what happened to the lifecycle, and does what it says.
    fn handle(&self, input: Input) {
        let mut lifecycle = self.lifecycle.get();
        let before = lifecycle.status();
        let actions = lifecycle.step(input);
        self.lifecycle.set(lifecycle);
        if lifecycle.status() != before {
            host::set_status(&self.wire, lifecycle.status() as i32);
        }
        for action in actions {
            self.perform(*action);
        }
    }

    fn perform(&self, action: Action) {
        match action {
            Action::Flush => {
                self.flush();
                self.handle(Input::Flushed);
            }
            Action::Open => host::call_open(&self.wire),
            Action::Message => {
                if !host::deliver(&self.wire) {
                    self.handle(Input::Undecodable);
                }
            }
            Action::Receive => self.handle(Input::Received),
            Action::Error(fault) => self.report(fault),
            Action::Terminate(ending) => self.end(ending),
            Action::Close(cause) => {
                self.closing.set(Some(self.code(cause)));
                self.flush();
            }
            Action::Abandon => {
                host::turn(&self.wire);
                self.close(self.code(Cause::Terminate));
            }
            Action::AwaitClose => {
                let countdown = self.countdown.get().start(host::now(), self.buffered_amount());
                self.countdown.set(countdown);
                self.is_counting.set(true);
                host::wait(&self.wire, countdown.first());
            }
            Action::AwaitVerdict => {
                host::note(&self.wire);
                self.is_counting.set(false);
                host::wait(&self.wire, VERDICT);
            }
        }
    }

    /// Hands the waiting messages to the host as far as they can be had, then closes it if that is what is left.
    fn flush(&self) {
        match host::flush(&self.wire) {
            sent::DONE => {
                if let Some(code) = self.closing.take() {
                    self.close(code);
                }
            }
            sent::REFUSED => self.handle(Input::Unsendable),
            // A `Blob` is being read, or the host's `close` event is on the way.
            _ => {}
        }
    }

    fn code(&self, cause: Cause) -> CloseCode {
        match cause {
            Cause::Undecodable => CloseCode::UNDECODABLE,
            Cause::Unsendable => CloseCode::UNSENDABLE,
            Cause::Terminate => self.farewell.get(),
        }
    }

    fn close(&self, code: CloseCode) {
        host::close(&self.wire, code.get().into());
    }

    /// Whether the wait for the answer to a close frame goes on.
    fn waits_on(&self) -> bool {
        if !self.is_counting.get() {
            return false;
        }
        let mut countdown = self.countdown.get();
        let wait = countdown.next(host::now(), self.buffered_amount());
        self.countdown.set(countdown);
        wait.inspect(|&milliseconds| host::wait(&self.wire, milliseconds)).is_some()
    }

    /// Calls `onError`. The messages that wait are not sent any more.
    fn report(&self, fault: Fault) {
        let error = match fault {
            Fault::NotOpened => ErrCode::NotOpened,
            Fault::Lost => ErrCode::Lost,
            Fault::Unsent => ErrCode::Unsent,
            Fault::Undecodable => ErrCode::Undecodable,
            Fault::Unsendable => ErrCode::Unsendable,
        };
        host::call_error(&self.wire, error.number(), &error.words(), ErrCode::HostSaid.number());
    }

    /// Lets go of everything, then calls `onTerminate`.
    fn end(&self, ending: Ending) {
        // Dropped when what is being heard has been done.
        #[cfg(not(feature = "module"))]
        self.ear.take();
        match ending {
            Ending::Clean => host::end(&self.wire, 0),
            Ending::Abnormal => host::end(&self.wire, close::ABNORMAL),
        }
    }
}

//! The supervisor that the module of `fourd-websocket/reconnecting` exports. The class in `pkg-template` wraps it.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::event::EventObject;
use super::link::{HostLink, JsLink, Past};
use super::member::{close_arguments, listen, read_members};
use crate::close::CloseCode;
use crate::connection::check_reason;
use crate::error::{ErrCode, Error};
use crate::event::get;
use crate::listener::Listener;
use crate::message::{Message, Payload};
use crate::reconnecting::{Application, DEFAULT_TIMEOUT, Decision, Link, Options, Supervision};
use crate::report::report;
use crate::retry::{Schedule, is_delay};
use crate::status::Status;
use crate::supervisor::ReconnectingStatus;

#[wasm_bindgen]
extern "C" {
    /// The object of the class in `pkg-template/supervised.js`.
    #[derive(Clone)]
    pub type Shell;
    /// Calls the source. `answered` or `refused` receives its result, unless the signal is aborted before.
    #[wasm_bindgen(method)]
    fn ask(this: &Shell, attempt: u32, signal: &AbortSignal);
    /// Opens a connection to an endpoint.
    #[wasm_bindgen(method, catch)]
    fn open(this: &Shell, endpoint: &JsValue) -> Result<HostLink, JsValue>;
    /// Calls a callback of the handler.
    #[wasm_bindgen(method, catch)]
    fn call(this: &Shell, callback: &str, event: &JsValue) -> Result<JsValue, JsValue>;
    /// Calls `onStop`. No other method is called after this. `failure` is the exception with which iterations end.
    #[wasm_bindgen(method)]
    fn stop(this: &Shell, event: &JsValue, failure: &JsValue);

    /// The event of `onRetry` or `onStop`.
    #[wasm_bindgen(extends = EventObject)]
    type RetryObject;
    #[wasm_bindgen(method, setter)]
    fn set_attempt(this: &RetryObject, value: u32);
    #[wasm_bindgen(method, setter)]
    fn set_delay(this: &RetryObject, value: f64);
    #[wasm_bindgen(method, setter)]
    fn set_waiting(this: &RetryObject, value: u32);
    #[wasm_bindgen(method, setter)]
    fn set_attempts(this: &RetryObject, value: u32);
    #[wasm_bindgen(method, setter)]
    fn set_unsent(this: &RetryObject, value: &Array);
}

/// The members of a handler that its connections do not have, in the order in which they are read.
const MEMBERS: [&str; 4] = ["onRetry", "onStop", "retry", "signal"];
const CALLBACKS: usize = 2;

/// A WebSocket that reconnects, without its object in JavaScript.
#[wasm_bindgen]
pub struct Supervisor {
    /// `None` for the object that stands for all that have stopped.
    running: Option<(Rc<Supervision<JsLink>>, Rc<Program>)>,
}

#[wasm_bindgen]
impl Supervisor {
    /// Starts in a microtask. `settings` are the members of the handler that its connections have, which were checked.
    /// They receive the default `connectionTimeout`.
    pub fn start(shell: Shell, handler: &JsValue, settings: &Object) -> Result<Self, Error> {
        let mut members = [const { JsValue::UNDEFINED }; MEMBERS.len()];
        if handler.is_object() {
            read_members(handler, "", &MEMBERS, &mut members)?;
        }
        for (member, name) in members.iter().zip(MEMBERS).take(CALLBACKS) {
            if !member.is_undefined() && !member.is_function() {
                return Err(Error::named(ErrCode::Callback, name, member, None));
            }
        }
        let [.., retry, signal] = members;
        let mut of_retry = Schedule::DEFAULTS.map(JsValue::from);
        if !retry.is_undefined() {
            if !retry.is_object() {
                return Err(Error::about(ErrCode::Retry, &retry));
            }
            let mut given = [const { JsValue::UNDEFINED }; Schedule::NAMES.len()];
            read_members(&retry, "retry.", &Schedule::NAMES, &mut given)?;
            for (member, given) in of_retry.iter_mut().zip(given) {
                if !given.is_undefined() {
                    *member = given;
                }
            }
        }
        let timeout = get(settings, "connectionTimeout").ok().and_then(|timeout| timeout.as_f64());
        let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
        let _ = Reflect::set(settings, &"connectionTimeout".into(), &timeout.into());
        let options = Options::checked(of_retry, timeout)?;
        let program = Rc::new(Program { shell, supervision: OnceCell::new(), abort: Cell::new(None) });
        let own = Rc::downgrade(&program);
        program.abort.set(listen(&signal, move || {
            let program = own.upgrade();
            let supervision = program.as_ref().and_then(|program| program.supervision.get()).and_then(Weak::upgrade);
            // Cannot fail without a reason.
            let _ = supervision.map(|supervision| supervision.terminate(CloseCode::NORMAL, JsString::default()));
        })?);
        let supervision = Supervision::start(program.clone(), options);
        let _ = program.supervision.set(Rc::downgrade(&supervision));
        Ok(Self { running: Some((supervision, program)) })
    }

    /// The object that stands for all that have stopped.
    pub fn ended() -> Self {
        Self { running: None }
    }

    pub fn send(&self, message: &JsValue) -> Result<(), Error> {
        self.supervision().ok_or_else(|| Error::new(ErrCode::NotOpen))?.send(message)
    }

    /// Sends a message as `send` of the connection does.
    #[wasm_bindgen(js_name = sendNow)]
    pub fn send_now(&self, message: &JsValue) -> Result<(), Error> {
        self.pass(message, false)
    }

    /// Sends a heartbeat of the connection.
    pub fn beat(&self, message: &JsValue) -> Result<(), Error> {
        self.pass(message, true)
    }

    pub fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), Error> {
        let (code, reason) = close_arguments(code, reason)?;
        match self.supervision() {
            Some(supervision) => supervision.terminate(code, reason),
            None => check_reason(&reason),
        }
    }

    /// Ends the connection as `terminate` of the connection does.
    pub fn end(&self, code: &JsValue, reason: &JsValue) -> Result<(), Error> {
        let (code, reason) = close_arguments(code, reason)?;
        check_reason(&reason)?;
        if let Some(link) = self.current() {
            link.terminate(code, reason);
        }
        Ok(())
    }

    #[wasm_bindgen(js_name = retryNow)]
    pub fn retry_now(&self) {
        if let Some(supervision) = self.supervision() {
            supervision.retry_now();
        }
    }

    pub fn status(&self) -> String {
        let status = self.supervision().map_or(ReconnectingStatus::Closed, |supervision| supervision.status());
        status.word().into()
    }

    #[wasm_bindgen(js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.supervision().map_or(0.0, |supervision| supervision.buffered_amount())
    }

    /// The bytes that wait for the current connection, or behind a `Blob` of it.
    pub fn waiting(&self) -> f64 {
        self.current().map_or(0.0, |link| link.waiting())
    }

    /// The exception with the entries of an error event.
    pub fn failure(entries: &Array) -> JsValue {
        Error::of(entries).into()
    }

    /// The exception for an invalid limit of messages.
    #[wasm_bindgen(js_name = wrongLimit)]
    pub fn wrong_limit(got: &JsValue) -> JsValue {
        Error::about(ErrCode::Limit, got).into()
    }

    /// Receives the endpoint that the source returned.
    pub fn answered(&self, endpoint: JsValue) {
        if let Some((supervision, program)) = &self.running {
            let program = program.clone();
            supervision
                .answered(Ok(Box::new(move |_| program.shell.open(&endpoint).map(JsLink::new).map_err(Error::thrown))));
        }
    }

    /// Receives the exception of the source.
    pub fn refused(&self, error: JsValue) {
        if let Some(supervision) = self.supervision() {
            supervision.answered(Err(error));
        }
    }

    /// The connection is open. Returns whether `onOpen` may be called: the queue may have ended the connection.
    pub fn opened(&self) -> bool {
        let (Some(supervision), Some(link)) = (self.supervision(), self.current()) else {
            return false;
        };
        link.opened();
        supervision.opened();
        link.is_usable()
    }

    /// The connection has failed. Called before `onError`.
    pub fn failed(&self) {
        if let Some(link) = self.current() {
            link.give_back();
        }
    }

    /// The connection has ended. Called before `onTerminate`. `past` has the members of the next event.
    pub fn ending(&self, past: JsValue) {
        if let (Some(supervision), Some(link)) = (self.supervision(), self.current()) {
            link.give_back();
            supervision.ending(Past(past.unchecked_into()));
        }
    }

    /// The connection has ended. Called after `onTerminate`.
    #[wasm_bindgen(js_name = afterEnd)]
    pub fn after_end(&self) {
        if let Some(supervision) = self.supervision() {
            supervision.ended();
        }
    }
}

impl Supervisor {
    fn pass(&self, message: &JsValue, is_heartbeat: bool) -> Result<(), Error> {
        let link = self.current().filter(|link| link.status() <= Status::Connected);
        let link = link.ok_or_else(|| Error::new(ErrCode::NotOpen))?;
        // Determined before the payload is made: an application's `toJSON` may call `send`, which counts as the later
        // call.
        let at_once = link.is_free();
        link.push(message, Payload::of(message)?, at_once, is_heartbeat)
    }

    fn supervision(&self) -> Option<&Rc<Supervision<JsLink>>> {
        self.running.as_ref().map(|(supervision, _)| supervision)
    }

    fn current(&self) -> Option<Rc<JsLink>> {
        self.supervision().and_then(|supervision| supervision.current())
    }
}

/// The source and the handler of a program in JavaScript.
struct Program {
    shell: Shell,
    supervision: OnceCell<Weak<Supervision<JsLink>>>,
    /// Listens for the program's abort signal.
    abort: Cell<Option<Listener>>,
}

impl Application<JsLink> for Program {
    fn ask(&self, _: &Rc<Supervision<JsLink>>, attempt: u32, signal: AbortSignal) -> Box<dyn Any> {
        self.shell.ask(attempt, &signal);
        // The signal says that the result is no longer needed.
        Box::new(())
    }

    fn on_retry(&self, _: &Rc<Supervision<JsLink>>, attempt: u32, delay: f64, waiting: usize, past: Past) -> Decision {
        let event = event_of("retry", &past);
        event.set_attempt(attempt);
        event.set_delay(delay);
        event.set_waiting(waiting as u32);
        let answer = self.shell.call("onRetry", &event).unwrap_or_else(|error| {
            report(&error);
            JsValue::UNDEFINED
        });
        match answer.as_f64() {
            _ if answer.is_undefined() => Decision::Retry,
            _ if answer == JsValue::FALSE => Decision::Stop,
            Some(delay) if is_delay(delay) => Decision::After(delay),
            _ => {
                report(&Error::about(ErrCode::Retry, &answer).into());
                Decision::Retry
            }
        }
    }

    fn on_stop(&self, supervision: &Rc<Supervision<JsLink>>, attempts: u32, unsent: Vec<Message>, past: Past) {
        drop(self.abort.take());
        let event = event_of("stop", &past);
        event.set_attempts(attempts);
        event.set_unsent(&unsent.iter().map(Message::as_js).collect());
        let errors = past.0.errors();
        let failure = if supervision.is_terminated() || errors.length() == 0 {
            JsValue::UNDEFINED
        } else {
            Error::of(&errors).into()
        };
        self.shell.stop(&event, &failure);
    }
}

fn event_of(name: &str, past: &Past) -> RetryObject {
    Object::assign(&EventObject::named(name), &past.0).unchecked_into()
}

//! The supervision of connections, until no attempt follows. It feeds events into the supervisor and performs the
//! resulting actions. It does not depend on the language of the source and the handler.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Function, JsString, Math};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, EventTarget};

use super::keeper::Keeper;
use super::task::Task;
use crate::close::{self, CloseCode};
use crate::connection::{Connection, check_reason, next_id};
use crate::data_type::DataType;
use crate::error::{ErrCode, Error, number};
use crate::event::{ErrorEntry, ErrorEvent, MessageEvent, TerminateEvent, get, host_message_of};
use crate::handler::{ConnectionHandler, Settings};
use crate::listener::Listener;
use crate::message::{Message, Payload};
use crate::outbox::Frame;
use crate::report::soon;
use crate::retry::{Schedule, Wrong, is_loopback, shortened};
use crate::session::Session;
use crate::status::Status;
use crate::supervisor::{Action, Input, Pause, ReconnectingStatus, Supervisor};
use crate::timer::{self, Callback, Timer};
use crate::websocket::WebSocket;

/// Opens a connection to an endpoint of the source.
pub(super) type Open = Box<dyn FnOnce(&Rc<Supervision>) -> Result<Rc<Connection>, Error>>;
/// A pending call of the source.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<Open, JsValue>>>>;

/// A source and a handler in any language.
pub(super) trait Application {
    /// Calls the source. The result opens a connection, whose handler has to be a [`Supervised`] one.
    fn ask(&self, attempt: u32, signal: AbortSignal) -> Asking;

    /// Calls `onRetry`. An exception is reported as uncaught.
    fn on_retry(
        &self,
        supervision: &Rc<Supervision>,
        attempt: u32,
        delay: f64,
        waiting: usize,
        past: &Past,
    ) -> Decision;

    /// Calls `onStop`. An exception is reported as uncaught.
    fn on_stop(&self, supervision: &Rc<Supervision>, attempts: u32, unsent: Vec<Message>, past: Past);
}

/// The checked return value of `onRetry`.
pub(super) enum Decision {
    Retry,
    /// Retry after this number of milliseconds.
    After(f64),
    Stop,
}

/// The checked settings of a handler for retries.
pub(super) struct Options {
    schedule: Schedule,
    /// The time that a call of the source may take, in milliseconds.
    timeout: f64,
    data_type: DataType,
}

/// The default time that opening a connection may take, and a call of the source, in milliseconds.
const DEFAULT_TIMEOUT: f64 = 30_000.0;

impl Options {
    /// Checks the members of `handler.retry`, in the order of [`Schedule::NAMES`], and sets the default
    /// `connectionTimeout` of connections.
    pub(super) fn checked(members: [JsValue; 5], settings: &mut Settings) -> Result<Self, Error> {
        let numbers = members.each_ref().map(|member| member.as_f64().unwrap_or(f64::NAN));
        let schedule = Schedule::checked(numbers).map_err(|Wrong { at, is_duration }| {
            let text = "handler.{name} must be a number of milliseconds from 0 to 2147483647, got {got}";
            let (name, got) = (Schedule::NAMES[at], &members[at]);
            if is_duration {
                Error::build(ErrCode::Duration, text, name, got, None)
            } else {
                Error::named(ErrCode::Retry, name, got, None)
            }
        })?;
        let timeout = *settings.connection_timeout.get_or_insert(DEFAULT_TIMEOUT);
        Ok(Self { schedule, timeout, data_type: settings.data_type })
    }
}

/// How an attempt ended.
#[derive(Clone)]
pub(super) struct Past {
    pub(super) code: u16,
    pub(super) reason: String,
    pub(super) was_clean: bool,
    pub(super) errors: Vec<ErrorEntry>,
}

impl Default for Past {
    /// The end of an attempt that had no connection.
    fn default() -> Self {
        Self { code: close::ABNORMAL, reason: String::new(), was_clean: false, errors: Vec::new() }
    }
}

/// The state of a [`ReconnectingWebSocket`](super::ReconnectingWebSocket). It lives until no attempt follows, even if
/// its object is dropped earlier.
pub(crate) struct Supervision {
    id: f64,
    machine: Cell<Supervisor>,
    options: Options,
    /// Set until `onStop` is called.
    application: Cell<Option<Rc<dyn Application>>>,
    keeper: Rc<Keeper>,
    current: Cell<Option<Rc<Connection>>>,
    /// The pending call of the source, and the controller of the signal that was passed to it.
    asking: Cell<Option<(AbortController, Task<Open>)>>,
    /// The result of the source, until its connection is opened.
    open: Cell<Option<Open>>,
    /// The end of the last attempt, as far as it is known.
    past: Cell<Past>,
    /// The last connection was to this machine.
    is_loopback: Cell<bool>,
    timer: Cell<Option<Timer>>,
    /// The time at which the timer expires, by the host's clock.
    due: Cell<f64>,
    /// The delay that `onRetry` received or returned, in milliseconds.
    delay: Cell<f64>,
    /// Listeners for events that end a delay early.
    listeners: Cell<Vec<Listener>>,
    /// The code and the reason of `terminate()`.
    ending: Cell<(CloseCode, JsString)>,
}

impl Supervision {
    /// Starts in a microtask.
    pub(super) fn start(application: Box<dyn Application>, options: Options) -> Rc<Self> {
        let supervision = Rc::new(Self {
            id: next_id(),
            machine: Cell::new(Supervisor::new(options.schedule.max_attempts())),
            options,
            application: Cell::new(Some(application.into())),
            keeper: Rc::default(),
            current: Cell::new(None),
            asking: Cell::new(None),
            open: Cell::new(None),
            past: Cell::default(),
            is_loopback: Cell::new(false),
            timer: Cell::new(None),
            due: Cell::new(0.0),
            delay: Cell::new(0.0),
            listeners: Cell::default(),
            ending: Cell::default(),
        });
        supervision.take_turn();
        supervision
    }

    // --- Methods ---

    /// Sends a message on the current connection, or queues it for the next one.
    pub(super) fn send(&self, message: &JsValue) -> Result<(), Error> {
        let is_message = |cause| Error::because(ErrCode::Message, message, cause);
        let check = || if self.is_ending() { Err(Error::new(ErrCode::NotOpen)) } else { Ok(()) };
        check()?;
        // Determined before the payload is made: an application's `toJSON` may call `send`, which counts as the later
        // call.
        let was_free = self.session().is_some_and(|session| session.is_free());
        let payload = Payload::of(message)?;
        check()?;
        let session = self.session();
        if let Some(session) = &session
            && self.status() == ReconnectingStatus::Connected
        {
            return session.send(message, payload, was_free || session.is_free());
        }
        let weight = self.keeper.outbox.weight() + session.as_ref().map_or(0.0, |session| session.weight());
        let max = self.options.schedule.max_waiting();
        if weight + payload.size().map_err(is_message)?.max(1.0) > max {
            return Err(Error::about(ErrCode::TooMuchWaiting, &max.into()));
        }
        if let Some(session) = session {
            return session.send(message, payload, false);
        }
        self.keeper.outbox.push(Frame::new(payload).map_err(is_message)?.of(message));
        Ok(())
    }

    /// Ends the connection and stops. Does nothing if it was called before or no attempt follows.
    pub(super) fn terminate(self: &Rc<Self>, code: CloseCode, reason: JsString) -> Result<(), Error> {
        check_reason(&reason)?;
        if !self.is_ending() {
            self.ending.set((code, reason));
            self.handle(Input::Terminate);
        }
        Ok(())
    }

    pub(super) fn retry_now(self: &Rc<Self>) {
        self.handle(Input::RetryNow);
    }

    pub(super) fn status(&self) -> ReconnectingStatus {
        self.machine.get().status(self.current().map(|connection| connection.status()))
    }

    pub(super) fn current(&self) -> Option<Rc<Connection>> {
        let current = self.current.take();
        self.current.set(current.clone());
        current
    }

    pub(super) fn id(&self) -> f64 {
        self.id
    }

    pub(super) fn data_type(&self) -> DataType {
        self.options.data_type
    }

    pub(super) fn buffered_amount(&self) -> f64 {
        self.keeper.outbox.bytes() + self.current().map_or(0.0, |connection| connection.buffered_amount())
    }

    fn is_ending(&self) -> bool {
        self.machine.get().is_ending()
    }

    /// The session of a connection that accepts messages.
    fn session(&self) -> Option<Rc<Session>> {
        let connection = self.current().filter(|connection| connection.status() <= Status::Connected);
        connection.and_then(|connection| connection.session())
    }

    // --- Inputs and actions ---

    /// Feeds an input into the supervisor and performs the resulting actions.
    fn handle(self: &Rc<Self>, input: Input) {
        let mut machine = self.machine.get();
        let actions = machine.step(input);
        self.machine.set(machine);
        for action in actions {
            self.perform(*action);
        }
    }

    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::Ask => self.ask(),
            Action::Abort => {
                if let Some((controller, task)) = self.asking.take() {
                    controller.abort();
                    drop(task);
                }
            }
            Action::Fail => self.handle(Input::Failed),
            Action::Open => self.open(),
            Action::AwaitStable => match self.options.schedule.stable_after() {
                0.0 => self.handle(Input::Elapsed { away: false }),
                stable_after => self.wait(stable_after),
            },
            Action::End => {
                self.forget();
                self.end();
            }
            Action::Retry => self.retry(),
            Action::Wait(pause) => {
                self.listen();
                let schedule = &self.options.schedule;
                self.wait(match pause {
                    Pause::Delay => self.delay.get(),
                    Pause::Network => schedule.network_delay(),
                    Pause::Short => shortened(self.due.get() - timer::now(), Math::random()),
                });
            }
            Action::Defer => {
                self.forget();
                self.take_turn();
            }
            Action::Stop => self.stop(),
        }
    }

    fn take_turn(self: &Rc<Self>) {
        let supervision = self.clone();
        soon(&timer::once(move |_| supervision.handle(Input::Turn)));
    }

    fn ask(self: &Rc<Self>) {
        self.forget();
        self.past.set(Past::default());
        let (Some(application), Ok(controller)) = (self.application(), AbortController::new()) else {
            return self.handle(Input::Failed);
        };
        self.wait(self.options.timeout);
        let asking = application.ask(self.machine.get().attempt(), controller.signal());
        let supervision = self.clone();
        let task = Task::start(asking, move |answer| supervision.answered(answer));
        self.asking.set(Some((controller, task)));
    }

    fn answered(self: &Rc<Self>, answer: Result<Open, JsValue>) {
        drop((self.asking.take(), self.timer.take()));
        match answer {
            Ok(open) => {
                self.open.set(Some(open));
                self.handle(Input::Answered);
            }
            Err(thrown) => {
                self.fail("failed", thrown.as_string().or_else(|| host_message_of(&thrown)));
                self.handle(Input::Failed);
            }
        }
    }

    /// Records why there is no connection.
    fn fail(&self, what: &str, words: Option<String>) {
        let errors = ErrorEvent::new(ErrCode::Source, what, 0, words).errors;
        self.past.set(Past { errors, ..Past::default() });
    }

    fn open(self: &Rc<Self>) {
        let Some(open) = self.open.take() else {
            return;
        };
        match open(self) {
            Ok(connection) => {
                let _ = connection.keeper.set(self.keeper.clone());
                if let Some(session) = connection.session() {
                    session.take_over(&self.keeper.outbox);
                }
                self.is_loopback.set(is_to_loopback(connection.url()));
                self.current.set(Some(connection));
                // The host's constructor may have called `terminate()`.
                if self.is_ending() {
                    self.end();
                }
            }
            Err(error) => {
                let mut errors = vec![ErrorEntry { code: error.code(), message: error.message() }];
                let words = error.cause().as_ref().and_then(host_message_of);
                errors.extend(words.map(|message| ErrorEntry { code: ErrCode::HostMessage, message }));
                self.past.set(Past { errors, ..Past::default() });
                self.handle(Input::Refused);
            }
        }
    }

    /// Ends the connection.
    fn end(&self) {
        let (code, reason) = self.ending.take();
        self.ending.set((code, reason.clone()));
        if let Some(connection) = self.current() {
            // The reason was checked by `terminate()`.
            let _ = connection.terminate(code, reason);
        }
    }

    fn retry(self: &Rc<Self>) {
        let attempt = self.machine.get().attempt();
        let delay = self.options.schedule.delay(attempt, Math::random());
        self.delay.set(delay);
        let past = self.past.take();
        self.past.set(past.clone());
        let waiting = self.keeper.outbox.len();
        let decision = self
            .application()
            .map_or(Decision::Stop, |application| application.on_retry(self, attempt, delay, waiting, &past));
        if let Decision::After(delay) = decision {
            self.delay.set(delay);
        }
        self.handle(Input::Decided { retry: !matches!(decision, Decision::Stop) });
    }

    fn stop(self: &Rc<Self>) {
        self.forget();
        drop((self.asking.take(), self.open.take()));
        let unsent = self.keeper.give_up();
        if let Some(application) = self.application.take() {
            application.on_stop(self, self.machine.get().failed(), unsent, self.past.take());
        }
    }

    fn application(&self) -> Option<Rc<dyn Application>> {
        let application = self.application.take();
        self.application.set(application.clone());
        application
    }

    // --- Delays ---

    /// Cancels the timer and the listeners.
    fn forget(&self) {
        drop((self.timer.take(), self.listeners.take()));
    }

    fn wait(self: &Rc<Self>, milliseconds: f64) {
        // The earlier timer is cleared first: some hosts reuse its number.
        drop(self.timer.take());
        let supervision = self.clone();
        let callback = Callback::own_assert_unwind_safe(move |_| supervision.elapsed());
        self.due.set(timer::now() + milliseconds);
        self.timer.set(Some(Timer::new(milliseconds, callback)));
    }

    fn elapsed(self: &Rc<Self>) {
        // The timer stays alive until this has returned.
        let _timer = self.timer.take();
        if self.current().is_some_and(|connection| connection.status() != Status::Connected) {
            // The connection is closing, and was not open long enough to be stable.
            return;
        }
        let asking = self.asking.take();
        if asking.is_some() {
            self.asking.set(asking);
            self.fail(&["did not answer within ", &number(self.options.timeout), " ms"].concat(), None);
        }
        let away = !self.is_loopback.get() && is_offline();
        self.handle(Input::Elapsed { away });
    }

    /// Listens for events that end a delay early, if the host has them.
    fn listen(self: &Rc<Self>) {
        let listeners = self.listeners.take();
        let is_listening = !listeners.is_empty();
        self.listeners.set(listeners);
        if is_listening {
            return;
        }
        let global = JsValue::from(js_sys::global());
        let document = get(&global, "document").unwrap_or_default();
        let is_visible = |document: &JsValue, _: &JsValue| has(document, "visibilityState", &"visible".into());
        let is_restored = |_: &JsValue, event: &JsValue| has(event, "persisted", &JsValue::TRUE);
        let listeners = [
            self.listener(&global, "online", Input::Online, |_, _| true),
            self.listener(&global, "pageshow", Input::Visible, is_restored),
            self.listener(&document, "visibilitychange", Input::Visible, is_visible),
        ];
        self.listeners.set(listeners.into_iter().flatten().collect());
    }

    /// Listens for an event and reports an input when `is_meant` accepts it. Returns `None` if the target has no
    /// events.
    fn listener(
        self: &Rc<Self>,
        target: &JsValue,
        name: &'static str,
        input: Input,
        is_meant: fn(&JsValue, &JsValue) -> bool,
    ) -> Option<Listener> {
        if !target.is_object() || !get(target, "addEventListener").is_ok_and(|member| member.is_function()) {
            return None;
        }
        let (supervision, own) = (self.clone(), target.clone());
        let callback = Callback::own_assert_unwind_safe(move |event| {
            if is_meant(&own, &event) {
                supervision.handle(input);
            }
        });
        let function = callback.as_ref().unchecked_ref::<Function>().clone();
        Listener::new(target.unchecked_ref::<EventTarget>(), name, callback, function).ok()
    }
}

/// Returns whether a member of an object has this value.
fn has(object: &JsValue, name: &str, value: &JsValue) -> bool {
    object.is_object() && get(object, name).is_ok_and(|member| member == *value)
}

/// Returns whether the host reports that it is offline. Not every host reports it.
fn is_offline() -> bool {
    has(&get(&js_sys::global(), "navigator").unwrap_or_default(), "onLine", &JsValue::FALSE)
}

fn is_to_loopback(url: &JsString) -> bool {
    web_sys::Url::new(&String::from(url)).is_ok_and(|url| is_loopback(&url.hostname()))
}

/// The handler of one connection. It reports the events of the connection to the supervision.
pub(super) struct Supervised {
    handler: Box<dyn ConnectionHandler>,
    supervision: Rc<Supervision>,
}

impl Supervised {
    pub(super) fn new(handler: Box<dyn ConnectionHandler>, supervision: &Rc<Supervision>) -> Self {
        Self { handler, supervision: supervision.clone() }
    }
}

impl ConnectionHandler for Supervised {
    fn on_open(&self, ws: &WebSocket) {
        self.supervision.handle(Input::Opened);
        self.handler.on_open(ws);
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        self.handler.on_message(ws, event);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        self.supervision.past.set(Past { errors: event.errors.clone(), ..Past::default() });
        self.handler.on_error(ws, event);
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        let TerminateEvent { code, reason, was_clean } = event.clone();
        let past = self.supervision.past.take();
        self.supervision.past.set(Past { code, reason, was_clean, ..past });
        self.handler.on_terminate(ws, event);
        drop(self.supervision.current.take());
        self.supervision.handle(Input::Ended);
    }
}

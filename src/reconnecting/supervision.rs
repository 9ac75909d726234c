//! The supervision of connections, until no attempt follows. It feeds events into the supervisor and performs the
//! resulting actions. It does not depend on the language of the source and the handler.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use js_sys::{Function, JsString, Math};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, EventTarget};

use super::keeper::Keeper;
use crate::close::CloseCode;
use crate::connection::check_reason;
use crate::error::{ErrCode, Error, number};
use crate::event::{ErrorEntry, ErrorEvent, get, host_message_of};
use crate::listener::Listener;
use crate::message::{Message, Payload};
use crate::outbox::Frame;
use crate::report::soon;
use crate::retry::{Schedule, Wrong, is_loopback, shortened};
use crate::status::Status;
use crate::supervisor::{Action, Input, Pause, ReconnectingStatus, Supervisor};
use crate::timer::{self, Callback, Timer};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
}

/// A connection, in any language.
pub(crate) trait Link: 'static {
    /// How an attempt ended. The default is the end of an attempt without a connection and an error.
    type Past: Clone + Default;

    /// The end of an attempt without a connection.
    fn failure(errors: Vec<ErrorEntry>) -> Self::Past;

    fn url(&self) -> JsString;

    fn status(&self) -> Status;

    /// Returns whether a message can be sent immediately.
    fn is_free(&self) -> bool;

    /// Sends a payload, or queues it. `message` is the message as it was passed.
    fn send(&self, message: &JsValue, payload: Payload, at_once: bool) -> Result<(), Error>;

    /// Takes the messages that the keeper has. When the connection has ended, the keeper takes back those that are
    /// left.
    fn adopt(&self, keeper: &Rc<Keeper>);

    /// The size of the queue in bytes. An empty message counts as one.
    fn weight(&self) -> f64;

    fn buffered_amount(&self) -> f64;

    /// Ends the connection, unless it is closing or closed. The reason was checked before.
    fn terminate(&self, code: CloseCode, reason: JsString);
}

/// Opens a connection to an endpoint of the source.
pub(crate) type Open<L> = Box<dyn FnOnce(&Rc<Supervision<L>>) -> Result<Rc<L>, Error>>;

/// A source and a handler, in any language.
pub(crate) trait Application<L: Link> {
    /// Calls the source. [`Supervision::answered`] receives its result, unless the returned value is dropped before.
    fn ask(&self, supervision: &Rc<Supervision<L>>, attempt: u32, signal: AbortSignal) -> Box<dyn Any>;

    /// Calls `onRetry`. An exception is reported as uncaught.
    fn on_retry(
        &self,
        supervision: &Rc<Supervision<L>>,
        attempt: u32,
        delay: f64,
        waiting: usize,
        past: L::Past,
    ) -> Decision;

    /// Calls `onStop`. An exception is reported as uncaught.
    fn on_stop(&self, supervision: &Rc<Supervision<L>>, attempts: u32, unsent: Vec<Message>, past: L::Past);
}

/// The checked return value of `onRetry`.
pub(crate) enum Decision {
    Retry,
    /// Retry after this number of milliseconds.
    After(f64),
    Stop,
}

/// The checked settings of a handler for retries.
pub(crate) struct Options {
    schedule: Schedule,
    /// The time that a call of the source may take, in milliseconds.
    timeout: f64,
}

/// The default time that opening a connection may take, and a call of the source, in milliseconds.
pub(crate) const DEFAULT_TIMEOUT: f64 = 30_000.0;

impl Options {
    /// Checks the members of `handler.retry`, in the order of [`Schedule::NAMES`].
    pub(crate) fn checked(members: [JsValue; 5], timeout: f64) -> Result<Self, Error> {
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
        Ok(Self { schedule, timeout })
    }
}

/// The state of a [`ReconnectingWebSocket`](super::ReconnectingWebSocket). It lives until no attempt follows, even if
/// its object is dropped earlier.
pub(crate) struct Supervision<L: Link> {
    machine: Cell<Supervisor>,
    options: Options,
    /// Set until `onStop` is called.
    application: Cell<Option<Rc<dyn Application<L>>>>,
    keeper: Rc<Keeper>,
    current: Cell<Option<Rc<L>>>,
    /// The pending call of the source, and the controller of the signal that was passed to it.
    asking: Cell<Option<(AbortController, Box<dyn Any>)>>,
    /// The result of the source, until its connection is opened.
    open: Cell<Option<Open<L>>>,
    /// The end of the last attempt, as far as it is known.
    past: Cell<L::Past>,
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
    ending: OnceCell<(CloseCode, JsString)>,
}

impl<L: Link> Supervision<L> {
    /// Starts in a microtask.
    pub(crate) fn start(application: Rc<dyn Application<L>>, options: Options) -> Rc<Self> {
        let supervision = Rc::new(Self {
            machine: Cell::new(Supervisor::new(options.schedule.max_attempts())),
            options,
            application: Cell::new(Some(application)),
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
            ending: OnceCell::new(),
        });
        supervision.take_turn();
        supervision
    }

    // --- Methods ---

    /// Sends a message on the current connection, or queues it for the next one.
    pub(crate) fn send(&self, message: &JsValue) -> Result<(), Error> {
        let is_message = |cause| Error::because(ErrCode::Message, message, cause);
        let check = || if self.is_ending() { Err(Error::new(ErrCode::NotOpen)) } else { Ok(()) };
        check()?;
        // Determined before the payload is made: an application's `toJSON` may call `send`, which counts as the later
        // call.
        let was_free = self.usable().is_some_and(|link| link.is_free());
        let payload = Payload::of(message)?;
        check()?;
        let link = self.usable();
        if let Some(link) = &link
            && self.status() == ReconnectingStatus::Connected
        {
            return link.send(message, payload, was_free || link.is_free());
        }
        let weight = self.keeper.outbox.weight() + link.as_ref().map_or(0.0, |link| link.weight());
        let max = self.options.schedule.max_waiting();
        if weight + payload.size().map_err(is_message)?.max(1.0) > max {
            return Err(Error::about(ErrCode::TooMuchWaiting, &max.into()));
        }
        if let Some(link) = link {
            return link.send(message, payload, false);
        }
        self.keeper.outbox.push(Frame::new(payload).map_err(is_message)?.of(message));
        Ok(())
    }

    /// Ends the connection and stops. Does nothing if it was called before or no attempt follows.
    pub(crate) fn terminate(self: &Rc<Self>, code: CloseCode, reason: JsString) -> Result<(), Error> {
        check_reason(&reason)?;
        if !self.is_ending() {
            let _ = self.ending.set((code, reason));
            self.handle(Input::Terminate);
        }
        Ok(())
    }

    pub(crate) fn retry_now(self: &Rc<Self>) {
        self.handle(Input::RetryNow);
    }

    pub(crate) fn status(&self) -> ReconnectingStatus {
        self.machine.get().status(self.current().map(|link| link.status()))
    }

    pub(crate) fn current(&self) -> Option<Rc<L>> {
        let current = self.current.take();
        self.current.set(current.clone());
        current
    }

    pub(crate) fn buffered_amount(&self) -> f64 {
        self.keeper.outbox.bytes() + self.current().map_or(0.0, |link| link.buffered_amount())
    }

    /// Returns whether `terminate()` was called before an attempt was the last.
    #[cfg(feature = "supervisor")]
    pub(crate) fn is_terminated(&self) -> bool {
        self.ending.get().is_some()
    }

    fn is_ending(&self) -> bool {
        self.machine.get().is_ending()
    }

    /// The connection, if it accepts messages.
    fn usable(&self) -> Option<Rc<L>> {
        self.current().filter(|link| link.status() <= Status::Connected)
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
                if let Some((controller, asking)) = self.asking.take() {
                    controller.abort();
                    drop(asking);
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
                    Pause::None => 0.0,
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
        drop(self.past.take());
        let (Some(application), Ok(controller)) = (self.application(), AbortController::new()) else {
            return self.handle(Input::Failed);
        };
        self.wait(self.options.timeout);
        let signal = controller.signal();
        // Set first: the application may call any method.
        self.asking.set(Some((controller, Box::new(()))));
        let asking = application.ask(self, self.machine.get().attempt(), signal);
        if let Some((controller, _)) = self.asking.take() {
            self.asking.set(Some((controller, asking)));
        }
    }

    /// Receives the result of the source.
    pub(crate) fn answered(self: &Rc<Self>, answer: Result<Open<L>, JsValue>) {
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
        self.past.set(L::failure(ErrorEvent::new(ErrCode::Source, what, 0, words).errors));
    }

    fn open(self: &Rc<Self>) {
        let Some(open) = self.open.take() else {
            return;
        };
        match open(self) {
            Ok(link) => {
                link.adopt(&self.keeper);
                self.is_loopback.set(is_to_loopback(&link.url()));
                self.current.set(Some(link));
                // The host's constructor may have called `terminate()`.
                if self.is_ending() {
                    self.end();
                }
            }
            Err(error) => {
                let mut errors = vec![ErrorEntry { code: error.code(), message: error.message() }];
                let words = error.cause().as_ref().and_then(host_message_of);
                errors.extend(words.map(|message| ErrorEntry { code: ErrCode::HostMessage, message }));
                self.past.set(L::failure(errors));
                self.handle(Input::Refused);
            }
        }
    }

    /// Ends the connection.
    fn end(&self) {
        if let (Some((code, reason)), Some(link)) = (self.ending.get(), self.current()) {
            link.terminate(*code, reason.clone());
        }
    }

    // --- Events of the connection ---

    /// Called before `onOpen`.
    pub(crate) fn opened(self: &Rc<Self>) {
        self.handle(Input::Opened);
    }

    /// Called before `onTerminate`.
    pub(crate) fn ending(&self, past: L::Past) {
        self.past.set(past);
    }

    /// Called after `onTerminate`.
    pub(crate) fn ended(self: &Rc<Self>) {
        drop(self.current.take());
        self.handle(Input::Ended);
    }

    // --- Between connections ---

    fn retry(self: &Rc<Self>) {
        let attempt = self.machine.get().attempt();
        let delay = self.options.schedule.delay(attempt, Math::random());
        self.delay.set(delay);
        let past = self.past.take();
        self.past.set(past.clone());
        let waiting = self.keeper.outbox.len();
        let decision = self
            .application()
            .map_or(Decision::Stop, |application| application.on_retry(self, attempt, delay, waiting, past));
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

    fn application(&self) -> Option<Rc<dyn Application<L>>> {
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
        if self.current().is_some_and(|link| link.status() != Status::Connected) {
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
        let global = GLOBAL.with(Clone::clone);
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
    GLOBAL.with(|global| has(&get(global, "navigator").unwrap_or_default(), "onLine", &JsValue::FALSE))
}

fn is_to_loopback(url: &JsString) -> bool {
    web_sys::Url::new(&String::from(url)).is_ok_and(|url| is_loopback(&url.hostname()))
}

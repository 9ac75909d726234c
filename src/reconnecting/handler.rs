//! The handler of a WebSocket that reconnects, and its adapter for programs in Rust.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::JsString;
use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use super::ReconnectingWebSocket;
use super::keeper::Keeper;
use super::source::{Endpoint, Endpoints};
use super::supervision::{Application, DEFAULT_TIMEOUT, Decision, Link, Open, Options, Supervision};
use super::task::Task;
use crate::close::{self, CloseCode};
use crate::connection::{Connection, next_id};
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEntry, ErrorEvent, MessageEvent, TerminateEvent};
use crate::handler::{ConnectionHandler, Guarded, Settings, guard, headers_of, milliseconds, protocols_of};
use crate::message::{Message, Payload};
use crate::report::report;
use crate::retry::{Schedule, is_delay};
use crate::socket::{Socket, Url};
use crate::status::Status;
use crate::websocket::WebSocket;

/// The callbacks and settings of a [`ReconnectingWebSocket`], in addition to those of its connections. Every method has
/// a default.
///
/// [`ReconnectingWebSocket::new`] reads the settings of the [`ConnectionHandler`] once. The handler is dropped after
/// `on_stop`.
pub trait ReconnectingHandler: ConnectionHandler {
    /// Called before the delay of each retry, when a connection has ended or the source has failed. The return value
    /// may change the delay, or stop.
    fn on_retry(&self, _socket: &ReconnectingWebSocket, _event: RetryEvent) -> Retry {
        Retry::AfterDelay
    }

    /// Called exactly once, when no attempt follows. No callback is called after it.
    fn on_stop(&self, _socket: &ReconnectingWebSocket, _event: StopEvent) {}

    /// The settings of retries. [`ReconnectingWebSocket::new`] calls this once. Default: [`RetrySettings::default`].
    fn retry(&self) -> RetrySettings {
        RetrySettings::default()
    }
}

/// The settings of retries: the delays, and the limits of attempts and of the queue.
///
/// The delay before the nth retry since the last stable connection is random, from 0 to `first_delay` · 2ⁿ⁻¹, and at
/// most `max_delay`, so that the clients of a server do not all reconnect at once. If the host reports that it is
/// offline, a retry to another machine waits for the network, for at most another `max_delay`. A delay ends within a
/// second when the host is online again, and when the page becomes visible or is restored from the back/forward cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// The longest delay before the first retry, at most 2 147 483 647 ms. Default: 3 s.
    pub first_delay: Duration,
    /// The longest delay before any retry, at most 2 147 483 647 ms. Default: 60 s.
    pub max_delay: Duration,
    /// The time after which an open connection is stable, and its attempt has not failed, at most 2 147 483 647 ms.
    /// Default: 10 s.
    pub stable_after: Duration,
    /// The number of failed attempts in a row after which no attempt follows, from 1. `None` if there is no limit.
    /// Default: `None`.
    pub max_attempts: Option<u32>,
    /// The number of bytes that may be queued while no connection is open. An empty message counts as one byte.
    /// Default: 1 MiB.
    pub max_waiting: u64,
}

impl Default for RetrySettings {
    fn default() -> Self {
        let [first_delay, max_delay, stable_after, _, max_waiting] = Schedule::DEFAULTS;
        let duration = |milliseconds| Duration::from_millis(milliseconds as u64);
        Self {
            first_delay: duration(first_delay),
            max_delay: duration(max_delay),
            stable_after: duration(stable_after),
            max_attempts: None,
            max_waiting: max_waiting as u64,
        }
    }
}

/// The return value of [`on_retry`](ReconnectingHandler::on_retry).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// Retry after the delay of the event.
    #[default]
    AfterDelay,
    /// Retry after this delay, at most 2 147 483 647 ms. A longer one is reported as an uncaught error with
    /// [`ErrCode::Retry`](crate::ErrCode::Retry), and the delay of the event applies.
    After(Duration),
    /// Stop. No attempt follows.
    Stop,
}

/// The event of [`on_retry`](ReconnectingHandler::on_retry).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryEvent {
    /// The number of the next attempt, which counts from 1 since the last stable connection.
    pub attempt: u32,
    /// The delay before the next attempt.
    pub delay: Duration,
    /// The server's close code of the connection that ended: 1005 if its close frame had none, 1006 if there was no
    /// closing handshake or no connection.
    pub code: u16,
    /// The server's close reason, `""` if there was none.
    pub reason: String,
    /// `true` if there was a closing handshake.
    pub was_clean: bool,
    /// The errors of the connection's `on_error`. If there was no connection, the error of the source:
    /// [`ErrCode::Source`](crate::ErrCode::Source).
    pub errors: Vec<ErrorEntry>,
    /// The number of queued messages.
    pub waiting: usize,
}

/// The event of [`on_stop`](ReconnectingHandler::on_stop).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StopEvent {
    /// The number of attempts in a row that have failed since the last stable connection.
    pub attempts: u32,
    /// The server's close code of the last connection: 1005 if its close frame had none, 1006 if there was no closing
    /// handshake or no connection.
    pub code: u16,
    /// The server's close reason, `""` if there was none.
    pub reason: String,
    /// `true` if there was a closing handshake.
    pub was_clean: bool,
    /// The errors of the connection's `on_error`. If there was no connection, the error that prevented it.
    pub errors: Vec<ErrorEntry>,
    /// The messages that were not sent, as they were passed to [`send`](ReconnectingWebSocket::send).
    pub unsent: Vec<Message>,
}

/// A handler that does nothing.
impl ReconnectingHandler for () {}

macro_rules! forward {
    ($($pointer:ident)+) => {
        $(
            impl<H: ReconnectingHandler + ?Sized> ReconnectingHandler for $pointer<H> {
                fn on_retry(&self, socket: &ReconnectingWebSocket, event: RetryEvent) -> Retry {
                    (**self).on_retry(socket, event)
                }

                fn on_stop(&self, socket: &ReconnectingWebSocket, event: StopEvent) {
                    (**self).on_stop(socket, event);
                }

                fn retry(&self) -> RetrySettings {
                    (**self).retry()
                }
            }
        )+
    };
}

forward!(Rc Box);

/// The supervision of a program in Rust.
pub(super) type OfProgram = Supervision<Connection>;

/// How an attempt ended.
#[derive(Clone)]
pub(crate) struct Past {
    code: u16,
    reason: String,
    was_clean: bool,
    errors: Vec<ErrorEntry>,
}

impl Default for Past {
    fn default() -> Self {
        Self { code: close::ABNORMAL, reason: String::new(), was_clean: false, errors: Vec::new() }
    }
}

impl Link for Connection {
    type Past = Past;

    fn failure(errors: Vec<ErrorEntry>) -> Past {
        Past { errors, ..Past::default() }
    }

    fn url(&self) -> JsString {
        self.url().clone()
    }

    fn status(&self) -> Status {
        self.status()
    }

    fn is_free(&self) -> bool {
        self.session().is_some_and(|session| session.is_free())
    }

    fn send(&self, message: &JsValue, payload: Payload, at_once: bool) -> Result<(), Error> {
        let session = self.session().ok_or_else(|| Error::new(ErrCode::NotOpen))?;
        session.send(message, payload, at_once, false)
    }

    fn adopt(&self, keeper: &Rc<Keeper>) {
        let _ = self.keeper.set(keeper.clone());
        if let Some(session) = self.session() {
            session.take_over(&keeper.outbox);
        }
    }

    fn weight(&self) -> f64 {
        self.session().map_or(0.0, |session| session.weight())
    }

    fn buffered_amount(&self) -> f64 {
        self.buffered_amount()
    }

    fn terminate(&self, code: CloseCode, reason: JsString) {
        // The reason was checked before.
        let _ = self.terminate(code, reason);
    }
}

/// The source and the handler of a program in Rust.
pub(super) struct Program<H> {
    identity: Identity,
    endpoints: Endpoints,
    handler: Rc<H>,
    settings: Settings,
}

/// What the objects that callbacks receive have in common with the program's own.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    pub(super) id: f64,
    pub(super) data_type: DataType,
}

impl<H: ReconnectingHandler + 'static> Program<H> {
    /// Checks the settings of the handler, and the endpoint if there is only one.
    pub(super) fn new(endpoints: Endpoints, handler: H) -> Result<(Self, Options), Error> {
        let mut settings = Settings::of(&handler)?;
        if let Endpoints::Always(endpoint) = &endpoints {
            parse(endpoint, &settings)?;
        }
        let RetrySettings { first_delay, max_delay, stable_after, max_attempts, max_waiting } = handler.retry();
        let timeout = *settings.connection_timeout.get_or_insert(DEFAULT_TIMEOUT);
        let options = Options::checked(
            [
                milliseconds(first_delay),
                milliseconds(max_delay),
                milliseconds(stable_after),
                max_attempts.map_or(f64::INFINITY, f64::from).into(),
                (max_waiting as f64).into(),
            ],
            timeout,
        )?;
        let identity = Identity { id: next_id(), data_type: settings.data_type };
        Ok((Self { identity, endpoints, handler: Rc::new(handler), settings }, options))
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }
}

/// Returns the URL of an endpoint, and the settings with the endpoint's own headers and subprotocols.
fn parse(endpoint: &Endpoint, settings: &Settings) -> Result<(Url, Settings), Error> {
    let text = JsString::from(endpoint.url.as_str());
    let url = Url::parse(&text, Some(text.clone()))?;
    let mut settings = settings.clone();
    if let Some(headers) = &endpoint.headers {
        settings.headers = headers_of(headers.clone())?;
    }
    if let Some(protocols) = &endpoint.protocols {
        settings.protocols = protocols_of(protocols.clone())?;
    }
    Ok((url, settings))
}

impl<H: ReconnectingHandler + 'static> Application<Connection> for Program<H> {
    fn ask(&self, supervision: &Rc<OfProgram>, attempt: u32, signal: AbortSignal) -> Box<dyn Any> {
        let (handler, settings) = (self.handler.clone(), self.settings.clone());
        let open = move |endpoint: Endpoint| -> Open<Connection> {
            Box::new(move |supervision| {
                Socket::check_host()?;
                let (url, settings) = parse(&endpoint, &settings)?;
                let handler = Guarded(handler);
                #[cfg(feature = "futures")]
                let handler = crate::futures::Watched(handler);
                let handler = Supervised { handler, supervision: supervision.clone(), errors: Cell::default() };
                Connection::open(url, Box::new(handler), settings, None, |_| Ok(None))
            })
        };
        let endpoints = self.endpoints.clone();
        // A closure is called when the future is first polled.
        let endpoint = async move {
            match endpoints {
                Endpoints::Always(endpoint) => Ok(endpoint),
                Endpoints::Ask(ask) => ask(attempt, signal).await,
            }
        };
        let supervision = supervision.clone();
        Box::new(Task::start(Box::pin(endpoint), move |answer| supervision.answered(answer.map(open))))
    }

    fn on_retry(&self, supervision: &Rc<OfProgram>, attempt: u32, delay: f64, waiting: usize, past: Past) -> Decision {
        let socket = ReconnectingWebSocket::borrowed(supervision.clone(), self.identity);
        let Past { code, reason, was_clean, errors } = past;
        let delay = Duration::from_secs_f64(delay / 1000.0);
        let event = RetryEvent { attempt, delay, code, reason, was_clean, errors, waiting };
        let mut answer = Retry::AfterDelay;
        guard(|| answer = self.handler.on_retry(&socket, event.clone()));
        match answer {
            Retry::AfterDelay => Decision::Retry,
            Retry::Stop => Decision::Stop,
            Retry::After(delay) => match milliseconds(delay) {
                number if is_delay(number.as_f64().unwrap_or(f64::NAN)) => {
                    Decision::After(number.as_f64().unwrap_or_default())
                }
                wrong => {
                    report(&Error::about(ErrCode::Retry, &wrong).into());
                    Decision::Retry
                }
            },
        }
    }

    fn on_stop(&self, supervision: &Rc<OfProgram>, attempts: u32, unsent: Vec<Message>, past: Past) {
        let socket = ReconnectingWebSocket::borrowed(supervision.clone(), self.identity);
        let Past { code, reason, was_clean, errors } = past;
        let event = StopEvent { attempts, code, reason, was_clean, errors, unsent };
        guard(|| self.handler.on_stop(&socket, event.clone()));
    }
}

/// The handler of one connection. It reports the events of the connection to the supervision.
struct Supervised<H> {
    handler: H,
    supervision: Rc<OfProgram>,
    errors: Cell<Vec<ErrorEntry>>,
}

impl<H: ConnectionHandler> ConnectionHandler for Supervised<H> {
    fn on_open(&self, ws: &WebSocket) {
        self.supervision.opened();
        self.handler.on_open(ws);
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        self.handler.on_message(ws, event);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        self.errors.set(event.errors.clone());
        self.handler.on_error(ws, event);
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        let TerminateEvent { code, reason, was_clean } = event.clone();
        self.supervision.ending(Past { code, reason, was_clean, errors: self.errors.take() });
        self.handler.on_terminate(ws, event);
        self.supervision.ended();
    }
}

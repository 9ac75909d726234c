//! What a connection that comes back calls, and what makes a handler in Rust an application of it.

use std::rc::Rc;
use std::time::Duration;

use js_sys::JsString;
use web_sys::AbortSignal;

use super::ReconnectingWebSocket;
use super::source::{Endpoint, Endpoints};
use super::supervision::{Application, Asking, Decision, Options, Past, Supervised, Supervision};
use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::event::ErrorEntry;
use crate::handler::{ConnectionHandler, Guarded, Settings, guard, headers_of, milliseconds, protocols_of};
use crate::message::Message;
use crate::report::report;
use crate::retry::{Schedule, is_delay};
use crate::socket::{Socket, Url};

/// What a [`ReconnectingWebSocket`] calls, beside the callbacks of each of its connections. Everything has a default.
///
/// Settings of the [`ConnectionHandler`] are read once, by [`ReconnectingWebSocket::new`]. The handler is dropped after
/// `on_stop`.
pub trait ReconnectingHandler: ConnectionHandler {
    /// A connection has ended, or none could be had, and another will be tried: called before each wait, which it may change.
    fn on_retry(&self, _socket: &ReconnectingWebSocket, _event: RetryEvent) -> Retry {
        Retry::AfterDelay
    }

    /// All is over: called exactly once, and nothing after it.
    fn on_stop(&self, _socket: &ReconnectingWebSocket, _event: StopEvent) {}

    /// When another connection is tried. Read once, by [`ReconnectingWebSocket::new`].
    fn retry(&self) -> RetrySettings {
        RetrySettings::default()
    }
}

/// When another connection is tried, and what may wait for it.
///
/// The wait before the nth retry since the last connection that was stable is random, from 0 to `first_delay` · 2ⁿ⁻¹, at most
/// `max_delay`, so that many clients of one server do not come back at once. Where the host says that there is no network, a
/// retry to another machine waits for it, at most `max_delay` more. A network that comes back, and a page that becomes visible
/// or returns from the back/forward cache, end a wait within a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySettings {
    /// The longest wait before the first retry, at most 2 147 483 647 ms. Default: 3 s.
    pub first_delay: Duration,
    /// The longest wait at all, at most 2 147 483 647 ms. Default: 60 s.
    pub max_delay: Duration,
    /// How long a connection has to be open for its attempt not to have failed, at most 2 147 483 647 ms. Default: 10 s.
    pub stable_after: Duration,
    /// How many attempts in a row may fail, from 1; `None` for any number. Default: `None`.
    pub max_attempts: Option<u32>,
    /// How many bytes may wait for a connection; a message counts at least as one. Default: 1 MiB.
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

/// What [`on_retry`](ReconnectingHandler::on_retry) answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// Wait for the delay of the event.
    #[default]
    AfterDelay,
    /// Wait that long, at most 2 147 483 647 ms. A longer time surfaces as uncaught, with
    /// [`ErrCode::Retry`](crate::ErrCode::Retry), and the delay of the event holds.
    After(Duration),
    /// Stop: no more attempts.
    Stop,
}

/// The event of [`on_retry`](ReconnectingHandler::on_retry).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryEvent {
    /// The number of the attempt to come: 1 is the first after a connection that was stable.
    pub attempt: u32,
    /// How long the wait will be.
    pub delay: Duration,
    /// The server's close code of the connection that ended: 1005 if it gave none, 1006 if there was no closing handshake,
    /// or no connection.
    pub code: u16,
    /// The server's reason, `""` if it gave none.
    pub reason: String,
    /// Whether there was a closing handshake.
    pub was_clean: bool,
    /// Those of the connection's `on_error`, or why there was none: [`ErrCode::Source`](crate::ErrCode::Source).
    pub errors: Vec<ErrorEntry>,
    /// How many messages wait.
    pub waiting: usize,
}

/// The event of [`on_stop`](ReconnectingHandler::on_stop).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StopEvent {
    /// How many attempts in a row have failed since the last connection that was stable.
    pub attempts: u32,
    /// The server's close code of the last connection: 1005 if it gave none, 1006 if there was no closing handshake, or no
    /// connection.
    pub code: u16,
    /// The server's reason, `""` if it gave none.
    pub reason: String,
    /// Whether there was a closing handshake.
    pub was_clean: bool,
    /// Those of the connection's `on_error`, or why there was none.
    pub errors: Vec<ErrorEntry>,
    /// The messages that never left, as they were passed to [`send`](ReconnectingWebSocket::send).
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

/// A source and a handler of a program in Rust.
pub(super) struct Program<H> {
    endpoints: Endpoints,
    handler: Rc<H>,
    settings: Settings,
}

impl<H: ReconnectingHandler + 'static> Program<H> {
    /// Checks what is known already.
    pub(super) fn new(endpoints: Endpoints, handler: H) -> Result<(Self, Options), Error> {
        let mut settings = Settings::of(&handler)?;
        if let Endpoints::Always(endpoint) = &endpoints {
            parse(endpoint, &settings)?;
        }
        let RetrySettings { first_delay, max_delay, stable_after, max_attempts, max_waiting } = handler.retry();
        let options = Options::checked(
            [
                milliseconds(first_delay),
                milliseconds(max_delay),
                milliseconds(stable_after),
                max_attempts.map_or(f64::INFINITY, f64::from).into(),
                (max_waiting as f64).into(),
            ],
            &mut settings,
        )?;
        Ok((Self { endpoints, handler: Rc::new(handler), settings }, options))
    }
}

/// The URL of an endpoint, and the settings with what it has of its own.
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

impl<H: ReconnectingHandler + 'static> Application for Program<H> {
    fn ask(&self, attempt: u32, signal: AbortSignal) -> Asking {
        let (handler, settings) = (self.handler.clone(), self.settings.clone());
        let open = move |endpoint: Endpoint, supervision: &Rc<Supervision>| {
            Socket::check_host()?;
            let (url, settings) = parse(&endpoint, &settings)?;
            let handler = Guarded(handler);
            #[cfg(feature = "futures")]
            let handler = crate::futures::Watched(handler);
            let handler = Supervised::new(Box::new(handler), supervision);
            Connection::open(url, Box::new(handler), settings, None, |_| Ok(None))
        };
        match &self.endpoints {
            Endpoints::Always(endpoint) => {
                let endpoint = endpoint.clone();
                Box::pin(async move { Ok(Box::new(|supervision: &_| open(endpoint, supervision)) as _) })
            }
            Endpoints::Ask(ask) => {
                let ask = ask.clone();
                // The closure is called when this is first polled.
                Box::pin(async move {
                    let endpoint = ask(attempt, signal).await?;
                    Ok(Box::new(|supervision: &_| open(endpoint, supervision)) as _)
                })
            }
        }
    }

    fn on_retry(
        &self,
        supervision: &Rc<Supervision>,
        attempt: u32,
        delay: f64,
        waiting: usize,
        past: &Past,
    ) -> Decision {
        let socket = ReconnectingWebSocket::borrowed(supervision.clone());
        let Past { code, reason, was_clean, errors } = past.clone();
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

    fn on_stop(&self, supervision: &Rc<Supervision>, attempts: u32, unsent: Vec<Message>, past: Past) {
        let socket = ReconnectingWebSocket::borrowed(supervision.clone());
        let Past { code, reason, was_clean, errors } = past;
        let event = StopEvent { attempts, code, reason, was_clean, errors, unsent };
        guard(|| self.handler.on_stop(&socket, event.clone()));
    }
}

//! A connection that comes back, as a Rust program has it.

mod handler;
mod keeper;
mod source;
mod supervision;
mod task;

use std::fmt;
use std::rc::Rc;

use js_sys::JsString;

pub use handler::{ReconnectingHandler, Retry, RetryEvent, RetrySettings, StopEvent};
pub(crate) use keeper::Keeper;
pub use source::{Asked, Endpoint, Fixed, Source};

pub use crate::supervisor::ReconnectingStatus;

use crate::close::CloseCode;
use crate::data_type::DataType;
use crate::error::Error;
use crate::message::Message;
use crate::socket::Socket;
use crate::websocket::WebSocket;
use handler::Program;
use supervision::Supervision;

/// A connection that comes back: when one ends, whoever ended it, another is opened after a while, until
/// [`terminate`](Self::terminate) is called, [`on_retry`](ReconnectingHandler::on_retry) says so, or too many attempts in a row
/// have failed.
///
/// Each is a whole new [`WebSocket`] whose callbacks keep their own sequence. After the
/// [`on_terminate`](crate::ConnectionHandler::on_terminate) of each comes either
/// [`on_retry`](ReconnectingHandler::on_retry) or [`on_stop`](ReconnectingHandler::on_stop), which comes exactly once, and
/// nothing after it. The next connection starts after the last has ended.
///
/// Dropping it is `terminate` with 1000; [`detach`](Self::detach) lets it live. Every method can be called at any time, from
/// inside any callback, and after the end.
///
/// ```no_run,standalone_crate
/// use fourd_websocket::{
///     ConnectionHandler, Error, MessageEvent, ReconnectingHandler, ReconnectingWebSocket, Retry, RetryEvent, WebSocket,
/// };
/// use web_sys::{AbortSignal, console};
///
/// struct Feed;
///
/// impl ConnectionHandler for Feed {
///     fn on_message(&self, _ws: &WebSocket, event: MessageEvent) {
///         console::log_1(event.data());
///     }
/// }
///
/// impl ReconnectingHandler for Feed {
///     fn on_retry(&self, _socket: &ReconnectingWebSocket, event: RetryEvent) -> Retry {
///         if event.code == 4401 { Retry::Stop } else { Retry::AfterDelay }
///     }
/// }
///
/// async fn ticket() -> Result<String, String> {
///     Ok("…".into()) // fetched anew for each attempt
/// }
///
/// fn follow() -> Result<ReconnectingWebSocket, Error> {
///     let source = async |_attempt: u32, _signal: AbortSignal| {
///         let ticket = ticket().await?;
///         Ok::<_, String>(format!("wss://example.com/feed?ticket={ticket}"))
///     };
///     let socket = ReconnectingWebSocket::new(source, Feed)?;
///     socket.send("subscribe ACME")?; // waits for the connection, whichever it is
///     Ok(socket)
/// }
/// ```
#[must_use = "the connection is terminated when this is dropped"]
pub struct ReconnectingWebSocket {
    supervision: Rc<Supervision>,
    terminates: bool,
}

impl ReconnectingWebSocket {
    /// Connects to where `source` says: a url, an [`Endpoint`], or an async closure that gives one for each attempt.
    ///
    /// It returns at once with the status [`ReconnectingStatus::Connecting`]; neither a callback nor the closure is called
    /// before. Opening takes 30 s at most, and so does the closure, where the handler's
    /// [`connection_timeout`](crate::ConnectionHandler::connection_timeout) does not say otherwise.
    ///
    /// # Errors
    /// Those of [`WebSocket::new`], as far as they are known without opening a connection;
    /// [`ErrCode::Duration`](crate::ErrCode::Duration) and [`ErrCode::Retry`](crate::ErrCode::Retry) for what
    /// [`retry`](ReconnectingHandler::retry) says. The handler is dropped then. What the host refuses of what the source says
    /// comes to [`on_stop`](ReconnectingHandler::on_stop).
    pub fn new<Kind>(source: impl Source<Kind>, handler: impl ReconnectingHandler + 'static) -> Result<Self, Error> {
        Socket::check_host()?;
        let (program, options) = Program::new(source.into_endpoints(), handler)?;
        Ok(Self { supervision: Supervision::start(Box::new(program), options), terminates: true })
    }

    /// What a callback is given: dropping it changes nothing.
    fn borrowed(supervision: Rc<Supervision>) -> Self {
        Self { supervision, terminates: false }
    }

    /// Sends a message by the connection that is open; else, it waits, as it is now, and leaves when one opens, before
    /// [`on_open`](crate::ConnectionHandler::on_open).
    ///
    /// What was handed to a host's connection that then broke may have arrived or not, and is not sent again.
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) once `terminate` was called or all is over;
    /// [`ErrCode::TooMuchWaiting`](crate::ErrCode::TooMuchWaiting) if more would wait than
    /// [`RetrySettings::max_waiting`]; [`ErrCode::Message`](crate::ErrCode::Message) and
    /// [`ErrCode::SendRefused`](crate::ErrCode::SendRefused) as [`WebSocket::send`] does.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.supervision.send(message.into().as_js())
    }

    /// Ends the connection, and everything: the status is [`ReconnectingStatus::Closing`] at once, nothing is called before
    /// this has returned, and [`on_stop`](ReconnectingHandler::on_stop) comes when the connection has ended, or soon if
    /// there is none. Does nothing when it was called before.
    ///
    /// # Errors
    /// [`ErrCode::CloseReason`](crate::ErrCode::CloseReason) if the reason has more than 123 bytes; nothing has changed then.
    pub fn terminate(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.supervision.terminate(code, reason.into())
    }

    /// Ends a wait, and does not ask whether there is a network; inside of [`on_retry`](ReconnectingHandler::on_retry), there
    /// is no wait. Else does nothing.
    pub fn retry_now(&self) {
        self.supervision.retry_now();
    }

    /// Lets it live until it ends by itself, or in a callback: nothing is terminated.
    pub fn detach(mut self) {
        self.terminates = false;
    }

    /// The state.
    pub fn status(&self) -> ReconnectingStatus {
        self.supervision.status()
    }

    /// The connection, until its `on_terminate` has returned. Dropping what this gives changes nothing.
    pub fn current(&self) -> Option<WebSocket> {
        self.supervision.current().map(WebSocket::borrowed)
    }

    /// A positive integer, unique in the process or page, among connections, too.
    pub fn id(&self) -> u64 {
        self.supervision.id() as u64
    }

    /// What messages received are handed over as.
    pub fn data_type(&self) -> DataType {
        self.supervision.data_type()
    }

    /// What waits to be sent, in bytes, with or without a connection; 0 after the end.
    pub fn buffered_amount(&self) -> u64 {
        self.supervision.buffered_amount() as u64
    }
}

impl Drop for ReconnectingWebSocket {
    fn drop(&mut self) {
        if self.terminates {
            // Without a reason, nothing can be wrong.
            let _ = self.supervision.terminate(CloseCode::NORMAL, JsString::default());
        }
    }
}

impl fmt::Debug for ReconnectingWebSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("ReconnectingWebSocket");
        fields.field("id", &self.id()).field("status", &self.status()).finish_non_exhaustive()
    }
}

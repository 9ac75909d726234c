//! The API of a WebSocket that reconnects, for programs in Rust.

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
#[cfg(feature = "supervisor")]
pub(crate) use supervision::{Application, DEFAULT_TIMEOUT, Decision, Link, Options, Supervision};

pub use crate::supervisor::ReconnectingStatus;

use crate::close::CloseCode;
use crate::data_type::DataType;
use crate::error::Error;
use crate::message::Message;
use crate::socket::Socket;
use crate::websocket::WebSocket;
use handler::{Identity, OfProgram, Program};

/// A WebSocket that reconnects. When a connection has ended, no matter which side ended it, another one is opened after
/// a delay. This continues until [`terminate`](Self::terminate) is called, [`on_retry`](ReconnectingHandler::on_retry)
/// returns [`Retry::Stop`], or too many attempts in a row have failed.
///
/// Each connection is a new [`WebSocket`] with its own sequence of callbacks. Each
/// [`on_terminate`](crate::ConnectionHandler::on_terminate) is followed by [`on_retry`](ReconnectingHandler::on_retry)
/// or [`on_stop`](ReconnectingHandler::on_stop). `on_stop` is called exactly once, always last. The next connection
/// starts after the last one has ended.
///
/// Dropping the object calls `terminate` with 1000, unless you call [`detach`](Self::detach). Every method can be
/// called at any time, from inside any callback, and after the end.
///
/// ```no_run,standalone_crate
/// use fourd_websocket::{
///     ConnectionHandler, Error, MessageEvent, ReconnectingHandler, ReconnectingWebSocket, Retry, RetryEvent,
///     WebSocket,
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
///     Ok("…".into()) // fetched for each attempt
/// }
///
/// fn follow() -> Result<ReconnectingWebSocket, Error> {
///     let source = async |_attempt: u32, _signal: AbortSignal| {
///         let ticket = ticket().await?;
///         Ok::<_, String>(format!("wss://example.com/feed?ticket={ticket}"))
///     };
///     let socket = ReconnectingWebSocket::new(source, Feed)?;
///     socket.send("subscribe ACME")?; // queued until a connection is open
///     Ok(socket)
/// }
/// ```
#[must_use = "the connection is terminated when this is dropped"]
pub struct ReconnectingWebSocket {
    supervision: Rc<OfProgram>,
    identity: Identity,
    terminates: bool,
}

impl ReconnectingWebSocket {
    /// Connects to the endpoints of `source`: a url, an [`Endpoint`], or an async closure that returns one for each
    /// attempt.
    ///
    /// Returns immediately with the status [`ReconnectingStatus::Connecting`]. Neither a callback nor the closure is
    /// called before it returns. The handler's
    /// [`connection_timeout`](crate::ConnectionHandler::connection_timeout) limits the closure, and then the opening of
    /// the connection. Its default is 30 s here.
    ///
    /// # Errors
    /// The errors of [`WebSocket::new`] that are known without opening a connection.
    /// [`ErrCode::Duration`](crate::ErrCode::Duration) and [`ErrCode::Retry`](crate::ErrCode::Retry) if a setting of
    /// [`retry`](ReconnectingHandler::retry) is out of range. The handler is dropped then. If the endpoint of an
    /// attempt is invalid or the host refuses it, [`on_stop`](ReconnectingHandler::on_stop) is called with the error.
    pub fn new<Kind>(source: impl Source<Kind>, handler: impl ReconnectingHandler + 'static) -> Result<Self, Error> {
        Socket::check_host()?;
        let (program, options) = Program::new(source.into_endpoints(), handler)?;
        let identity = program.identity();
        Ok(Self { supervision: OfProgram::start(Rc::new(program), options), identity, terminates: true })
    }

    /// The object as callbacks receive it. Dropping it does not terminate.
    fn borrowed(supervision: Rc<OfProgram>, identity: Identity) -> Self {
        Self { supervision, identity, terminates: false }
    }

    /// Sends a message if a connection is open. Otherwise, a snapshot of the message is queued and sent when the next
    /// connection opens, before [`on_open`](crate::ConnectionHandler::on_open).
    ///
    /// A message that was passed to the host is not sent again if its connection is lost. The server may have received
    /// the message or not.
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) if `terminate` was called or no attempt follows.
    /// [`ErrCode::TooMuchWaiting`](crate::ErrCode::TooMuchWaiting) if the queue would exceed
    /// [`RetrySettings::max_waiting`]. [`ErrCode::Message`](crate::ErrCode::Message) and
    /// [`ErrCode::SendRefused`](crate::ErrCode::SendRefused) as [`WebSocket::send`] does.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.supervision.send(message.into().as_js())
    }

    /// Ends the connection and stops. The status becomes [`ReconnectingStatus::Closing`] immediately. No callback is
    /// called before this has returned. [`on_stop`](ReconnectingHandler::on_stop) is called when the connection has
    /// ended, or in a microtask if there is no connection. Has no effect if `terminate` was called before or no attempt
    /// follows.
    ///
    /// # Errors
    /// [`ErrCode::CloseReason`](crate::ErrCode::CloseReason) if the reason has more than 123 bytes. Then the call has
    /// no effect.
    pub fn terminate(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.supervision.terminate(code, reason.into())
    }

    /// Ends a delay, and does not wait for a network. Inside [`on_retry`](ReconnectingHandler::on_retry), the retry
    /// follows without a delay. Has no effect at other times.
    pub fn retry_now(&self) {
        self.supervision.retry_now();
    }

    /// Drops this object without calling `terminate`. Retries continue until no attempt follows or a callback calls
    /// `terminate`.
    pub fn detach(mut self) {
        self.terminates = false;
    }

    /// The state of this object.
    pub fn status(&self) -> ReconnectingStatus {
        self.supervision.status()
    }

    /// The connection, until its `on_terminate` has returned. `None` if there is none. Dropping the returned object
    /// does not terminate the connection.
    pub fn current(&self) -> Option<WebSocket> {
        self.supervision.current().map(WebSocket::borrowed)
    }

    /// The id of this object: a positive integer, unique in the process or page, also among the ids of connections.
    pub fn id(&self) -> u64 {
        self.identity.id as u64
    }

    /// The type of received messages.
    pub fn data_type(&self) -> DataType {
        self.identity.data_type
    }

    /// The number of bytes that are still to be sent, with or without a connection. 0 after the end.
    pub fn buffered_amount(&self) -> u64 {
        self.supervision.buffered_amount() as u64
    }
}

impl Drop for ReconnectingWebSocket {
    fn drop(&mut self) {
        if self.terminates {
            // Cannot fail without a reason.
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

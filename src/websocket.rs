//! The API of a connection for programs in Rust.

use std::fmt;
use std::rc::Rc;

use js_sys::JsString;

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::handler::{ConnectionHandler, Guarded, Settings};
use crate::handshake::without_credentials;
use crate::message::Message;
use crate::socket::{Socket, Url};
use crate::status::Status;

/// A WebSocket connection: 4D's [`4D.WebSocket`](https://developer.4d.com/docs/API/WebSocketClass).
///
/// Whatever the server, the network or the host does, the handler's callbacks are called in this order:
/// [`on_open`](ConnectionHandler::on_open) at most once, [`on_message`](ConnectionHandler::on_message) any number of
/// times, [`on_error`](ConnectionHandler::on_error) at most once, and [`on_terminate`](ConnectionHandler::on_terminate)
/// exactly once, always last. Every method can be called at any time, from inside any callback, and after the end.
///
/// Dropping the object calls [`terminate`](Self::terminate) with 1000. If the connection is open, messages already
/// passed to `send` are sent. While it is being opened, they are discarded. No further message is delivered, and
/// `on_terminate` is called when the connection has ended. Test doubles may end the
/// connection before the drop returns, so take the object out of a `RefCell` before you drop it, as `drop(cell.take())`
/// does. [`detach`](Self::detach) keeps the connection open. To share a connection, put it in an [`Rc`](std::rc::Rc).
#[must_use = "the connection is terminated when this is dropped"]
pub struct WebSocket {
    connection: Rc<Connection>,
    terminates: bool,
}

impl WebSocket {
    /// Opens a connection to `url`: absolute, `ws:` or `wss:`, without a fragment.
    ///
    /// Returns immediately with the status [`Status::Connecting`]. No callback is called before it returns.
    ///
    /// # Errors
    /// An error about the url or the handler that explains what is allowed ([`ErrCode::Url`], [`ErrCode::Protocols`],
    /// [`ErrCode::HeaderName`], …), or an error because the host has no `WebSocket` ([`ErrCode::NoHost`]), cannot send
    /// headers ([`ErrCode::HeadersUnsupported`]) or refuses the connection ([`ErrCode::HostRefused`]). Then no
    /// connection is opened, and the handler is dropped.
    pub fn new(url: &str, handler: impl ConnectionHandler + 'static) -> Result<Self, Error> {
        Socket::check_host()?;
        let text = JsString::from(url);
        let url = Url::parse(&text, Some(text.clone()))?;
        let settings = Settings::of(&handler)?;
        let handler = Guarded(handler);
        #[cfg(feature = "futures")]
        let handler = crate::futures::Watched(handler);
        let connection = Connection::open(url, Box::new(handler), settings, None, |_| Ok(None))?;
        Ok(Self { connection, terminates: true })
    }

    #[cfg(feature = "futures")]
    pub(crate) fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    /// The connection as callbacks receive it. Dropping it does not terminate the connection.
    pub(crate) fn borrowed(connection: Rc<Connection>) -> Self {
        Self { connection, terminates: false }
    }

    /// Sends a message: text, bytes, a `Blob`, or an object. [`Message`] lists the types that convert into it.
    ///
    /// While the connection is being opened, messages are queued. Frames are sent in the order of the calls.
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`] if the connection is closing or closed, so that no message is silently dropped.
    /// [`ErrCode::Message`] if a [`JsValue`](wasm_bindgen::JsValue) is not a message. [`ErrCode::SendRefused`] if the
    /// host refuses the message.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), Error> {
        self.connection.send(message.into().as_js())
    }

    /// Ends the connection. The status becomes [`Status::Closing`] immediately.
    /// [`on_terminate`](ConnectionHandler::on_terminate) is called when the server has answered or the handler's
    /// [`close_timeout`](ConnectionHandler::close_timeout) has expired. Has no effect if the connection is closing or
    /// closed.
    ///
    /// # Errors
    /// [`ErrCode::CloseReason`] if the reason has more than 123 bytes. Then the call has no effect.
    pub fn terminate(&self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection.terminate(code, reason.into())
    }

    /// Drops this object without terminating the connection. The connection stays open until the server or a callback
    /// ends it.
    pub fn detach(mut self) {
        self.terminates = false;
    }

    /// The state of the connection.
    pub fn status(&self) -> Status {
        self.connection.status()
    }

    /// The url as it was passed.
    pub fn url(&self) -> String {
        self.connection.url().into()
    }

    /// The id of the connection: a positive integer, unique in the process or page.
    pub fn id(&self) -> u64 {
        self.connection.id() as u64
    }

    /// The type of received messages.
    pub fn data_type(&self) -> DataType {
        self.connection.data_type()
    }

    /// The subprotocol that the server chose. `""` if it chose none, or before the connection is open.
    pub fn protocol(&self) -> String {
        self.connection.protocol()
    }

    /// The number of bytes that are still to be sent. 0 after the end.
    pub fn buffered_amount(&self) -> u64 {
        self.connection.buffered_amount() as u64
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        if self.terminates {
            // Cannot fail without a reason.
            let _ = self.connection.terminate(CloseCode::NORMAL, JsString::default());
        }
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("WebSocket");
        let url = without_credentials(&self.url());
        fields.field("id", &self.id()).field("url", &url).field("status", &self.status()).finish_non_exhaustive()
    }
}

impl TryFrom<u16> for CloseCode {
    type Error = Error;

    /// Fails with [`ErrCode::CloseCode`] if applications may not send the code.
    fn try_from(code: u16) -> Result<Self, Error> {
        Self::from_u16(code).ok_or_else(|| Error::about(ErrCode::CloseCode, &code.into()))
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.get()
    }
}

impl Default for CloseCode {
    /// [`CloseCode::NORMAL`].
    fn default() -> Self {
        Self::NORMAL
    }
}

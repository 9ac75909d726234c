//! What a connection is given: its callbacks, and how it is to be opened.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, JsString, Set};
use wasm_bindgen::prelude::*;

use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent};
use crate::handshake::{is_field_value, is_reserved, is_token};
use crate::message::{Message, Payload};
use crate::report::report;
use crate::websocket::WebSocket;

/// What a connection calls, and how it is to be opened: 4D's
/// [`WSHandler`](https://developer.4d.com/docs/API/WebSocketClass#connectionhandler-parameter). A type implements what it
/// needs of it; everything has a default.
///
/// `on_open` comes at most once, `on_message` any number of times, `on_error` at most once, and `on_terminate` exactly
/// once, always last. None comes before [`WebSocket::new`] has returned. The handler is dropped after `on_terminate`.
///
/// The callbacks take `&self`, for one may come inside of another: a host may answer before a call of
/// [`send`](WebSocket::send) returns. What they change stands in a [`Cell`](std::cell::Cell) or a
/// [`RefCell`](std::cell::RefCell), which is best not borrowed across a call of the connection.
///
/// A callback may send, terminate, and drop the application's [`WebSocket`]. One that panics, or that throws with
/// [`wasm_bindgen::throw_val`], surfaces as an uncaught exception does on that host, and the connection goes on.
///
/// A handler in an [`Rc`] serves many connections; `()` is one that does nothing.
///
/// ```no_run,standalone_crate
/// use std::cell::Cell;
///
/// use fourd_websocket::{ConnectionHandler, DataType, MessageEvent, WebSocket};
///
/// #[derive(Default)]
/// struct Counter {
///     messages: Cell<usize>,
/// }
///
/// impl ConnectionHandler for Counter {
///     fn on_message(&self, ws: &WebSocket, _event: MessageEvent) {
///         self.messages.set(self.messages.get() + 1);
///         let _ = ws.send(format!("{} so far", self.messages.get()));
///     }
///
///     fn data_type(&self) -> DataType {
///         DataType::Blob
///     }
/// }
/// ```
pub trait ConnectionHandler {
    /// The connection is open; what was sent before has left.
    fn on_open(&self, _ws: &WebSocket) {}

    /// A message has come.
    fn on_message(&self, _ws: &WebSocket, _event: MessageEvent) {}

    /// Something went wrong; `on_terminate` follows.
    fn on_error(&self, _ws: &WebSocket, _event: ErrorEvent) {}

    /// The connection has ended.
    fn on_terminate(&self, _ws: &WebSocket, _event: TerminateEvent) {}

    /// What messages are handed over as. Read once, by [`WebSocket::new`], as are all below. Default:
    /// [`DataType::Text`].
    fn data_type(&self) -> DataType {
        DataType::Text
    }

    /// The headers of the handshake as names and values; a name may be repeated. Node, Deno and Bun can send them,
    /// a page and workerd cannot. Default: none.
    fn headers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The subprotocols to offer, the preferred one first; the one the server chose is [`WebSocket::protocol`].
    /// Default: none.
    fn protocols(&self) -> Vec<String> {
        Vec::new()
    }

    /// How long to wait for the peer's answer to [`terminate`](WebSocket::terminate), counted from when less was last
    /// left to be sent; at most 2 147 483 647 ms. Default: 5 s.
    fn close_timeout(&self) -> Duration {
        DEFAULT_CLOSE_TIMEOUT
    }

    /// How long opening may take, counted from [`WebSocket::new`]: more than 0, at most 2 147 483 647 ms. After it comes
    /// `on_error` with [`ErrCode::Late`]. Default: as long as the host waits.
    fn connection_timeout(&self) -> Option<Duration> {
        None
    }

    /// How it is found out that the peer is gone, though the host says nothing. Default: not at all.
    fn heartbeat(&self) -> Option<Heartbeat> {
        None
    }
}

/// How it is found out that the peer of an open connection is gone: after an `interval` in which nothing came, `message` is
/// sent; if nothing comes for `timeout` after that, the connection ends with [`ErrCode::Silent`]. Answers are messages
/// like any.
///
/// While less and less is left to be sent, `timeout` counts anew. A timer that comes late by more than half of `timeout`,
/// as on a machine that slept, sends the message once more before the peer is judged.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// What is sent.
    pub message: Message,
    /// More than 0, at most 2 147 483 647 ms.
    pub interval: Duration,
    /// More than 0, at most 2 147 483 647 ms.
    pub timeout: Duration,
}

impl Heartbeat {
    /// After 30 s without a message, with 10 s for the answer.
    pub fn new(message: impl Into<Message>) -> Self {
        Self { message: message.into(), interval: DEFAULT_INTERVAL, timeout: DEFAULT_TIMEOUT }
    }
}

/// A handler that does nothing.
impl ConnectionHandler for () {}

macro_rules! forward {
    ($($pointer:ident)+) => {
        $(
            impl<H: ConnectionHandler + ?Sized> ConnectionHandler for $pointer<H> {
                fn on_open(&self, ws: &WebSocket) {
                    (**self).on_open(ws);
                }

                fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
                    (**self).on_message(ws, event);
                }

                fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
                    (**self).on_error(ws, event);
                }

                fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
                    (**self).on_terminate(ws, event);
                }

                fn data_type(&self) -> DataType {
                    (**self).data_type()
                }

                fn headers(&self) -> Vec<(String, String)> {
                    (**self).headers()
                }

                fn protocols(&self) -> Vec<String> {
                    (**self).protocols()
                }

                fn close_timeout(&self) -> Duration {
                    (**self).close_timeout()
                }

                fn connection_timeout(&self) -> Option<Duration> {
                    (**self).connection_timeout()
                }

                fn heartbeat(&self) -> Option<Heartbeat> {
                    (**self).heartbeat()
                }
            }
        )+
    };
}

forward!(Rc Box);

/// The callbacks of a program in Rust: whatever one throws, or a panic in it, surfaces as uncaught. How the connection is to
/// be opened, the handler itself is asked.
pub(crate) struct Guarded<H>(pub(crate) H);

#[wasm_bindgen]
extern "C" {
    /// Calls a function from JavaScript, which alone can catch what is thrown through Rust.
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = apply)]
    fn apply(function: &mut dyn FnMut(), this: &JsValue, arguments: &Array) -> Result<(), JsValue>;
}

/// Calls an application's code; what it throws, if it does.
pub(crate) fn attempt(mut callback: impl FnMut()) -> Result<(), JsValue> {
    thread_local! {
        static NOTHING: Array = Array::new();
    }
    NOTHING.with(|nothing| apply(&mut callback, &JsValue::UNDEFINED, nothing))
}

/// Calls an application's code, whose exceptions surface as uncaught.
pub(crate) fn guard(callback: impl FnMut()) {
    if let Err(error) = attempt(callback) {
        report(&error);
    }
}

impl<H: ConnectionHandler> ConnectionHandler for Guarded<H> {
    fn on_open(&self, ws: &WebSocket) {
        guard(|| self.0.on_open(ws));
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        let mut event = Some(event);
        guard(|| {
            if let Some(event) = event.take() {
                self.0.on_message(ws, event);
            }
        });
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        guard(|| self.0.on_error(ws, event.clone()));
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        guard(|| self.0.on_terminate(ws, event.clone()));
    }
}

/// How a connection is to be opened: what its handler says about it, checked.
#[cfg_attr(feature = "reconnecting", derive(Clone))]
pub(crate) struct Settings {
    pub(crate) data_type: DataType,
    /// Pairs of a name and a value; `None` leaves the host to its own.
    pub(crate) headers: Option<Array>,
    pub(crate) protocols: Array,
    /// Milliseconds.
    pub(crate) close_timeout: f64,
    /// Milliseconds; `None` leaves it to the host.
    pub(crate) connection_timeout: Option<f64>,
    pub(crate) heartbeat: Option<Beats>,
}

/// A heartbeat, checked. Times are milliseconds.
#[cfg_attr(feature = "reconnecting", derive(Clone))]
pub(crate) struct Beats {
    /// What is sent, or a function that returns it.
    pub(crate) message: JsValue,
    pub(crate) interval: f64,
    pub(crate) timeout: f64,
}

pub(crate) const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time that a host's timer takes, in milliseconds.
const LONGEST: f64 = 2_147_483_647.0;

impl Settings {
    /// Asks a handler, and checks what it says.
    pub(crate) fn of(handler: &impl ConnectionHandler) -> Result<Self, Error> {
        Ok(Self {
            data_type: handler.data_type(),
            headers: headers_of(handler.headers())?,
            protocols: protocols_of(handler.protocols())?,
            close_timeout: checked_duration("closeTimeout", milliseconds(handler.close_timeout()))?,
            connection_timeout: match handler.connection_timeout() {
                Some(timeout) => Some(checked_duration("connectionTimeout", milliseconds(timeout))?),
                None => None,
            },
            heartbeat: match handler.heartbeat() {
                Some(Heartbeat { message, interval, timeout }) => {
                    let interval = checked_duration("heartbeat.interval", milliseconds(interval))?;
                    let timeout = checked_duration("heartbeat.timeout", milliseconds(timeout))?;
                    Some(Beats::checked(message.as_js().clone(), interval, timeout)?)
                }
                None => None,
            },
        })
    }
}

/// Headers as pairs of a name and a value, if there are any.
pub(crate) fn headers_of(headers: Vec<(String, String)>) -> Result<Option<Array>, Error> {
    let all = Array::new();
    for (name, value) in headers {
        let header = checked_header(name.into(), value.into())?;
        all.push(&header);
    }
    Ok(Some(all).filter(|all| all.length() > 0))
}

/// Subprotocols, checked.
pub(crate) fn protocols_of(protocols: Vec<String>) -> Result<Array, Error> {
    checked_protocols(protocols.into_iter().map(JsValue::from).collect())
}

/// A header as a pair of a name and a value.
pub(crate) fn checked_header(name: JsValue, value: JsValue) -> Result<Array, Error> {
    let text = name.as_string().unwrap_or_default();
    if !is_token(&text) {
        // What stands behind a colon may be a value, and is not shown.
        let parts = JsString::from(text).split(":");
        if parts.length() > 1 {
            parts.set_length(1);
            parts.push(&"…".into());
        }
        return Err(Error::about(ErrCode::HeaderName, &parts.join(":")));
    }
    let code = if is_reserved(&text) {
        ErrCode::HeaderReserved
    } else if value.as_string().is_some_and(|value| is_field_value(&value)) {
        return Ok(Array::of2(&name, &value));
    } else {
        ErrCode::HeaderValue
    };
    Err(Error::named(code, &text, &JsValue::UNDEFINED, None))
}

/// Checks the subprotocols: tokens, and different whatever their case; some hosts tell `a` and `A` apart, some throw.
pub(crate) fn checked_protocols(protocols: Array) -> Result<Array, Error> {
    for protocol in protocols.iter() {
        if !protocol.as_string().is_some_and(|text| is_token(&text)) {
            return Err(Error::about(ErrCode::Protocols, &protocol));
        }
    }
    let seen = Set::new(&JsValue::UNDEFINED);
    for protocol in protocols.iter() {
        let key = protocol.unchecked_ref::<JsString>().to_lower_case();
        if seen.has(&key) {
            return Err(Error::about(ErrCode::ProtocolRepeated, &protocol));
        }
        seen.add(&key);
    }
    Ok(protocols)
}

pub(crate) fn milliseconds(duration: Duration) -> JsValue {
    (duration.as_secs_f64() * 1000.0).into()
}

/// Checks a member of the handler that is a number of milliseconds.
pub(crate) fn checked_duration(name: &str, milliseconds: JsValue) -> Result<f64, Error> {
    let is_allowed = |number: &f64| (0.0..=LONGEST).contains(number) && (*number > 0.0 || name == "closeTimeout");
    let number = milliseconds.as_f64().filter(is_allowed);
    number.ok_or_else(|| Error::named(ErrCode::Duration, name, &milliseconds, None))
}

impl Beats {
    /// `message` may be a function; times were checked.
    pub(crate) fn checked(message: JsValue, interval: f64, timeout: f64) -> Result<Self, Error> {
        if !message.is_function() {
            Payload::of(&message).map_err(|error| Error::because(ErrCode::Heartbeat, &message, error.into()))?;
        }
        Ok(Self { message, interval, timeout })
    }
}

//! The handler of a connection: its callbacks and settings.

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

/// The callbacks and settings of a connection: 4D's
/// [`WSHandler`](https://developer.4d.com/docs/API/WebSocketClass#connectionhandler-parameter). Every method has a
/// default.
///
/// `on_open` is called at most once, `on_message` any number of times, `on_error` at most once, and `on_terminate`
/// exactly once, always last. No callback is called before [`WebSocket::new`] has returned. The handler is dropped
/// after `on_terminate`.
///
/// Callbacks take `&self`, because they can be nested: a host may deliver an answer before a call of
/// [`send`](WebSocket::send) returns. Keep mutable state in a [`Cell`](std::cell::Cell) or a
/// [`RefCell`](std::cell::RefCell), and do not hold a borrow across a call of the connection.
///
/// A callback may send, terminate, and drop the application's [`WebSocket`]. A panic, or an exception thrown with
/// [`wasm_bindgen::throw_val`], is reported as an uncaught exception of the host. The connection stays open.
///
/// Share a handler between connections with an [`Rc`]. `()` is a handler that does nothing.
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
    /// Called when the connection is open. Queued messages have been passed to the host before.
    fn on_open(&self, _ws: &WebSocket) {}

    /// Called for each received message.
    fn on_message(&self, _ws: &WebSocket, _event: MessageEvent) {}

    /// Called if the connection fails. `on_terminate` follows.
    fn on_error(&self, _ws: &WebSocket, _event: ErrorEvent) {}

    /// Called when the connection has ended.
    fn on_terminate(&self, _ws: &WebSocket, _event: TerminateEvent) {}

    /// The type of received messages. [`WebSocket::new`] calls this and all methods below once. Default:
    /// [`DataType::Text`].
    fn data_type(&self) -> DataType {
        DataType::Text
    }

    /// Additional headers of the handshake as names and values. A name may be repeated. Node, Deno and Bun can send
    /// headers. On other hosts, [`WebSocket::new`] fails. Default: none.
    fn headers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The subprotocols to offer, the preferred one first. [`WebSocket::protocol`] is the one that the server chose.
    /// Default: none.
    fn protocols(&self) -> Vec<String> {
        Vec::new()
    }

    /// How long to wait for the server's answer to [`terminate`](WebSocket::terminate), at most 2 147 483 647 ms. The
    /// time restarts whenever the bytes left to be sent decrease. Default: 5 s.
    fn close_timeout(&self) -> Duration {
        DEFAULT_CLOSE_TIMEOUT
    }

    /// How long opening may take, counted from [`WebSocket::new`]: more than 0, at most 2 147 483 647 ms. When it
    /// expires, `on_error` is called with [`ErrCode::Late`]. Default: the host's own limit.
    fn connection_timeout(&self) -> Option<Duration> {
        None
    }

    /// The heartbeat, which detects that the server is gone. Default: no heartbeat.
    fn heartbeat(&self) -> Option<Heartbeat> {
        None
    }
}

/// The settings of a heartbeat, which detects that the server of an open connection is gone. If no message is received
/// for an `interval`, `message` is sent. If no message is received for `timeout` after that, the connection ends with
/// [`ErrCode::Silent`]. Answers are delivered like every other message.
///
/// `timeout` restarts whenever the bytes left to be sent decrease. If a timer fires late by more than half of
/// `timeout`, as on a machine that slept, the message is sent once more before the connection ends.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// The message to send.
    pub message: Message,
    /// The time without a message after which the heartbeat is sent: more than 0, at most 2 147 483 647 ms.
    pub interval: Duration,
    /// The time to wait for a message after that: more than 0, at most 2 147 483 647 ms.
    pub timeout: Duration,
}

impl Heartbeat {
    /// A heartbeat with an interval of 30 s and a timeout of 10 s.
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

/// Reports exceptions and panics of the callbacks of a program in Rust as uncaught. It forwards callbacks only:
/// settings are read from the handler itself.
pub(crate) struct Guarded<H>(pub(crate) H);

#[wasm_bindgen]
extern "C" {
    /// Calls a function from JavaScript. Only JavaScript can catch an exception that is thrown through Rust.
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

/// The checked settings of a handler.
#[cfg_attr(feature = "reconnecting", derive(Clone))]
pub(crate) struct Settings {
    pub(crate) data_type: DataType,
    /// Pairs of a name and a value. `None` if the application sets no headers.
    pub(crate) headers: Option<Array>,
    pub(crate) protocols: Array,
    /// Milliseconds.
    pub(crate) close_timeout: f64,
    /// Milliseconds. `None` for the host's own limit.
    pub(crate) connection_timeout: Option<f64>,
    pub(crate) heartbeat: Option<Beats>,
}

/// A checked heartbeat. Times are in milliseconds.
#[cfg_attr(feature = "reconnecting", derive(Clone))]
pub(crate) struct Beats {
    /// The message, or a function that returns it.
    pub(crate) message: JsValue,
    pub(crate) interval: f64,
    pub(crate) timeout: f64,
}

pub(crate) const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest duration of a host's timer, in milliseconds.
const LONGEST: f64 = 2_147_483_647.0;

impl Settings {
    /// Reads the settings of a handler and checks them.
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
        // The text after a colon may be a secret value, and is not shown.
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

/// Checks that subprotocols are tokens that differ in more than case: some hosts throw for `a` and `A`, some do not.
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
    /// Checks the message, which may be a function. The times are checked by the caller.
    pub(crate) fn checked(message: JsValue, interval: f64, timeout: f64) -> Result<Self, Error> {
        if !message.is_function() {
            Payload::of(&message).map_err(|error| Error::because(ErrCode::Heartbeat, &message, error.into()))?;
        }
        Ok(Self { message, interval, timeout })
    }
}

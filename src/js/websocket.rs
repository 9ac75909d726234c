//! The class that the crate exports to JavaScript. The class in `pkg-template` wraps it in the npm package.

use std::rc::Rc;

use js_sys::{Array, JsString, Object, WeakMap, WeakRef};
use wasm_bindgen::prelude::*;

use super::handler::JsHandler;
use super::member::{close_arguments, listen};
use crate::close::CloseCode;
use crate::connection::{Connection, check_reason};
use crate::error::{ErrCode, Error, tag_of};
use crate::lifecycle::Input;
use crate::message::Payload;
use crate::shortcut::Shortcut;
use crate::socket::{Socket, Url};
use crate::status::Status;

/// A WebSocket connection: 4D's [`4D.WebSocket`](https://developer.4d.com/docs/API/WebSocketClass).
///
/// Whatever the server, the network or the host does, the handler's callbacks come in this order: `onOpen` at most
/// once, `onMessage` any number of times, `onError` at most once, and `onTerminate` exactly once.
#[wasm_bindgen]
pub struct WebSocket {
    /// `None` for the object that stands for all ended connections.
    connection: Option<Rc<Connection>>,
    /// A weak reference: a handler that refers to the object would never be collected otherwise.
    handler: Option<WeakRef>,
}

#[wasm_bindgen]
extern "C" {
    /// A `URL`, also of another realm.
    type AnyUrl;
    #[wasm_bindgen(method, catch, getter)]
    fn href(this: &AnyUrl) -> Result<JsString, JsValue>;
}

thread_local! {
    /// The handler of each object.
    static HANDLERS: WeakMap = WeakMap::new();
}

#[wasm_bindgen]
impl WebSocket {
    /// Opens a connection to `url`, a string or `URL`: absolute, `ws:` or `wss:`, without a fragment.
    ///
    /// Returns immediately. No callback is called before. `handler` is an object, null or undefined. All its members
    /// are optional: the callbacks `onOpen`, `onMessage`, `onError`, `onTerminate`, called as `handler.onX(ws, event)`,
    /// `dataType` (`"text"`, `"blob"`, `"object"`), `headers`, `protocols`, and `closeTimeout` in milliseconds.
    ///
    /// # Errors
    /// A `WebSocketError` about an invalid argument that explains what is allowed, or an error because the host has no
    /// `WebSocket` or cannot send headers. Nothing is opened then.
    #[wasm_bindgen(constructor)]
    pub fn construct(url: &JsValue, handler: &JsValue) -> Result<JsValue, Error> {
        let (connection, shortcut) = open(url, handler)?;
        let kept = handler.is_object().then(|| WeakRef::new(handler.unchecked_ref::<Object>()));
        let object = JsValue::from(Self { connection: Some(connection.clone()), handler: kept });
        HANDLERS.with(|handlers| handlers.set(object.unchecked_ref(), handler));
        start(&shortcut, &connection, &object, &JsValue::UNDEFINED);
        Ok(object)
    }

    /// The same as [`new WebSocket(url, handler)`](Self::construct), as 4D writes it.
    ///
    /// # Errors
    /// The errors of [`construct`](Self::construct).
    #[allow(clippy::new_ret_no_self, reason = "JavaScript has to receive the same object as the callbacks")]
    pub fn new(url: &JsValue, handler: &JsValue) -> Result<JsValue, Error> {
        Self::construct(url, handler)
    }

    /// Opens a connection for an object of a class in JavaScript, and returns its shortcut.
    #[doc(hidden)]
    #[wasm_bindgen(js_name = openFor, skip_typescript)]
    pub fn open_for(object: &JsValue, url: &JsValue, handler: &JsValue) -> Result<JsValue, Error> {
        let (connection, shortcut) = open(url, handler)?;
        let rust = JsValue::from(Self { connection: Some(connection.clone()), handler: None });
        start(&shortcut, &connection, object, &rust);
        Ok(shortcut.into())
    }

    /// The object that stands for all ended connections. Its methods fail.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn ended() -> Self {
        Self { connection: None, handler: None }
    }

    /// Defers all events to the next task, so that code that awaits the open connection continues first.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn hold(&self) {
        if let Some(session) = self.connection.as_ref().and_then(|connection| connection.session()) {
            session.hold();
        }
    }

    /// Handles the deferred events now.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn release(&self) {
        if let Some(session) = self.connection.as_ref().and_then(|connection| connection.session()) {
            session.release();
        }
    }

    /// Ends the connection, because an iteration exceeded its limit of messages.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn overrun(&self) {
        if let Some(session) = self.connection.as_ref().and_then(|connection| connection.session()) {
            session.handle(Input::Overrun, &JsValue::UNDEFINED);
        }
    }

    /// The supervisor of a connection that `terminate` has left pending has sent what waited, or cannot because of
    /// `cause`.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn settle(&self, is_broken: bool, cause: &JsValue) {
        match self.connection.as_ref().and_then(|connection| connection.session()) {
            Some(session) if is_broken => session.handle(Input::Unsendable, cause),
            Some(session) => session.flush(),
            None => {}
        }
    }

    /// The exception for a connection that has ended, with the entries of the error event, if `onError` was called.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn failure(entries: Option<Array>) -> JsValue {
        Error::of(&entries.unwrap_or_default()).into()
    }

    /// The exception for an invalid number of messages or bytes.
    #[doc(hidden)]
    #[wasm_bindgen(js_name = wrongLimit, skip_typescript)]
    pub fn wrong_limit(got: &JsValue) -> JsValue {
        Error::about(ErrCode::Limit, got).into()
    }

    /// Sends a message: a string as a text frame, a `Blob`, `ArrayBuffer` or view as a binary frame, any other object
    /// or array as a text frame with its JSON.
    ///
    /// While the connection is being opened, snapshots of messages are queued. Frames are sent in the order of the
    /// calls.
    ///
    /// # Errors
    /// A `WebSocketError` if the message has another type, or the connection is closing or closed.
    pub fn send(&self, message: &JsValue) -> Result<(), Error> {
        self.connection()?.send(message)
    }

    /// Handles a message that the shortcut could not send. `data` is its payload, undefined if it has none. `cause` is
    /// the exception that was thrown.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn refused(&self, message: &JsValue, data: JsValue, cause: JsValue) -> Result<(), Error> {
        if data.is_undefined() {
            return Err(Error::because(ErrCode::Message, message, cause));
        }
        if cause.is_undefined() {
            return Err(Error::new(ErrCode::NotOpen));
        }
        let session = self.connection.as_ref().and_then(|connection| connection.session());
        let send = |data| session.map_or(Err(cause.clone()), |session| session.socket().send_refused(&data, cause));
        send(Payload::Bytes(data.unchecked_into()))
            .map_err(|cause| Error::because(ErrCode::SendRefused, message, cause))
    }

    /// Ends the connection. The status becomes `"Closing"` immediately. `onTerminate` is called when the peer has
    /// answered or the `closeTimeout` has expired. `code` is 1000, the default, or 3000 to 4999. `reason` is a string
    /// of at most 123 bytes of UTF-8. Does nothing if the connection is closing or closed.
    ///
    /// # Errors
    /// A `WebSocketError` if the code or the reason may not be sent. The call has no effect then.
    pub fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), Error> {
        let (code, reason) = close_arguments(code, reason)?;
        match &self.connection {
            Some(connection) => connection.terminate(code, reason),
            None => check_reason(&reason),
        }
    }

    /// The url as it was passed.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> JsValue {
        self.connection.as_ref().map(|connection| connection.url().into()).unwrap_or_default()
    }

    /// The handler that was passed, or null.
    #[wasm_bindgen(getter)]
    pub fn handler(&self) -> JsValue {
        self.handler.as_ref().and_then(WeakRef::deref).map_or(JsValue::NULL, JsValue::from)
    }

    /// The type of received messages.
    #[wasm_bindgen(getter, js_name = dataType)]
    pub fn data_type(&self) -> String {
        self.connection.as_ref().map_or("", |connection| connection.data_type().word()).into()
    }

    /// The state of the connection.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        self.connection.as_ref().map_or(Status::Closed, |connection| connection.status()).word().into()
    }

    /// A positive integer, unique in the process or page.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> f64 {
        self.connection.as_ref().map_or(0.0, |connection| connection.id())
    }

    /// The subprotocol that the server chose. `""` if it chose none, or before the connection is open.
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> String {
        self.connection.as_ref().map(|connection| connection.protocol()).unwrap_or_default()
    }

    /// The bytes queued to be sent. 0 after the end.
    #[wasm_bindgen(getter, js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.connection.as_ref().map_or(0.0, |connection| connection.buffered_amount())
    }
}

impl WebSocket {
    fn connection(&self) -> Result<&Rc<Connection>, Error> {
        self.connection.as_ref().ok_or_else(|| Error::new(ErrCode::NotOpen))
    }
}

fn open(url: &JsValue, handler: &JsValue) -> Result<(Rc<Connection>, Shortcut), Error> {
    Socket::check_host()?;
    let text = match url.dyn_ref::<JsString>() {
        Some(text) => Some(text.clone()),
        None if url.is_instance_of::<web_sys::Url>() || tag_of(url) == "URL" => {
            url.unchecked_ref::<AnyUrl>().href().ok()
        }
        None => None,
    };
    let url = Url::parse(url, text)?;
    let (handler, settings, signal) = JsHandler::read(handler)?;
    let shortcut = handler.shortcut.clone();
    let abort = |connection: &Rc<Connection>| {
        let (connection, shortcut, own) = (connection.clone(), shortcut.clone(), signal.clone());
        listen(&signal, move || {
            if connection.lifecycle.get().status() <= Status::Connected {
                shortcut.set_signal(&own);
            }
            // Cannot fail without a reason.
            let _ = connection.terminate(CloseCode::NORMAL, JsString::default());
        })
    };
    Ok((Connection::open(url, Box::new(handler), settings, Some(shortcut.clone()), abort)?, shortcut))
}

fn start(shortcut: &Shortcut, connection: &Connection, object: &JsValue, rust: &JsValue) {
    if let Some(session) = connection.session() {
        let host = session.socket().host();
        shortcut.start(object, connection.url(), connection.id(), host, rust);
    }
}

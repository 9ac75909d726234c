//! The class that is exported. In the npm package, it is inside of the one in `pkg-template`.

use std::rc::Rc;

use js_sys::{Array, JsString, Object, WeakMap, WeakRef};
use wasm_bindgen::prelude::*;

use super::handler::{JsHandler, listen};
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
    /// Of one that stands for all that have ended, there is none.
    connection: Option<Rc<Connection>>,
    /// The handler is kept by the object: kept here, it would keep itself where it refers to the object.
    handler: Option<WeakRef>,
}

#[wasm_bindgen]
extern "C" {
    /// A `URL`, or what has the tag of one.
    type AnyUrl;
    #[wasm_bindgen(method, catch, getter)]
    fn href(this: &AnyUrl) -> Result<JsString, JsValue>;
}

thread_local! {
    /// The handlers by their objects.
    static HANDLERS: WeakMap = WeakMap::new();
}

#[wasm_bindgen]
impl WebSocket {
    /// Opens a connection to `url`, a string or `URL`: absolute, `ws:` or `wss:`, without a fragment.
    ///
    /// It returns at once; no callback comes before. `handler` is an object, null or undefined; all its members are
    /// optional: the callbacks `onOpen`, `onMessage`, `onError`, `onTerminate`, called as `handler.onX(ws, event)`;
    /// `dataType` (`"text"`, `"blob"`, `"object"`), `headers`, `protocols`, and `closeTimeout` in milliseconds.
    ///
    /// # Errors
    /// A `WebSocketError` that says which of them is wrong and what is allowed, or that the host has no `WebSocket`
    /// or cannot send headers. Nothing is opened then.
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
    /// Those of [`construct`](Self::construct).
    #[allow(
        clippy::new_ret_no_self,
        reason = "JavaScript has to be given the very object that the callbacks are given"
    )]
    pub fn new(url: &JsValue, handler: &JsValue) -> Result<JsValue, Error> {
        Self::construct(url, handler)
    }

    /// Opens a connection for an object of a class in JavaScript, and gives the shortcut by which that uses it.
    #[doc(hidden)]
    #[wasm_bindgen(js_name = openFor, skip_typescript)]
    pub fn open_for(object: &JsValue, url: &JsValue, handler: &JsValue) -> Result<JsValue, Error> {
        let (connection, shortcut) = open(url, handler)?;
        let rust = JsValue::from(Self { connection: Some(connection.clone()), handler: None });
        start(&shortcut, &connection, object, &rust);
        Ok(shortcut.into())
    }

    /// One that stands for all that have ended: it refuses what they do.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn ended() -> Self {
        Self { connection: None, handler: None }
    }

    /// Has events wait for a task: what waits for the connection to be open gets on before.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn hold(&self) {
        if let Some(session) = self.connection.as_ref().and_then(|connection| connection.session()) {
            session.hold();
        }
    }

    /// Ends the connection, for an iteration has more messages than it may hold.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn overrun(&self) {
        if let Some(session) = self.connection.as_ref().and_then(|connection| connection.session()) {
            session.handle(Input::Overrun, &JsValue::UNDEFINED);
        }
    }

    /// Why a connection ended, as an exception: of the entries of `onError`, if that came.
    #[doc(hidden)]
    #[wasm_bindgen(skip_typescript)]
    pub fn failure(entries: Option<Array>) -> JsValue {
        Error::of(&entries.unwrap_or_default()).into()
    }

    /// What is wrong with a number of messages or bytes.
    #[doc(hidden)]
    #[wasm_bindgen(js_name = wrongLimit, skip_typescript)]
    pub fn wrong_limit(got: &JsValue) -> JsValue {
        Error::about(ErrCode::Limit, got).into()
    }

    /// Sends a message: a string as a text frame; a `Blob`, `ArrayBuffer` or view as a binary frame; any other
    /// object or array as a text frame with its JSON.
    ///
    /// While the connection is being opened, the message waits as it is now. Frames leave in the order of the calls.
    ///
    /// # Errors
    /// A `WebSocketError` if the message is none of these, or the connection is closing or closed.
    pub fn send(&self, message: &JsValue) -> Result<(), Error> {
        self.connection()?.send(message)
    }

    /// Takes over a message that the shortcut could not send: as `data`, undefined if it is none, and with what was thrown.
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

    /// Ends the connection: the status is `"Closing"` at once, and `onTerminate` comes when the peer has answered or
    /// the `closeTimeout` is over. `code` is 1000 if undefined, else 1000 or 3000 to 4999; `reason` is a string of
    /// at most 123 bytes of UTF-8. Does nothing if the connection is closing or closed.
    ///
    /// # Errors
    /// A `WebSocketError` if the code or the reason may not be sent; nothing has changed then.
    pub fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), Error> {
        let allowed =
            if code.is_undefined() { Some(CloseCode::NORMAL) } else { code.as_f64().and_then(CloseCode::new) };
        let code = allowed.ok_or_else(|| Error::about(ErrCode::CloseCode, code))?;
        let reason = match reason.dyn_ref::<JsString>() {
            Some(text) => text.clone(),
            None if reason.is_undefined() => JsString::default(),
            None => return Err(Error::about(ErrCode::CloseReason, reason)),
        };
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

    /// The handler that was passed, null if none was.
    #[wasm_bindgen(getter)]
    pub fn handler(&self) -> JsValue {
        self.handler.as_ref().and_then(WeakRef::deref).map_or(JsValue::NULL, JsValue::from)
    }

    /// What messages received are handed over as.
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

    /// The subprotocol that the server chose; `""` if it chose none, or before the connection is open.
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> String {
        self.connection.as_ref().map(|connection| connection.protocol()).unwrap_or_default()
    }

    /// What waits to be sent, in bytes; 0 after the end.
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
    let abort = |connection: &Rc<Connection>| listen(&signal, connection, &shortcut);
    Ok((Connection::open(url, Box::new(handler), settings, Some(shortcut.clone()), abort)?, shortcut))
}

fn start(shortcut: &Shortcut, connection: &Connection, object: &JsValue, rust: &JsValue) {
    if let Some(session) = connection.session() {
        let host = session.socket().host();
        shortcut.start(object, connection.url(), connection.id(), host, rust);
    }
}

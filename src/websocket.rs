//! The plain class, which builds of this crate for JavaScript export. The npm package's own is in `pkg-template`.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::connection::Connection;
use crate::host::Property;

/// A WebSocket connection: 4D's [`4D.WebSocket`](https://developer.4d.com/docs/API/WebSocketClass).
///
/// Whatever the server, the network or the host does, the handler's callbacks come in this order: `onOpen` at most
/// once, `onMessage` any number of times, `onError` at most once, and `onTerminate` exactly once.
#[wasm_bindgen]
pub struct WebSocket {
    connection: Connection,
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
    pub fn construct(url: &JsValue, handler: &JsValue) -> Result<JsValue, JsValue> {
        let connection = Connection::open(url, handler)?;
        let object = JsValue::from(Self { connection: connection.clone() });
        connection.listen(&object);
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
    pub fn new(url: &JsValue, handler: &JsValue) -> Result<JsValue, JsValue> {
        Self::construct(url, handler)
    }

    /// Sends a message: a string as a text frame; a `Blob`, `ArrayBuffer` or view as a binary frame; any other
    /// object or array as a text frame with its JSON.
    ///
    /// While the connection is being opened, the message waits as it is now. Frames leave in the order of the calls.
    ///
    /// # Errors
    /// A `WebSocketError` if the message is none of these, or the connection is closing or closed.
    pub fn send(&self, message: JsValue) -> Result<(), JsValue> {
        self.connection.send(&message)
    }

    /// Ends the connection: the status is `"Closing"` at once, and `onTerminate` comes when the peer has answered or
    /// the `closeTimeout` is over. `code` is 1000 if undefined, else 1000 or 3000 to 4999; `reason` is a string of
    /// at most 123 bytes of UTF-8. Does nothing if the connection is closing or closed.
    ///
    /// # Errors
    /// A `WebSocketError` if the code or the reason may not be sent; nothing has changed then.
    pub fn terminate(&self, code: &JsValue, reason: &JsValue) -> Result<(), JsValue> {
        self.connection.terminate(code, reason)
    }

    /// The url as it was passed.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> JsValue {
        self.connection.property(Property::Url)
    }

    /// The handler that was passed, null if none was.
    #[wasm_bindgen(getter)]
    pub fn handler(&self) -> JsValue {
        self.connection.property(Property::Handler)
    }

    /// What messages received are handed over as.
    #[wasm_bindgen(getter, js_name = dataType)]
    pub fn data_type(&self) -> JsValue {
        self.connection.property(Property::DataType)
    }

    /// The state of the connection.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> JsValue {
        self.connection.status_name()
    }

    /// A positive integer, unique in the process or page.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> JsValue {
        self.connection.property(Property::Id)
    }

    /// The subprotocol that the server chose; `""` if it chose none, or before the connection is open.
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> JsValue {
        self.connection.property(Property::Protocol)
    }

    /// What waits to be sent, in bytes; 0 after the end.
    #[wasm_bindgen(getter, js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.connection.buffered_amount()
    }
}

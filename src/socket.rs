//! The host's connection: its `WebSocket`, or that of the package `ws`, and what hosts do differently about it.

use std::cell::Cell;

use js_sys::{Array, Function, JsString};
use wasm_bindgen::prelude::*;

use crate::close::CloseCode;
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::event::get;
use crate::handler::Settings;
use crate::message::Payload;

#[wasm_bindgen]
extern "C" {
    /// The host's `WebSocket`. Of what web-sys has of it, these take what would be copied into the module's memory, or tell
    /// what the host throws.
    #[wasm_bindgen(extends = web_sys::WebSocket, extends = web_sys::EventTarget)]
    #[derive(Clone)]
    pub(crate) type HostSocket;
    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_value(this: &HostSocket, data: &JsValue) -> Result<(), JsValue>;
    // It counts beyond 32 bits.
    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered(this: &HostSocket) -> f64;
    // Doubles may have none.
    #[wasm_bindgen(method, getter, js_name = protocol)]
    fn chosen_protocol(this: &HostSocket) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = close)]
    fn close_with(this: &HostSocket, code: u16, reason: &JsString) -> Result<(), JsValue>;
    /// Of `ws` and Bun: ends the connection without a closing handshake.
    #[wasm_bindgen(method, catch)]
    fn terminate(this: &HostSocket) -> Result<(), JsValue>;

    /// The URL of a text that may be long, or none at all.
    #[wasm_bindgen(extends = web_sys::Url, js_name = URL)]
    type HostUrl;
    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    fn parse(text: &JsString) -> Result<HostUrl, JsValue>;

    #[wasm_bindgen(js_name = globalThis)]
    type Global;
    #[wasm_bindgen(static_method_of = Global, js_class = "globalThis", getter, js_name = WebSocket)]
    fn web_socket() -> JsValue;

    /// The host's class, or that of `ws`, which is told by a member.
    #[wasm_bindgen(extends = Function)]
    type HostClass;
    #[wasm_bindgen(method, catch, getter, js_name = createWebSocketStream)]
    fn create_web_socket_stream(this: &HostClass) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/src/js/host.js")]
extern "C" {
    /// The class of the package `ws`, where a Node that has no `WebSocket` finds it; else undefined.
    #[wasm_bindgen(js_name = findWs)]
    fn find_ws() -> JsValue;
    /// Listens for an `error` event, to do nothing about it.
    fn quiet(socket: &HostSocket);
    /// A text that is to be a URL, without what may be a password in it; anything else as it is.
    #[wasm_bindgen(js_name = withoutPassword)]
    fn without_password(text: &JsValue) -> JsValue;
    /// Calls the constructor of a class. `text` is the URL as it was passed.
    #[wasm_bindgen(catch, js_name = open)]
    fn construct(
        class: &HostClass,
        is_ws: bool,
        url: &HostUrl,
        text: &JsString,
        protocols: &Array,
        headers: Option<&Array>,
        is_blob: bool,
    ) -> Result<HostSocket, JsValue>;
}

/// An absolute `ws:` or `wss:` URL without a fragment.
pub(crate) struct Url {
    /// As it was passed.
    pub(crate) text: JsString,
    parsed: HostUrl,
}

impl Url {
    /// `got` is what was passed for it, `text` the text of that, where it has any.
    pub(crate) fn parse(got: &JsValue, text: Option<JsString>) -> Result<Self, Error> {
        let parse = |text: JsString| {
            let parsed = HostUrl::parse(&text).ok()?;
            let hostname = parsed.hostname();
            // Chromium lets a space in a host pass, as "%20".
            let is_host = !hostname.is_empty() && !hostname.bytes().any(|byte| byte == b'%');
            let is_ours = matches!(parsed.protocol().as_str(), "ws:" | "wss:") && !text.includes("#", 0);
            (is_ours && is_host).then_some(Self { text, parsed })
        };
        text.and_then(parse).ok_or_else(|| Error::about(ErrCode::Url, &without_password(got)))
    }
}

thread_local! {
    /// The host's constructor is being called.
    static IS_OPENING: Cell<bool> = const { Cell::new(false) };
    /// It has come back here.
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// The connection on the host's side.
pub(crate) struct Socket {
    host: HostSocket,
    /// `ws` compresses in a turn of its own: what it is given has to stay as it is until then.
    reads_later: bool,
}

impl Socket {
    /// What opens a connection asks first whether it is not the host's constructor that does.
    pub(crate) fn check_host() -> Result<(), Error> {
        IS_OWN.replace(IS_OPENING.get());
        if IS_OPENING.get() { Err(Error::new(ErrCode::OwnClass)) } else { Ok(()) }
    }

    /// Opens a connection. Nothing is open if it fails.
    pub(crate) fn open(url: &Url, settings: &Settings) -> Result<Self, Error> {
        let class = host_class().ok_or_else(|| Error::new(ErrCode::NoHost))?;
        let is_ws = class.create_web_socket_stream().is_ok_and(|member| member.is_truthy());
        IS_OPENING.replace(true);
        let Settings { headers, protocols, .. } = settings;
        let is_blob = settings.data_type == DataType::Blob;
        let opened = construct(&class, is_ws, &url.parsed, &url.text, protocols, headers.as_ref(), is_blob);
        IS_OPENING.replace(false);
        let host = opened.map_err(|cause| {
            if IS_OWN.get() {
                return Error::new(ErrCode::OwnClass);
            }
            // A host that cannot send headers takes what stands there for a subprotocol, which it is not.
            let is_syntax = || get(&cause, "name").is_ok_and(|name| name == "SyntaxError");
            let cannot = headers.is_some() && !is_ws && is_syntax();
            let code = if cannot { ErrCode::HeadersUnsupported } else { ErrCode::HostRefused };
            Error::because(code, &without_password(&url.text), cause)
        })?;
        Ok(Self { host, reads_later: is_ws })
    }

    pub(crate) fn host(&self) -> &HostSocket {
        &self.host
    }

    /// Whether it can be given a message.
    pub(crate) fn is_open(&self) -> bool {
        self.host.ready_state() == web_sys::WebSocket::OPEN
    }

    /// Whether it is ending, or has ended: its `close` event may still be to come.
    pub(crate) fn is_ending(&self) -> bool {
        self.host.ready_state() > web_sys::WebSocket::OPEN
    }

    /// Whether what is sent has to be a copy.
    pub(crate) fn reads_later(&self) -> bool {
        self.reads_later
    }

    /// The subprotocol that the server chose, `""` if none.
    pub(crate) fn protocol(&self) -> JsString {
        self.host.chosen_protocol().dyn_into().unwrap_or_default()
    }

    /// What the host has still to write, in bytes.
    pub(crate) fn buffered_amount(&self) -> f64 {
        self.host.buffered()
    }

    /// Hands data to the host.
    pub(crate) fn send(&self, data: &Payload) -> Result<(), JsValue> {
        let refusal = |cause| self.send_refused(data, cause);
        self.host.send_value(data.as_js()).or_else(refusal)
    }

    /// Hands data to the host that refused it: of memory that is shared, or can be resized, it gets a copy.
    pub(crate) fn send_refused(&self, data: &Payload, cause: JsValue) -> Result<(), JsValue> {
        match data.copy_of_special_memory() {
            Some(copy) => self.host.send_value(&copy),
            None => Err(cause),
        }
    }

    /// Closes it. What a host may object to was checked before; the close timeout covers the rest.
    pub(crate) fn close(&self, code: CloseCode, reason: &JsString) {
        let _ = self.host.close_with(code.get(), reason);
    }

    /// Lets go of it, though it may not have ended on the host's side.
    pub(crate) fn release(&self) {
        if self.host.ready_state() == web_sys::WebSocket::CLOSED {
            return;
        }
        // An `error` event of `ws` that nobody listens to ends the process.
        quiet(&self.host);
        // The peer may wait for the answer to its close frame: workerd, as it was before 2026-04-07, leaves that to us.
        self.close(CloseCode::NORMAL, &JsString::default());
        // `ws` and Bun can end a connection whose peer is silent; elsewhere this throws, and the host's own limits do.
        let _ = self.host.terminate();
    }
}

/// The host's own class, looked up at each call so that test doubles are seen; on a Node that has none, `ws`.
fn host_class() -> Option<HostClass> {
    let class = Global::web_socket();
    let class = if class.is_null_or_undefined() { find_ws() } else { class };
    (!class.is_null_or_undefined()).then(|| class.unchecked_into())
}

//! The host's connection: its `WebSocket`, or that of the package `ws`, and what hosts do differently about it.

use js_sys::{Array, Function, JsString, Map, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::BinaryType;

use crate::close::CloseCode;
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
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
    #[wasm_bindgen(method, catch, setter, js_name = binaryType)]
    fn try_set_binary_type(this: &HostSocket, value: BinaryType) -> Result<(), JsValue>;
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

    #[wasm_bindgen(extends = Object)]
    type HostOptions;
    #[wasm_bindgen(method, setter)]
    fn set_headers(this: &HostOptions, headers: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_protocols(this: &HostOptions, protocols: &Array);
}

#[wasm_bindgen(module = "/src/js/ws.js")]
extern "C" {
    /// The class of the package `ws`, where a Node that has no `WebSocket` finds it; else undefined.
    #[wasm_bindgen(js_name = findWs)]
    fn find_ws() -> JsValue;
    /// Listens for an `error` event, to do nothing about it.
    fn quiet(socket: &HostSocket);
    /// The options for the class of `ws`, with headers or undefined.
    #[wasm_bindgen(js_name = optionsOf)]
    fn options_of(headers: &JsValue) -> JsValue;
}

/// An absolute `ws:` or `wss:` URL without a fragment.
pub(crate) struct Url {
    /// As it was passed.
    pub(crate) text: JsString,
    /// As it goes to the host: workerd sends letters beyond ASCII as they are, and refuses `ws:host`.
    href: JsValue,
}

impl Url {
    /// `got` is what was passed for it, `text` the text of that, where it has any.
    pub(crate) fn parse(got: &JsValue, text: Option<JsString>) -> Result<Self, Error> {
        let parse = |text: JsString| {
            let url = HostUrl::parse(&text).ok()?;
            let hostname = url.hostname();
            // Chromium lets a space in a host pass, as "%20".
            let is_host = !hostname.is_empty() && !hostname.bytes().any(|byte| byte == b'%');
            let is_ours = matches!(url.protocol().as_str(), "ws:" | "wss:") && !text.includes("#", 0);
            (is_ours && is_host).then(|| Self { text, href: url.href().into() })
        };
        text.and_then(parse).ok_or_else(|| Error::about(ErrCode::Url, got))
    }
}

/// The connection on the host's side.
pub(crate) struct Socket {
    host: HostSocket,
    /// `ws` compresses in a turn of its own: what it is given has to stay as it is until then.
    reads_later: bool,
}

impl Socket {
    /// Opens a connection. Nothing is open if it fails.
    pub(crate) fn open(url: &Url, settings: &Settings) -> Result<Self, Error> {
        let class = host_class().ok_or_else(|| Error::new(ErrCode::NoHost))?;
        let is_ws = class.create_web_socket_stream().is_ok_and(|member| member.is_truthy());
        let open = || -> Result<HostSocket, JsValue> {
            let host: HostSocket = Reflect::construct(&class, &arguments(url, settings, is_ws))?.unchecked_into();
            host.try_set_binary_type(match settings.data_type {
                DataType::Blob => BinaryType::Blob,
                DataType::Text | DataType::Object => BinaryType::Arraybuffer,
            })?;
            Ok(host)
        };
        // All is right: where there are headers, they are what a host that cannot send any objects to.
        let code = if settings.headers.is_none() || is_ws { ErrCode::HostRefused } else { ErrCode::HeadersUnsupported };
        let host = open().map_err(|cause| Error::because(code, &url.text, cause))?;
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
        let state = self.host.ready_state();
        if state == web_sys::WebSocket::CLOSED {
            return;
        }
        // An `error` event of `ws` that nobody listens to ends the process.
        quiet(&self.host);
        if state != web_sys::WebSocket::CONNECTING {
            // The peer may wait for the answer to its close frame: workerd, as it was before 2026-04-07, leaves that to us.
            self.close(CloseCode::NORMAL, &JsString::default());
        }
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

/// What the host's constructor is called with.
fn arguments(url: &Url, settings: &Settings, is_ws: bool) -> Array {
    let Settings { headers, protocols, .. } = settings;
    if is_ws {
        // `ws` takes its options third, and a list of values for a name that is repeated.
        let headers = headers.as_ref().map(grouped).unwrap_or_default();
        return Array::of3(&url.href, protocols, &options_of(&headers));
    }
    let Some(headers) = headers else {
        return Array::of2(&url.href, protocols);
    };
    let options = Object::new().unchecked_into::<HostOptions>();
    options.set_headers(headers);
    options.set_protocols(protocols);
    Array::of2(&url.href, &options)
}

/// The headers as an object of lists, of which names that differ in case have one.
fn grouped(headers: &Array) -> JsValue {
    let lists = Map::new();
    let entries = Array::new();
    for header in headers.iter() {
        let header = header.unchecked_into::<Array>();
        let key = header.get(0).unchecked_ref::<JsString>().to_lower_case();
        if !lists.has(&key) {
            let list = Array::new();
            lists.set(&key, &list);
            entries.push(&Array::of2(&header.get(0), &list));
        }
        lists.get(&key).unchecked_into::<Array>().push(&header.get(1));
    }
    Object::from_entries(&entries).map(JsValue::from).unwrap_or_default()
}

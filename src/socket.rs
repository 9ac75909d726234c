//! The host's connection: its `WebSocket`, or that of the package `ws`, and what hosts do differently about it.

use std::cell::Cell;

use js_sys::{Array, Function, JsString, Map, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::BinaryType;

use crate::close::CloseCode;
use crate::data_type::DataType;
use crate::error::{ErrCode, Error};
use crate::event::get;
use crate::handler::Settings;
use crate::handshake::{percent_decoded, without_credentials};
use crate::message::Payload;

#[wasm_bindgen]
extern "C" {
    /// The host's `WebSocket`. Of what web-sys has of it, these take what would be copied into the module's memory, or tell
    /// what the host throws.
    #[wasm_bindgen(extends = web_sys::WebSocket, extends = web_sys::EventTarget)]
    #[derive(Clone)]
    pub(crate) type HostSocket;
    #[wasm_bindgen(method, catch, setter, js_name = binaryType)]
    fn try_set_binary_type(this: &HostSocket, value: BinaryType) -> Result<(), JsValue>;
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

    #[wasm_bindgen(extends = Object)]
    type HostOptions;
    #[wasm_bindgen(method, setter)]
    fn set_headers(this: &HostOptions, headers: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_protocols(this: &HostOptions, protocols: &Array);
    #[wasm_bindgen(method, setter, js_name = finishRequest)]
    fn set_finish_request(this: &HostOptions, finish: &JsValue);

    /// The base64 of bytes that are the units of a text.
    fn btoa(bytes: &str) -> String;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// The class of the package `ws`, where a Node that has no `WebSocket` finds it; else undefined.
    #[wasm_bindgen(js_name = findWs)]
    fn find_ws() -> JsValue;
    /// Listens for an `error` event, to do nothing about it.
    fn quiet(socket: &HostSocket);
    /// An option of `ws`: sends the request of a handshake.
    #[wasm_bindgen(thread_local_v2, js_name = finishRequest)]
    static FINISH_REQUEST: JsValue;
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
        text.and_then(parse).ok_or_else(|| Error::about(ErrCode::Url, &shown(got)))
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
        let opened = construct(&class, is_ws, url, settings);
        IS_OPENING.replace(false);
        let host = opened.map_err(|cause| {
            if IS_OWN.get() {
                return Error::new(ErrCode::OwnClass);
            }
            // A host that cannot send headers takes what stands there for a subprotocol, which it is not.
            let is_syntax = || get(&cause, "name").is_ok_and(|name| name == "SyntaxError");
            let cannot = settings.headers.is_some() && !is_ws && is_syntax();
            let code = if cannot { ErrCode::HeadersUnsupported } else { ErrCode::HostRefused };
            Error::because(code, &shown(&url.text), cause)
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

/// Calls the constructor of a class.
fn construct(class: &HostClass, is_ws: bool, url: &Url, settings: &Settings) -> Result<HostSocket, JsValue> {
    let Settings { protocols, headers: own, .. } = settings;
    let headers = authorize(&url.parsed, own.as_ref());
    // Parsed, since workerd sends letters beyond ASCII as they are, and refuses `ws:host`.
    let href = JsValue::from(url.parsed.href());
    let options = Object::new().unchecked_into::<HostOptions>();
    let plain = |url: &JsValue| Reflect::construct(class, &Array::of2(url, protocols));
    let opened = if is_ws {
        // It takes its options third, and a list of values for a name that is repeated. The sending of its request may throw,
        // and leave a connection behind that nobody has.
        FINISH_REQUEST.with(|finish| options.set_finish_request(finish));
        options.set_headers(&grouped(headers.as_ref()));
        Reflect::construct(class, &Array::of3(&href, protocols, &options))
    } else if let Some(headers) = &headers {
        options.set_headers(headers);
        options.set_protocols(protocols);
        let opened = Reflect::construct(class, &Array::of2(&href, &options));
        // A host that sends no headers takes a user and a password from the URL.
        if own.is_none() { opened.or_else(|_| plain(&url.text)) } else { opened }
    } else {
        plain(&href)
    };
    let host = opened?.unchecked_into::<HostSocket>();
    host.try_set_binary_type(match settings.data_type {
        DataType::Blob => BinaryType::Blob,
        DataType::Text | DataType::Object => BinaryType::Arraybuffer,
    })?;
    Ok(host)
}

/// The headers with the user and the password of a URL ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)), which has none
/// then.
fn authorize(url: &HostUrl, headers: Option<&Array>) -> Option<Array> {
    let credentials = [url.username(), url.password()].join(":");
    if credentials == ":" {
        return headers.cloned();
    }
    url.set_username("");
    url.set_password("");
    let is_authorization = |header: JsValue| {
        let name = header.unchecked_into::<Array>().get(0).as_string();
        name.is_some_and(|name| name.eq_ignore_ascii_case("authorization"))
    };
    let all = headers.map_or_else(Array::new, |headers| headers.slice(0, headers.length()));
    if !all.iter().any(is_authorization) {
        let bytes: String = percent_decoded(&credentials).into_iter().map(char::from).collect();
        let value = String::from("Basic ") + &btoa(&bytes);
        all.push(&Array::of2(&"Authorization".into(), &value.into()));
    }
    Some(all)
}

/// The headers as an object of lists, of which names that differ in case have one.
fn grouped(headers: Option<&Array>) -> JsValue {
    let lists = Map::new();
    let entries = Array::new();
    for header in headers.into_iter().flat_map(Array::iter) {
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

/// What was passed for a URL, as messages show it.
fn shown(got: &JsValue) -> JsValue {
    got.as_string().map_or_else(|| got.clone(), |text| without_credentials(&text).into())
}

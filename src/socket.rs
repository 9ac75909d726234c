//! The host's connection: its `WebSocket` or that of the package `ws`, with workarounds for differences between hosts.

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
    /// The host's `WebSocket`. These bindings replace those of web-sys that copy data into the module's memory or do
    /// not catch the host's exceptions.
    #[wasm_bindgen(extends = web_sys::WebSocket, extends = web_sys::EventTarget)]
    #[derive(Clone)]
    pub(crate) type HostSocket;
    #[wasm_bindgen(method, catch, setter, js_name = binaryType)]
    fn try_set_binary_type(this: &HostSocket, value: BinaryType) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = send)]
    fn send_value(this: &HostSocket, data: &JsValue) -> Result<(), JsValue>;
    // The amount may exceed 32 bits.
    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered(this: &HostSocket) -> f64;
    // Test doubles may have no protocol.
    #[wasm_bindgen(method, getter, js_name = protocol)]
    fn chosen_protocol(this: &HostSocket) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = close)]
    fn close_with(this: &HostSocket, code: u16, reason: &JsString) -> Result<(), JsValue>;
    /// A method of `ws` and Bun that ends the connection without a closing handshake.
    #[wasm_bindgen(method, catch)]
    fn terminate(this: &HostSocket) -> Result<(), JsValue>;

    /// A `URL`, parsed from a JavaScript string without copying it.
    #[wasm_bindgen(extends = web_sys::Url, js_name = URL)]
    type HostUrl;
    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    fn parse(text: &JsString) -> Result<HostUrl, JsValue>;
    #[wasm_bindgen(method, getter, js_name = href)]
    fn text(this: &HostUrl) -> JsString;

    #[wasm_bindgen(js_name = globalThis)]
    type Global;
    #[wasm_bindgen(static_method_of = Global, js_class = "globalThis", getter, js_name = WebSocket)]
    fn web_socket() -> JsValue;

    /// The host's class, or that of `ws`, which is recognised by a member.
    #[wasm_bindgen(extends = Function)]
    pub(crate) type HostClass;
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

    /// Base64 of a text whose characters are bytes.
    fn btoa(bytes: &str) -> String;
}

#[wasm_bindgen(module = "/src/js/shim.js")]
extern "C" {
    /// The class of the package `ws`, for a Node without `WebSocket`. `undefined` if `ws` is not installed.
    #[wasm_bindgen(js_name = findWs)]
    fn find_ws() -> JsValue;
    /// Attaches an empty listener for `error` events.
    fn quiet(socket: &HostSocket);
    /// An option of `ws`: the function that sends the request of a handshake.
    #[wasm_bindgen(thread_local_v2, js_name = finishRequest)]
    static FINISH_REQUEST: JsValue;
}

/// An absolute `ws:` or `wss:` URL without a fragment.
pub(crate) struct Url {
    /// The text as it was passed.
    pub(crate) text: JsString,
    parsed: HostUrl,
}

impl Url {
    /// Parses `text`. `got` is the argument that was passed, for the error message.
    pub(crate) fn parse(got: &JsValue, text: Option<JsString>) -> Result<Self, Error> {
        let parse = |text: JsString| {
            let parsed = HostUrl::parse(&text).ok()?;
            let hostname = parsed.hostname();
            // Chromium accepts a space in a host and encodes it as "%20".
            let is_host = !hostname.is_empty() && !hostname.bytes().any(|byte| byte == b'%');
            let is_ours = matches!(parsed.protocol().as_str(), "ws:" | "wss:") && !text.includes("#", 0);
            (is_ours && is_host).then_some(Self { text, parsed })
        };
        text.and_then(parse).ok_or_else(|| Error::about(ErrCode::Url, &shown(got)))
    }
}

thread_local! {
    /// `true` while the host's constructor is called.
    static IS_OPENING: Cell<bool> = const { Cell::new(false) };
    /// `true` if that call opened a connection of this package again.
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// The connection on the host's side.
pub(crate) struct Socket {
    host: HostSocket,
    /// `ws` compresses asynchronously. The data must not change until then.
    reads_later: bool,
}

impl Socket {
    /// Fails if the host's constructor is this package's own class. Called before each connection is opened.
    pub(crate) fn check_host() -> Result<(), Error> {
        IS_OWN.replace(IS_OPENING.get());
        if IS_OPENING.get() { Err(Error::new(ErrCode::OwnClass)) } else { Ok(()) }
    }

    /// Opens a connection. If this fails, nothing was opened.
    pub(crate) fn open(class: HostClass, url: &Url, settings: &Settings) -> Result<Self, Error> {
        let is_ws = class.create_web_socket_stream().is_ok_and(|member| member.is_truthy());
        IS_OPENING.replace(true);
        let opened = construct(&class, is_ws, url, settings);
        IS_OPENING.replace(false);
        let host = opened.map_err(|cause| {
            if IS_OWN.get() {
                return Error::new(ErrCode::OwnClass);
            }
            // A host without support for headers parses the options as a subprotocol, which is a syntax error.
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

    /// Returns whether the host accepts messages.
    pub(crate) fn is_open(&self) -> bool {
        self.host.ready_state() == web_sys::WebSocket::OPEN
    }

    /// Returns whether the host's connection is closing or closed. Its `close` event may be pending.
    pub(crate) fn is_ending(&self) -> bool {
        self.host.ready_state() > web_sys::WebSocket::OPEN
    }

    /// Returns whether sent data has to be a copy.
    pub(crate) fn reads_later(&self) -> bool {
        self.reads_later
    }

    /// The subprotocol that the server chose, `""` if none.
    pub(crate) fn protocol(&self) -> JsString {
        self.host.chosen_protocol().dyn_into().unwrap_or_default()
    }

    /// The bytes that the host has still to write.
    pub(crate) fn buffered_amount(&self) -> f64 {
        // Not a number for a test double that does not count them.
        self.host.buffered().max(0.0)
    }

    /// Sends data with the host's connection.
    pub(crate) fn send(&self, data: &Payload) -> Result<(), JsValue> {
        let refusal = |cause| self.send_refused(data, cause);
        self.host.send_value(data.as_js()).or_else(refusal)
    }

    /// Sends data that the host refused once more as a copy, if its memory is shared or resizable.
    pub(crate) fn send_refused(&self, data: &Payload, cause: JsValue) -> Result<(), JsValue> {
        match data.copy_of_special_memory() {
            Some(copy) => self.host.send_value(&copy),
            None => Err(cause),
        }
    }

    /// Closes the host's connection. The arguments were checked before. If the host still throws, the close timeout
    /// applies.
    pub(crate) fn close(&self, code: CloseCode, reason: &JsString) {
        let _ = self.host.close_with(code.get(), reason);
    }

    /// Releases the host's connection, which may not have ended yet.
    pub(crate) fn release(&self) {
        if self.host.ready_state() == web_sys::WebSocket::CLOSED {
            return;
        }
        // An `error` event of `ws` without a listener ends the process.
        quiet(&self.host);
        // The peer may wait for the answer to its close frame. workerd did not send it before 2026-04-07.
        self.close(CloseCode::NORMAL, &JsString::default());
        // Ends a connection with a silent peer on `ws` and Bun. Other hosts throw here and end it after their own time
        // limit.
        let _ = self.host.terminate();
    }
}

/// The host's own class, or that of `ws` on a Node without one. It is looked up at each call, so that test doubles
/// work.
pub(crate) fn host_class() -> Result<HostClass, Error> {
    let class = Global::web_socket();
    let class = if class.is_null_or_undefined() { find_ws() } else { class };
    if class.is_null_or_undefined() { Err(Error::new(ErrCode::NoHost)) } else { Ok(class.unchecked_into()) }
}

/// Calls the constructor of a class.
fn construct(class: &HostClass, is_ws: bool, url: &Url, settings: &Settings) -> Result<HostSocket, JsValue> {
    let Settings { protocols, headers: own, .. } = settings;
    let headers = authorize(url, own.as_ref());
    // The parsed URL, because workerd sends non-ASCII characters unencoded and refuses `ws:host`.
    let href = JsValue::from(url.parsed.text());
    let options = Object::new().unchecked_into::<HostOptions>();
    let plain = |url: &JsValue| Reflect::construct(class, &Array::of2(url, protocols));
    let opened = if is_ws {
        // `ws` takes options as its third argument, and an array of values for a repeated name. Sending its request may
        // throw and leave a connection without an owner.
        FINISH_REQUEST.with(|finish| options.set_finish_request(finish));
        options.set_headers(&grouped(headers.as_ref()));
        Reflect::construct(class, &Array::of3(&href, protocols, &options))
    } else if let Some(headers) = &headers {
        options.set_headers(headers);
        options.set_protocols(protocols);
        let opened = Reflect::construct(class, &Array::of2(&href, &options));
        // A host that sends no headers accepts a user and a password in the URL.
        if own.is_none() { opened.or_else(|_| plain(&url.text)) } else { opened }
    } else {
        plain(&href)
    };
    let host = opened?.unchecked_into::<HostSocket>();
    prepare(&host, settings.data_type).inspect_err(|_| drop(host.close_with(CloseCode::NORMAL.get(), &"".into())))?;
    Ok(host)
}

/// Sets the type of received data.
fn prepare(host: &HostSocket, data_type: DataType) -> Result<(), JsValue> {
    host.try_set_binary_type(match data_type {
        DataType::Blob => BinaryType::Blob,
        DataType::Text | DataType::Object => BinaryType::Arraybuffer,
    })
}

/// Moves the user and the password of a URL into the headers ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
fn authorize(url: &Url, headers: Option<&Array>) -> Option<Array> {
    if !url.text.includes("@", 0) {
        return headers.cloned();
    }
    let url = &url.parsed;
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

/// The headers as an object of arrays. Names that differ only in case share an array.
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

/// The argument that was passed as a URL, without credentials, for error messages.
pub(crate) fn shown(got: &JsValue) -> JsValue {
    got.as_string().map_or_else(|| got.clone(), |text| without_credentials(&text).into())
}

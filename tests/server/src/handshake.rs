//! The opening handshake of RFC 6455, section 4.2, valid or flawed.

use std::borrow::Cow;

use tungstenite::handshake::derive_accept_key;

use crate::{request::Request, response::Response};

/// The flaw of the 101 response.
#[derive(Clone, Copy, PartialEq)]
pub enum Flaw {
    None,
    WrongAccept,
    NoUpgrade,
}

/// The 101 for a request, or an error response if the request is not a WebSocket handshake.
pub fn answer(request: &Request, flaw: Flaw) -> Result<String, Response> {
    let has = |header, token: &str| request.list(header).any(|item| item.eq_ignore_ascii_case(token));
    if request.method != "GET" || !has("upgrade", "websocket") || !has("connection", "upgrade") {
        return Err(Response::text(426, "this is a WebSocket path").header("Upgrade", "websocket"));
    }
    if request.header("sec-websocket-version") != Some("13") {
        return Err(Response::text(426, "only version 13").header("Sec-WebSocket-Version", "13"));
    }
    let Some(key) = request.header("sec-websocket-key") else {
        return Err(Response::text(400, "no Sec-WebSocket-Key"));
    };

    let mut lines = vec![Cow::from("HTTP/1.1 101 Switching Protocols"), "Connection: Upgrade".into()];
    if flaw != Flaw::NoUpgrade {
        lines.push("Upgrade: websocket".into());
    }
    let accept = match flaw {
        Flaw::WrongAccept => derive_accept_key(b"another key"),
        _ => derive_accept_key(key.as_bytes()),
    };
    lines.push(format!("Sec-WebSocket-Accept: {accept}").into());
    let protocol = match request.value("protocol") {
        None => request.list("sec-websocket-protocol").next(),
        Some("") => None,
        // With a line break, a URL could add headers.
        Some(name) if name.contains(['\r', '\n']) => {
            return Err(Response::text(400, "a line break in ?protocol="));
        }
        Some(name) => Some(name),
    };
    if let Some(protocol) = protocol {
        lines.push(format!("Sec-WebSocket-Protocol: {protocol}").into());
    }
    Ok(lines.join("\r\n") + "\r\n\r\n")
}

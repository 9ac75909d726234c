//! Responses to plain HTTP requests.

use std::{fmt::Write, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tungstenite::http::StatusCode;

const DRAIN_TIME: Duration = Duration::from_secs(2);

/// An HTTP response, after which the connection closes.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::empty(status).body("text/plain; charset=utf-8", text.into().into_bytes())
    }

    pub fn json(value: &Value) -> Self {
        Self::empty(200).body("application/json; charset=utf-8", value.to_string().into())
    }

    pub fn body(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("Content-Type", kind)
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Writes the response and closes. The client may have gone.
    pub async fn send(self, stream: &mut TcpStream) {
        let reason =
            StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            // Writing to a String cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !matches!(self.status, 204 | 304) {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        head.push_str("Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        if stream.write_all(&bytes).await.is_ok() && stream.shutdown().await.is_ok() {
            let _ = drain(stream).await;
        }
    }
}

/// Reads after the server's FIN until the client has closed its side, for at most 2 s. Closing a socket with unread
/// bytes sends a RST, which can overtake the response.
pub async fn drain(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut bytes = [0; 4096];
    let read = async {
        while stream.read(&mut bytes).await? > 0 {}
        Ok(())
    };
    timeout(DRAIN_TIME, read).await.unwrap_or(Ok(()))
}

//! The clients: tungstenite's, one for bytes, and one for HTTP.

use std::{net::SocketAddr, path::Path};

use serde_json::Value;
use test_server::{Root, Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tungstenite::{client::IntoClientRequest, handshake::client::Response, protocol::WebSocketConfig};

pub type WebSocket = WebSocketStream<TcpStream>;

/// A server for each test. It ends with the runtime.
pub struct Host {
    pub address: SocketAddr,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Host {
    pub fn start() -> Self {
        Self::serving("src")
    }

    /// A server with its own sources as a root of this name.
    pub fn serving(name: &str) -> Self {
        Self::serving_from(name, &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
    }

    pub fn serving_from(name: &str, directory: &Path) -> Self {
        let root = Root { name: name.to_owned(), directory: directory.to_owned() };
        let server = Server::bind(0, vec![root]).expect("a free port");
        let address = server.address().expect("an address");
        tokio::spawn(server.run());
        Self { address }
    }

    pub async fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.expect("a server");
        stream.set_nodelay(true).expect("an open socket");
        stream
    }

    pub async fn handshake(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> tungstenite::Result<(WebSocket, Response)> {
        let url = format!("ws://{}{path}", self.address);
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let value = value.parse().expect("a header's value");
            request.headers_mut().append(*name, value);
        }
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        client_async_with_config(request, self.tcp().await, Some(config)).await
    }

    pub async fn connect(&self, path: &str) -> WebSocket {
        self.handshake(path, &[]).await.expect("a handshake").0
    }

    /// A connection after its handshake, for bytes.
    pub async fn raw(&self, path: &str) -> Raw {
        let mut stream = self.tcp().await;
        stream.write_all(&upgrade(path)).await.expect("an open socket");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a head"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "));
        Raw(stream)
    }

    pub async fn http(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.tcp().await;
        stream.write_all(request.as_ref()).await.expect("an open socket");
        read_answer(&mut stream).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.http(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let length = body.len();
        self.http(format!("POST {path} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}")).await
    }

    /// The record of the connection with the key "k".
    pub async fn seen(&self) -> Value {
        self.seen_as("/seen?key=k").await
    }

    pub async fn seen_as(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200);
        serde_json::from_str(&answer.body).expect("JSON")
    }
}

pub async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer");
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    Answer { status: status.parse().expect("a status"), head: head.to_owned(), body: body.to_owned() }
}

pub fn upgrade(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

pub struct Raw(pub TcpStream);

impl Raw {
    /// Sends a frame of at most 125 bytes, whose first byte is `first`. The mask is zero.
    pub async fn send(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = vec![first, 128 | payload.len() as u8, 0, 0, 0, 0];
        bytes.extend_from_slice(payload);
        self.0.write_all(&bytes).await.expect("an open socket");
    }

    pub async fn expect(&mut self, bytes: &[u8]) {
        let mut read = vec![0; bytes.len()];
        self.0.read_exact(&mut read).await.expect("more bytes");
        assert_eq!(read, bytes);
    }

    pub async fn expect_fin(&mut self) {
        assert_eq!(self.0.read(&mut [0]).await.expect("a FIN"), 0);
    }

    pub async fn expect_reset(&mut self) {
        let error = self.0.read(&mut [0]).await.expect_err("no RST");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }

    /// Starts and completes the closing handshake.
    pub async fn close(&mut self) {
        self.send(0x88, &[3, 232]).await;
        self.expect(&[0x88, 2, 3, 232]).await;
        self.expect_fin().await;
    }
}

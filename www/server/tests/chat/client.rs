//! The client of a test.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::server::{PATIENCE, Running};

pub struct Client(pub WebSocketStream<TcpStream>);

/// An event that a client receives.
#[derive(Debug, PartialEq)]
pub enum Received {
    Message(Value),
    /// A close frame.
    Close(u16, String),
    /// The end of the connection, without a close frame.
    Lost,
}

impl Client {
    /// Connects a client that has not joined.
    pub async fn connect(server: &Running) -> Self {
        Self::over(TcpStream::connect(server.address).await.expect("the server listens"), server.address).await
    }

    /// Connects a client with a small receive buffer.
    pub async fn narrow(server: &Running) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a size");
        Self::over(socket.connect(server.address).await.expect("the server listens"), server.address).await
    }

    pub async fn over(stream: TcpStream, address: SocketAddr) -> Self {
        let handshake = tokio_tungstenite::client_async(format!("ws://{address}/chat"), stream);
        Self(timeout(PATIENCE, handshake).await.expect("an answer").expect("a handshake").0)
    }

    /// Connects a client that has joined and read the answer.
    pub async fn join(server: &Running, name: &str, room: &str) -> Self {
        let mut client = Self::connect(server).await;
        client.ask(name, room).await;
        assert_eq!(client.next().await["kind"], "joined");
        client
    }

    /// Sends a join.
    pub async fn ask(&mut self, name: &str, room: &str) {
        self.send(json!({ "kind": "join", "name": name, "room": room })).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.send(json!({ "kind": "say", "text": text })).await;
    }

    pub async fn send(&mut self, message: Value) {
        self.send_raw(Message::Text(message.to_string().into())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        timeout(PATIENCE, self.0.send(message)).await.expect("the server reads").expect("a connection");
    }

    /// Sends bytes past the library, which would refuse to send them.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.0.get_mut().write_all(bytes)).await.expect("the server reads").expect("a connection");
    }

    /// Waits for the next event. Pings are answered meanwhile.
    pub async fn receive(&mut self) -> Received {
        let received = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => {
                        return Received::Message(serde_json::from_str(&text).expect("JSON"));
                    }
                    Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                        return Received::Close(code.into(), reason.to_string());
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(other)) => panic!("the server sends no {other:?}"),
                    Some(Err(_)) | None => return Received::Lost,
                }
            }
        };
        timeout(PATIENCE, received).await.expect("something comes")
    }

    /// The next message.
    pub async fn next(&mut self) -> Value {
        match self.receive().await {
            Received::Message(message) => message,
            end => panic!("{end:?} in place of a message"),
        }
    }

    /// The next message, without the members that differ in each run.
    pub async fn message(&mut self) -> Value {
        let mut message = self.next().await;
        for member in ["id", "time"] {
            message.as_object_mut().expect("an object").remove(member);
        }
        message
    }

    /// Waits for the close frame and the orderly end of the connection. Returns the code and reason of the frame.
    pub async fn end(&mut self) -> (u16, String) {
        let Received::Close(code, reason) = self.receive().await else { panic!("no close frame") };
        let end = timeout(PATIENCE, self.0.next()).await.expect("an end");
        assert!(end.is_none(), "after the close frame came {end:?}");
        (code, reason)
    }

    /// Closes the connection in order, with a code and a reason.
    pub async fn leave(mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from(reason) };
        self.send_raw(Message::Close(Some(frame))).await;
        while let Some(Ok(_)) = timeout(PATIENCE, self.0.next()).await.expect("an end") {}
    }
}

pub fn came(name: &str) -> Value {
    json!({ "kind": "came", "name": name })
}

pub fn went(name: &str, code: u16, reason: &str) -> Value {
    json!({ "kind": "went", "name": name, "code": code, "reason": reason })
}

pub fn said(name: &str, text: &str) -> Value {
    json!({ "kind": "said", "name": name, "text": text })
}

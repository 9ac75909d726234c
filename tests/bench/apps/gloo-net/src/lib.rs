//! A minimal app with gloo-net. It opens a connection, sends, receives, and closes.

use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::Message;
use gloo_net::websocket::futures::WebSocket;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Connection {
    socket: WebSocket,
}

#[wasm_bindgen]
impl Connection {
    /// Opens a connection. Messages are queued until it is open.
    pub fn open(url: &str) -> Result<Connection, JsError> {
        Ok(Self { socket: WebSocket::open(url)? })
    }

    /// Sends a text `count` times.
    #[wasm_bindgen(js_name = sendText)]
    pub async fn send_text(&mut self, text: String, count: u32) -> Result<(), JsError> {
        self.send(Message::Text(text), count).await
    }

    /// Sends bytes `count` times.
    #[wasm_bindgen(js_name = sendBytes)]
    pub async fn send_bytes(&mut self, bytes: Vec<u8>, count: u32) -> Result<(), JsError> {
        self.send(Message::Bytes(bytes), count).await
    }

    /// Receives `count` messages. Returns their number of bytes.
    pub async fn receive(&mut self, count: u32) -> Result<f64, JsError> {
        let mut bytes = 0;
        for _ in 0..count {
            bytes += match self.next().await? {
                Message::Text(text) => text.len(),
                Message::Bytes(bytes) => bytes.len(),
            };
        }
        Ok(bytes as f64)
    }

    /// Receives a text.
    #[wasm_bindgen(js_name = receiveText)]
    pub async fn receive_text(&mut self) -> Result<String, JsError> {
        match self.next().await? {
            Message::Text(text) => Ok(text),
            Message::Bytes(_) => Err(JsError::new("bytes came, not a text")),
        }
    }

    pub fn close(self) -> Result<(), JsError> {
        Ok(self.socket.close(Some(1000), None)?)
    }
}

impl Connection {
    async fn send(&mut self, message: Message, count: u32) -> Result<(), JsError> {
        for _ in 1..count {
            self.socket.send(message.clone()).await?;
        }
        Ok(self.socket.send(message).await?)
    }

    async fn next(&mut self) -> Result<Message, JsError> {
        Ok(self.socket.next().await.ok_or_else(|| JsError::new("the connection has ended"))??)
    }
}

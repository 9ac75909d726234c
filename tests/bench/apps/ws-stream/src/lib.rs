//! A minimal app with ws_stream_wasm. It opens a connection, sends, receives, and closes.

use futures_util::{SinkExt, StreamExt};
use wasm_bindgen::prelude::*;
use ws_stream_wasm::{WsMessage, WsMeta, WsStream};

#[wasm_bindgen]
pub struct Connection {
    meta: WsMeta,
    stream: WsStream,
}

#[wasm_bindgen]
impl Connection {
    /// Resolves when the connection is open.
    pub async fn open(url: String) -> Result<Connection, JsError> {
        let (meta, stream) = WsMeta::connect(url, None).await?;
        Ok(Self { meta, stream })
    }

    /// Sends a text `count` times.
    #[wasm_bindgen(js_name = sendText)]
    pub async fn send_text(&mut self, text: String, count: u32) -> Result<(), JsError> {
        for _ in 1..count {
            self.stream.send(WsMessage::Text(text.clone())).await?;
        }
        Ok(self.stream.send(WsMessage::Text(text)).await?)
    }

    /// Receives `count` messages. Returns their number of bytes.
    pub async fn receive(&mut self, count: u32) -> Result<f64, JsError> {
        let mut bytes = 0;
        for _ in 0..count {
            bytes += match self.next().await? {
                WsMessage::Text(text) => text.len(),
                WsMessage::Binary(bytes) => bytes.len(),
            };
        }
        Ok(bytes as f64)
    }

    /// Receives a text.
    #[wasm_bindgen(js_name = receiveText)]
    pub async fn receive_text(&mut self) -> Result<String, JsError> {
        match self.next().await? {
            WsMessage::Text(text) => Ok(text),
            WsMessage::Binary(_) => Err(JsError::new("bytes came, not a text")),
        }
    }

    pub async fn close(self) -> Result<(), JsError> {
        self.meta.close_code(1000).await?;
        Ok(())
    }
}

impl Connection {
    async fn next(&mut self) -> Result<WsMessage, JsError> {
        self.stream.next().await.ok_or_else(|| JsError::new("the connection has ended"))
    }
}

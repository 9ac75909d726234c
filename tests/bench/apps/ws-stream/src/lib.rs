//! A connection of ws_stream_wasm's: it is opened, sends, receives, and is closed.

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

    pub async fn send(&mut self, text: String) -> Result<(), JsError> {
        Ok(self.stream.send(WsMessage::Text(text)).await?)
    }

    pub async fn receive(&mut self) -> Option<String> {
        match self.stream.next().await? {
            WsMessage::Text(text) => Some(text),
            WsMessage::Binary(bytes) => String::from_utf8(bytes).ok(),
        }
    }

    pub async fn close(self) -> Result<(), JsError> {
        self.meta.close_code(1000).await?;
        Ok(())
    }
}

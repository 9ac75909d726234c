//! A conversation with a WebSocket server, for a page or a program in JavaScript that shows it.

#![forbid(unsafe_code)]

use fourd_websocket::{CloseCode, ConnectionHandler, Error, ErrorEvent, MessageEvent, TerminateEvent, WebSocket};
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// A connection. It ends when this is freed.
#[wasm_bindgen]
pub struct Conversation {
    ws: WebSocket,
}

#[wasm_bindgen]
impl Conversation {
    /// Connects to the server at `url`. `print` is called with a line for each event.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str, print: Function) -> Result<Self, Error> {
        Ok(Self { ws: WebSocket::new(url, Printer { print })? })
    }

    /// Sends a message. Before the connection is open, it is queued.
    pub fn say(&self, text: &str) -> Result<(), Error> {
        self.ws.send(text)
    }

    /// Ends the connection with a close code and a reason.
    pub fn leave(&self) -> Result<(), Error> {
        self.ws.terminate(CloseCode::NORMAL, "goodbye")
    }
}

/// The handler of the connection.
struct Printer {
    print: Function,
}

impl Printer {
    fn line(&self, line: &str) {
        // An exception of `print` is ignored.
        let _ = self.print.call1(&JsValue::UNDEFINED, &line.into());
    }
}

impl ConnectionHandler for Printer {
    fn on_open(&self, ws: &WebSocket) {
        self.line(&format!("connected to {}", ws.url()));
    }

    fn on_message(&self, _ws: &WebSocket, event: MessageEvent) {
        self.line(&format!("received: {}", event.text().unwrap_or_default()));
    }

    fn on_error(&self, _ws: &WebSocket, event: ErrorEvent) {
        for error in event.errors {
            self.line(&format!("error: {}", error.message));
        }
    }

    fn on_terminate(&self, _ws: &WebSocket, event: TerminateEvent) {
        self.line(&format!("closed with code {}", event.code));
    }
}

//! A minimal app with the crate. It opens a connection, sends, receives, and closes.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use fourd_websocket::{CloseCode, ConnectionHandler, MessageEvent, WebSocket};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Connection {
    socket: WebSocket,
    inbox: Rc<Inbox>,
}

/// The received messages.
#[derive(Default)]
struct Inbox {
    /// Messages are only counted, and not read.
    leaves_texts: bool,
    messages: Cell<u32>,
    bytes: Cell<usize>,
    last: RefCell<String>,
    /// `receiver` waits for this number of messages.
    wanted: Cell<u32>,
    receiver: Cell<Option<Waker>>,
}

impl ConnectionHandler for Inbox {
    fn on_message(&self, _: &WebSocket, event: MessageEvent) {
        if !self.leaves_texts {
            let text = event.text().unwrap_or_default();
            self.bytes.set(self.bytes.get() + text.len());
            self.last.replace(text);
        }
        self.messages.set(self.messages.get() + 1);
        if self.messages.get() == self.wanted.get()
            && let Some(receiver) = self.receiver.take()
        {
            receiver.wake();
        }
    }
}

#[wasm_bindgen]
impl Connection {
    /// Opens a connection. Messages are queued until it is open.
    pub fn open(url: &str, leaves_texts: bool) -> Result<Connection, JsError> {
        let inbox = Rc::new(Inbox { leaves_texts, ..Inbox::default() });
        Ok(Self { socket: WebSocket::new(url, inbox.clone())?, inbox })
    }

    /// Sends a text `count` times.
    #[wasm_bindgen(js_name = sendText)]
    pub fn send_text(&self, text: &str, count: u32) -> Result<(), JsError> {
        Ok((0..count).try_for_each(|_| self.socket.send(text))?)
    }

    /// Receives `count` messages. Returns their number of bytes.
    pub async fn receive(&self, count: u32) -> f64 {
        let inbox = &self.inbox;
        inbox.wanted.set(count);
        poll_fn(|context| {
            if inbox.messages.get() >= count {
                return Poll::Ready(());
            }
            inbox.receiver.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
        inbox.messages.set(inbox.messages.get() - count);
        inbox.bytes.take() as f64
    }

    /// Receives a text.
    #[wasm_bindgen(js_name = receiveText)]
    pub async fn receive_text(&self) -> String {
        self.receive(1).await;
        self.inbox.last.take()
    }

    pub fn close(self) -> Result<(), JsError> {
        Ok(self.socket.terminate(CloseCode::NORMAL, "")?)
    }
}

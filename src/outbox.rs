//! The queue of messages to be sent.

use std::cell::Cell;
use std::collections::VecDeque;

use wasm_bindgen::JsValue;

use crate::message::{Bytes, Payload};

/// A queued payload and its size in bytes.
pub(crate) struct Frame {
    pub(crate) payload: Payload,
    size: f64,
    /// The message as it was passed, if it may have to be returned as unsent.
    #[cfg(feature = "reconnecting")]
    pub(crate) message: JsValue,
}

impl Frame {
    /// Takes a snapshot of the payload.
    pub(crate) fn new(payload: Payload) -> Result<Self, JsValue> {
        let payload = payload.snapshot()?;
        Ok(Self {
            size: payload.size()?,
            payload,
            #[cfg(feature = "reconnecting")]
            message: JsValue::UNDEFINED,
        })
    }

    /// Adds the message as it was passed.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn of(self, message: &JsValue) -> Self {
        Self { message: message.clone(), ..self }
    }

    /// The size that counts against `maxWaiting`. An empty message counts as one byte, so that the number of messages
    /// is limited, too.
    #[cfg(feature = "reconnecting")]
    fn weight(&self) -> f64 {
        self.size.max(1.0)
    }
}

/// The queued messages, in the order in which they are sent.
#[derive(Default)]
pub(crate) struct Outbox {
    frames: Cell<VecDeque<Frame>>,
    len: Cell<usize>,
    bytes: Cell<f64>,
    #[cfg(feature = "reconnecting")]
    weight: Cell<f64>,
    is_discarded: Cell<bool>,
}

impl Outbox {
    pub(crate) fn push(&self, frame: Frame) {
        #[cfg(feature = "reconnecting")]
        self.weight.set(self.weight.get() + frame.weight());
        self.change(frame.size, |frames| frames.push_back(frame));
    }

    /// Removes the first message. It must not stay in the queue while it is sent, since the host may call back
    /// meanwhile.
    pub(crate) fn pop(&self) -> Option<Frame> {
        let frame = self.change(0.0, VecDeque::pop_front)?;
        self.bytes.set(self.bytes.get() - frame.size);
        #[cfg(feature = "reconnecting")]
        self.weight.set(self.weight.get() - frame.weight());
        Some(frame)
    }

    /// Returns a message to the front of the queue, unless the queue was discarded meanwhile.
    pub(crate) fn put_back(&self, frame: Frame) {
        if !self.is_discarded.get() {
            #[cfg(feature = "reconnecting")]
            self.weight.set(self.weight.get() + frame.weight());
            self.change(frame.size, |frames| frames.push_front(frame));
        }
    }

    /// Replaces the `Blob` at the front by its bytes.
    pub(crate) fn replace_front(&self, read: Bytes) {
        if let Some(frame) = self.pop() {
            self.put_back(Frame { payload: Payload::Bytes(read), ..frame });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    /// The number of queued bytes.
    pub(crate) fn bytes(&self) -> f64 {
        self.bytes.get()
    }

    /// The size of the queue in bytes. An empty message counts as one.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn weight(&self) -> f64 {
        self.weight.get()
    }

    /// Discards all messages.
    pub(crate) fn discard(&self) {
        self.is_discarded.set(true);
        self.len.set(0);
        self.bytes.set(0.0);
        drop(self.frames.take());
    }

    fn change<R>(&self, more: f64, change: impl FnOnce(&mut VecDeque<Frame>) -> R) -> R {
        let mut frames = self.frames.take();
        let result = change(&mut frames);
        self.len.set(frames.len());
        self.bytes.set(self.bytes.get() + more);
        self.frames.set(frames);
        result
    }
}

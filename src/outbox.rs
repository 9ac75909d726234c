//! The messages that wait to be sent.

use std::cell::Cell;
use std::collections::VecDeque;

use wasm_bindgen::JsValue;

use crate::message::{Bytes, Payload};

/// A payload that waits, and how many bytes it is.
pub(crate) struct Frame {
    pub(crate) payload: Payload,
    size: f64,
    /// As it was passed, where it may have to be given back.
    #[cfg(feature = "reconnecting")]
    pub(crate) message: JsValue,
}

impl Frame {
    /// The payload as it is now.
    pub(crate) fn new(payload: Payload) -> Result<Self, JsValue> {
        let payload = payload.snapshot()?;
        Ok(Self {
            size: payload.size()?,
            payload,
            #[cfg(feature = "reconnecting")]
            message: JsValue::UNDEFINED,
        })
    }

    /// The same, with the message that it was passed as.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn of(self, message: &JsValue) -> Self {
        Self { message: message.clone(), ..self }
    }

    /// What it counts as for those who wait without a connection: so that what is empty counts, too.
    #[cfg(feature = "reconnecting")]
    fn weight(&self) -> f64 {
        self.size.max(1.0)
    }
}

/// In the order in which they leave.
#[derive(Default)]
pub(crate) struct Outbox {
    frames: Cell<VecDeque<Frame>>,
    len: Cell<usize>,
    bytes: Cell<f64>,
    #[cfg(feature = "reconnecting")]
    weight: Cell<f64>,
    is_given_up: Cell<bool>,
}

impl Outbox {
    pub(crate) fn push(&self, frame: Frame) {
        #[cfg(feature = "reconnecting")]
        self.weight.set(self.weight.get() + frame.weight());
        self.change(frame.size, |frames| frames.push_back(frame));
    }

    /// Takes the message in front out: a host may call back while it is given it.
    pub(crate) fn pop(&self) -> Option<Frame> {
        let frame = self.change(0.0, VecDeque::pop_front)?;
        self.bytes.set(self.bytes.get() - frame.size);
        #[cfg(feature = "reconnecting")]
        self.weight.set(self.weight.get() - frame.weight());
        Some(frame)
    }

    /// Puts a message back in front, unless all were given up meanwhile.
    pub(crate) fn put_back(&self, frame: Frame) {
        if !self.is_given_up.get() {
            #[cfg(feature = "reconnecting")]
            self.weight.set(self.weight.get() + frame.weight());
            self.change(frame.size, |frames| frames.push_front(frame));
        }
    }

    /// Puts what was read of the `Blob` in front in its place.
    pub(crate) fn replace_front(&self, read: Bytes) {
        #[cfg(not(feature = "reconnecting"))]
        if let Some(Frame { size, .. }) = self.pop() {
            self.put_back(Frame { payload: Payload::Bytes(read), size });
        }
        #[cfg(feature = "reconnecting")]
        if let Some(frame) = self.pop() {
            self.put_back(Frame { payload: Payload::Bytes(read), ..frame });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> f64 {
        self.bytes.get()
    }

    /// How much waits, an empty message counting as one byte.
    #[cfg(feature = "reconnecting")]
    pub(crate) fn weight(&self) -> f64 {
        self.weight.get()
    }

    /// Lets go of them all.
    pub(crate) fn give_up(&self) {
        self.is_given_up.set(true);
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

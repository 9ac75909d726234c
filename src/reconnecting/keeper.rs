//! The queue of messages while there is no connection.

use std::cell::Cell;

use crate::message::Message;
use crate::outbox::{Frame, Outbox};

/// The messages that were sent without a connection, and those that an ended connection has not sent.
#[derive(Default)]
pub(crate) struct Keeper {
    pub(crate) outbox: Outbox,
    /// The messages that no connection can send.
    unsendable: Cell<Vec<Message>>,
}

impl Keeper {
    /// Takes the unsent messages of an ended connection, and places them before the messages that were sent since.
    /// `is_unsendable` means that no connection can send the first one.
    pub(crate) fn take_back(&self, left: &Outbox, is_unsendable: bool) {
        if is_unsendable
            && let Some(Frame { message, .. }) = left.pop()
            && !message.is_undefined()
        {
            let mut unsendable = self.unsendable.take();
            unsendable.push(message.into());
            self.unsendable.set(unsendable);
        }
        let mut frames = Vec::new();
        while let Some(frame) = left.pop() {
            // A heartbeat has no message. It belongs to its connection.
            if !frame.message.is_undefined() {
                frames.push(frame);
            }
        }
        for frame in frames.into_iter().rev() {
            self.outbox.put_back(frame);
        }
    }

    /// Empties the queue, and returns the messages as they were passed.
    pub(super) fn give_up(&self) -> Vec<Message> {
        let mut messages = self.unsendable.take();
        while let Some(Frame { message, .. }) = self.outbox.pop() {
            messages.push(message.into());
        }
        messages
    }
}

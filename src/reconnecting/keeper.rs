//! What waits to be sent when there is no connection.

use std::cell::Cell;

use crate::message::Message;
use crate::outbox::{Frame, Outbox};

/// What was sent without a connection, and what one that ended had not sent.
#[derive(Default)]
pub(crate) struct Keeper {
    pub(super) outbox: Outbox,
    /// What no connection can send.
    unsendable: Cell<Vec<Message>>,
}

impl Keeper {
    /// Takes back what a connection that ended has not sent, before what was sent since; `is_unsendable` of the first.
    pub(crate) fn take_back(&self, left: &Outbox, is_unsendable: bool) {
        if is_unsendable && let Some(Frame { message, .. }) = left.pop() {
            let mut unsendable = self.unsendable.take();
            unsendable.push(message.into());
            self.unsendable.set(unsendable);
        }
        let mut frames = Vec::new();
        while let Some(frame) = left.pop() {
            frames.push(frame);
        }
        for frame in frames.into_iter().rev() {
            self.outbox.put_back(frame);
        }
    }

    /// Gives up what waits: the messages as they were passed.
    pub(super) fn give_up(&self) -> Vec<Message> {
        let mut messages = self.unsendable.take();
        while let Some(Frame { message, .. }) = self.outbox.pop() {
            messages.push(message.into());
        }
        messages
    }
}

//! The queue of messages for one client, which is bounded in bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The cost of a message beside its text, in bytes, so that the number of short messages is bounded, too.
const OVERHEAD: usize = 64;

/// Creates a queue of at most `most_bytes`.
pub fn queue(most_bytes: usize) -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let bytes = Arc::new(AtomicUsize::new(0));
    (Sender { sender, bytes: bytes.clone(), most_bytes }, Receiver { lead: None, receiver, bytes })
}

/// The sending half of a queue. Messages are added one at a time.
#[derive(Debug)]
pub struct Sender {
    sender: UnboundedSender<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
    most_bytes: usize,
}

impl Sender {
    /// Adds a message. Returns whether there was space for it.
    pub fn push(&self, message: Utf8Bytes) -> bool {
        let cost = cost(&message);
        if self.bytes.load(Ordering::Relaxed) + cost > self.most_bytes {
            return false;
        }
        // The bytes are counted first, because the message may be taken immediately.
        self.bytes.fetch_add(cost, Ordering::Relaxed);
        self.sender.send(message).is_ok()
    }
}

fn cost(message: &Utf8Bytes) -> usize {
    message.len() + OVERHEAD
}

/// The receiving half of a queue.
#[derive(Debug)]
pub struct Receiver {
    /// A message that comes before all others.
    lead: Option<Utf8Bytes>,
    receiver: UnboundedReceiver<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Receiver {
    /// Waits for a message and takes it. Returns `None` when there will be no more.
    pub async fn take(&mut self) -> Option<Utf8Bytes> {
        let message = match self.lead.take() {
            Some(message) => message,
            None => self.receiver.recv().await?,
        };
        self.bytes.fetch_sub(cost(&message), Ordering::Relaxed);
        Some(message)
    }

    pub fn is_empty(&self) -> bool {
        self.lead.is_none() && self.receiver.is_empty()
    }

    /// Adds a message that comes before all others. Its bytes count like those of any other.
    pub fn lead(&mut self, message: Utf8Bytes) {
        self.bytes.fetch_add(cost(&message), Ordering::Relaxed);
        self.lead = Some(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queue_is_bounded_in_bytes() {
        let (sender, mut receiver) = queue(100 + 2 * OVERHEAD);
        assert!(sender.push("a".repeat(60).into()));
        assert!(!sender.push("a".repeat(41).into()), "a byte too many");
        assert!(sender.push("a".repeat(40).into()), "what was not taken in does not count");
        receiver.take().await;
        assert!(!sender.push("a".repeat(61).into()), "a byte too many");
        assert!(sender.push("a".repeat(60).into()), "what was taken counts no more");
    }

    #[tokio::test]
    async fn the_shortest_messages_are_bounded_too() {
        let (sender, _receiver) = queue(1000);
        assert!((0..1000).any(|_| !sender.push(Utf8Bytes::default())));
    }

    #[tokio::test]
    async fn what_was_put_in_comes_out_after_the_entrance_is_gone() {
        let (sender, mut receiver) = queue(100_000);
        assert!((0..100).all(|number| sender.push(number.to_string().into())));
        drop(sender);
        for number in 0..100 {
            assert_eq!(receiver.take().await.as_deref(), Some(number.to_string().as_str()));
        }
        assert_eq!(receiver.take().await, None);
    }

    #[tokio::test]
    async fn what_leads_comes_first_and_counts() {
        let (sender, mut receiver) = queue(100 + 2 * OVERHEAD);
        assert!(sender.push("second".into()));
        receiver.lead("a".repeat(60).into());
        assert!(!sender.push("a".repeat(60).into()), "there is no room beside it");
        assert_eq!(receiver.take().await, Some("a".repeat(60).into()));
        assert_eq!(receiver.take().await.as_deref(), Some("second"));
        assert!(receiver.is_empty());
        assert!(sender.push("a".repeat(100).into()), "what was taken counts no more");
    }
}

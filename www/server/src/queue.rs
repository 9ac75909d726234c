//! The messages that wait for one client: bounded, in their number and in their bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A queue of so many messages, and of so many bytes.
pub fn queue(messages: usize, most_bytes: usize) -> (Entrance, Exit) {
    let (sender, receiver) = mpsc::channel(messages);
    let bytes = Arc::new(AtomicUsize::new(0));
    (Entrance { sender, bytes: bytes.clone(), most_bytes }, Exit { receiver, bytes })
}

/// Where messages are put in; one at a time.
#[derive(Debug)]
pub struct Entrance {
    sender: Sender<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
    most_bytes: usize,
}

impl Entrance {
    /// Gives whether there was room for the message.
    pub fn put(&self, message: Utf8Bytes) -> bool {
        let length = message.len();
        if self.bytes.load(Ordering::Relaxed) + length > self.most_bytes {
            return false;
        }
        // Counted first, for it may be taken out at once.
        self.bytes.fetch_add(length, Ordering::Relaxed);
        let taken = self.sender.try_send(message).is_ok();
        if !taken {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
        }
        taken
    }
}

/// Where they are taken out.
#[derive(Debug)]
pub struct Exit {
    receiver: Receiver<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Exit {
    /// Waits for a message and takes it; `None` when there will be no more.
    pub async fn take(&mut self) -> Option<Utf8Bytes> {
        let message = self.receiver.recv().await?;
        self.bytes.fetch_sub(message.len(), Ordering::Relaxed);
        Some(message)
    }

    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queue_is_bounded_in_messages() {
        let (entrance, mut exit) = queue(3, 100);
        assert!((0..3).all(|_| entrance.put("a".into())));
        assert!(!entrance.put("a".into()), "a fourth message");
        exit.take().await;
        assert!(entrance.put("a".into()), "what was taken counts no more");
    }

    #[tokio::test]
    async fn a_queue_is_bounded_in_bytes() {
        let (entrance, mut exit) = queue(100, 100);
        assert!(entrance.put("a".repeat(60).into()));
        assert!(!entrance.put("a".repeat(41).into()), "a byte too many");
        assert!(entrance.put("a".repeat(40).into()), "what was not taken in does not count");
        exit.take().await;
        assert!(!entrance.put("a".repeat(61).into()), "a byte too many");
        assert!(entrance.put("a".repeat(60).into()), "what was taken counts no more");
    }

    #[tokio::test]
    async fn what_was_put_in_comes_out_after_the_entrance_is_gone() {
        let (entrance, mut exit) = queue(200, 1000);
        assert!((0..100).all(|number| entrance.put(number.to_string().into())));
        drop(entrance);
        for number in 0..100 {
            assert_eq!(exit.take().await.as_deref(), Some(number.to_string().as_str()));
        }
        assert_eq!(exit.take().await, None);
    }
}

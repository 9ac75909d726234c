//! The messages that wait for one client: bounded, in their number and in their bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// How many messages go out together.
const BATCH: usize = 64;

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
        if self.bytes.fetch_add(length, Ordering::Relaxed) + length > self.most_bytes {
            return false;
        }
        self.sender.try_send(message).is_ok()
    }
}

/// Where they are taken out.
#[derive(Debug)]
pub struct Exit {
    receiver: Receiver<Utf8Bytes>,
    bytes: Arc<AtomicUsize>,
}

impl Exit {
    /// Waits for messages and takes some of them; none when there will be no more.
    pub async fn take(&mut self) -> Vec<Utf8Bytes> {
        let mut batch = Vec::new();
        self.receiver.recv_many(&mut batch, BATCH).await;
        self.bytes.fetch_sub(batch.iter().map(|message| message.len()).sum(), Ordering::Relaxed);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queue_is_bounded_in_messages_and_in_bytes() {
        let (entrance, mut exit) = queue(3, 100);
        assert!((0..3).all(|_| entrance.put("a".into())));
        assert!(!entrance.put("a".into()), "a fourth message");

        let (wide, mut exit_of_wide) = queue(100, 100);
        assert!(wide.put("a".repeat(60).into()));
        assert!(wide.put("a".repeat(40).into()));
        assert_eq!(exit_of_wide.take().await.len(), 2);
        assert!(wide.put("a".repeat(100).into()), "what was taken counts no more");
        assert!(!wide.put("a".into()), "a byte too many");

        assert_eq!(exit.take().await.len(), 3);
    }

    #[tokio::test]
    async fn what_was_put_in_comes_out_after_the_entrance_is_gone() {
        let (entrance, mut exit) = queue(200, 1000);
        assert!((0..100).all(|number| entrance.put(number.to_string().into())));
        drop(entrance);
        let mut all = Vec::new();
        loop {
            let batch = exit.take().await;
            if batch.is_empty() {
                break;
            }
            all.extend(batch.iter().map(|message| message.to_string()));
        }
        assert_eq!(all, (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}

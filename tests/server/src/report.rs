//! The results that pages post, as a queue of texts for each key.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{
    Mutex as AsyncMutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

struct Queue {
    sender: UnboundedSender<Vec<u8>>,
    receiver: AsyncMutex<UnboundedReceiver<Vec<u8>>>,
}

/// The reports of all keys.
#[derive(Default)]
pub struct Reports(Mutex<HashMap<String, Arc<Queue>>>);

impl Reports {
    /// Adds a report to the queue of its key.
    pub fn add(&self, key: &str, report: Vec<u8>) {
        // This cannot fail, because the queue owns the receiver, too.
        let _ = self.queue(key).sender.send(report);
    }

    /// Takes the oldest report of a key, or waits for one. Dropping the future loses no report.
    pub async fn take(&self, key: &str) -> Option<Vec<u8>> {
        let queue = self.queue(key);
        queue.receiver.lock().await.recv().await
    }

    fn queue(&self, key: &str) -> Arc<Queue> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(key.to_owned()).or_insert_with(|| {
            let (sender, receiver) = unbounded_channel();
            Arc::new(Queue { sender, receiver: receiver.into() })
        });
        queue.clone()
    }
}

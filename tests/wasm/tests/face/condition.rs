//! The wait of a test for what a handler records.

use std::cell::Cell;
use std::fmt::Debug;
use std::future::{self, Future};
use std::pin::pin;
use std::task::{Poll, Waker};

use super::late;

/// The task that waits, if there is one.
#[derive(Default)]
pub struct Condition(Cell<Option<Waker>>);

impl Condition {
    /// Makes the task look again.
    pub fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }

    /// Waits until the condition holds. If it takes too long, the test fails with `state`.
    pub async fn until<T: Debug>(&self, holds: impl Fn() -> bool, state: impl Fn() -> T) {
        let mut late = pin!(late());
        future::poll_fn(|context| {
            if holds() {
                return Poll::Ready(());
            }
            assert!(late.as_mut().poll(context).is_pending(), "it takes too long, with {:?}", state());
            self.0.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

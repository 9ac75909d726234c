//! The tasks that wait for an event.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

/// The task that waits for one future, stream or sink. Only the last one that polled it is woken.
#[derive(Default)]
pub(super) struct Waiter(Rc<Cell<Option<Waker>>>);

/// The waiters of one kind of event. Those that were dropped take up no more memory than the others.
#[derive(Default)]
pub(super) struct WaiterSet(Cell<Vec<Weak<Cell<Option<Waker>>>>>);

impl WaiterSet {
    /// Waits for the next event.
    pub(super) fn wait<T>(&self, waiter: &Waiter, context: &Context<'_>) -> Poll<T> {
        if waiter.0.replace(Some(context.waker().clone())).is_none() {
            push(&self.0, &waiter.0);
        }
        Poll::Pending
    }

    pub(super) fn wake(&self) {
        for waker in self.0.take().iter().filter_map(Weak::upgrade).filter_map(|waiter| waiter.take()) {
            waker.wake();
        }
    }
}

/// Adds an item to a list of items that may have been dropped.
pub(super) fn push<T>(list: &Cell<Vec<Weak<T>>>, item: &Rc<T>) {
    let mut items = list.take();
    if items.len() == items.capacity() {
        items.retain(|item| item.strong_count() > 0);
        // At least half of the list stays free, so that few calls look at every item.
        items.reserve(items.len() + 1);
    }
    items.push(Rc::downgrade(item));
    list.set(items);
}

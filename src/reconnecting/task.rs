//! A future that can be dropped while it is running.

use std::cell::Cell;
use std::future::{self, Future};
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::handler::attempt;

type Work<T> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

/// A future that runs until it is ready or this is dropped.
pub(super) struct Task<T>(Rc<Shared<T>>);

struct Shared<T> {
    /// `None` while the future is polled, and after it is ready or the task is dropped.
    work: Cell<Option<Work<T>>>,
    is_dropped: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T: 'static> Task<T> {
    /// Starts the future in a microtask. `done` is called with its result, or with an exception that it throws, unless
    /// the task is dropped before.
    pub(super) fn start(work: Work<T>, done: impl FnOnce(Result<T, JsValue>) + 'static) -> Self {
        let shared =
            Rc::new(Shared { work: Cell::new(Some(work)), is_dropped: Cell::new(false), waker: Cell::new(None) });
        let own = shared.clone();
        spawn_local(async move {
            if let Some(result) = future::poll_fn(|context| own.poll(context)).await {
                done(result);
            }
        });
        Self(shared)
    }
}

impl<T> Shared<T> {
    /// Ready with `None` if the task was dropped.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<T, JsValue>>> {
        let Some(mut work) = self.work.take() else {
            return Poll::Ready(None);
        };
        let mut polled = Poll::Pending;
        if let Err(thrown) = attempt(|| polled = work.as_mut().poll(context)) {
            // The exception skipped the destructors of what the future had moved out of itself. Dropping the future would
            // drop such values again, so that its memory is lost instead.
            mem::forget(work);
            return Poll::Ready((!self.is_dropped.get()).then_some(Err(thrown)));
        }
        // The future may have dropped its task.
        match polled {
            _ if self.is_dropped.get() => Poll::Ready(None),
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => {
                self.work.set(Some(work));
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.is_dropped.set(true);
        drop(self.0.work.take());
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }
}

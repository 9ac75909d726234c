//! A future that can be let go of before it is ready.

use std::cell::Cell;
use std::future::{self, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::handler::attempt;

type Work<T> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

/// A future that runs until it is ready, or this is dropped.
pub(super) struct Task<T>(Rc<Shared<T>>);

struct Shared<T> {
    /// Taken out while it is polled, and for good when it is ready or nobody waits for it any more.
    work: Cell<Option<Work<T>>>,
    is_dropped: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T: 'static> Task<T> {
    /// Starts in a turn of its own. `done` is called with what comes of it, or with what is thrown; not after the task is
    /// dropped.
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
    /// Ready with nothing if nobody waits for it any more.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<T, JsValue>>> {
        let Some(mut work) = self.work.take() else {
            return Poll::Ready(None);
        };
        let mut polled = Poll::Pending;
        if let Err(thrown) = attempt(|| polled = work.as_mut().poll(context)) {
            polled = Poll::Ready(Err(thrown));
        }
        // It may have been dropped in there.
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

//! A connection that is waited for, by programs in Rust.

mod end;
mod handle;
mod opening;
mod stream;

use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

pub use end::{Closed, Drained};
pub use handle::Handle;
pub use opening::Connect;
pub use stream::MessageStream;

use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent};
use crate::handler::ConnectionHandler;
use crate::lifecycle::Input;
use crate::timer::{Callback, Timer};
use crate::websocket::WebSocket;
use stream::Iteration;

/// The longest time, in milliseconds, between two looks at what is left to be sent, for which hosts have no event.
const LOOK: f64 = 50.0;

/// What waits for a connection.
#[derive(Default)]
pub(crate) struct Waiters {
    wakers: Cell<Vec<Waker>>,
    /// Somebody waits for the connection to be open.
    is_awaited: Cell<bool>,
    /// The connection is open, and `on_open` has returned.
    is_open: Cell<bool>,
    error: OnceCell<ErrorEvent>,
    /// There when `on_terminate` has returned.
    end: OnceCell<TerminateEvent>,
    iterations: Cell<Vec<Weak<Iteration>>>,
    look: Cell<Option<Timer>>,
}

impl Waiters {
    /// Waits for whatever happens next.
    fn wait<T>(&self, context: &Context<'_>) -> Poll<T> {
        let mut wakers = self.wakers.take();
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
        self.wakers.set(wakers);
        Poll::Pending
    }

    fn wake(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }

    /// Why the connection failed, or that it is not open any more.
    fn failure(&self) -> Error {
        match self.error.get().and_then(|event| event.errors.first()) {
            Some(entry) => Error::told(entry),
            None => Error::new(ErrCode::NotOpen),
        }
    }

    /// The iterations that somebody still has.
    fn iterations(&self) -> Vec<Rc<Iteration>> {
        let mut iterations = self.iterations.take();
        iterations.retain(|iteration| iteration.strong_count() > 0);
        let found = iterations.iter().filter_map(Weak::upgrade).collect();
        self.iterations.set(iterations);
        found
    }
}

impl Connection {
    /// Waits until at most so many bytes are left to be sent; fails at the end.
    fn poll_drained(self: &Rc<Self>, bytes: f64, context: &Context<'_>) -> Poll<Result<(), Error>> {
        if self.waiters.end.get().is_some() {
            return Poll::Ready(Err(Error::new(ErrCode::NotOpen)));
        }
        if self.session().is_some() && self.buffered_amount() <= bytes {
            return Poll::Ready(Ok(()));
        }
        let connection = Rc::downgrade(self);
        let look = move |_| {
            if let Some(connection) = connection.upgrade() {
                drop(connection.waiters.look.take());
                connection.waiters.wake();
            }
        };
        let timer = self.waiters.look.take();
        let start = || Timer::new(LOOK, Callback::own_assert_unwind_safe(look));
        self.waiters.look.set(Some(timer.unwrap_or_else(start)));
        self.waiters.wait(context)
    }
}

/// A handler, and after it what waits for its connection.
pub(crate) struct Watched<H>(pub(crate) H);

impl<H: ConnectionHandler> ConnectionHandler for Watched<H> {
    fn on_open(&self, ws: &WebSocket) {
        self.0.on_open(ws);
        let connection = ws.connection();
        let waiters = &connection.waiters;
        waiters.is_open.set(true);
        if let Some(session) = connection.session().filter(|_| waiters.is_awaited.get()) {
            session.hold();
        }
        waiters.wake();
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        let connection = ws.connection();
        let iterations = connection.waiters.iterations();
        if iterations.iter().any(|iteration| iteration.is_full()) {
            if let Some(session) = connection.session() {
                session.handle(Input::Overrun, event.data());
            }
            return;
        }
        for iteration in iterations {
            iteration.push(event.data().clone().into());
        }
        // Who waits for it is woken in a later turn.
        connection.waiters.wake();
        self.0.on_message(ws, event);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        // It comes once.
        let _ = ws.connection().waiters.error.set(event.clone());
        self.0.on_error(ws, event);
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        self.0.on_terminate(ws, event.clone());
        let waiters = &ws.connection().waiters;
        drop(waiters.look.take());
        let _ = waiters.end.set(event);
        waiters.wake();
    }
}

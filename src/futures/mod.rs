//! Futures and streams of a connection, for programs in Rust.

mod end;
mod handle;
mod opening;
mod stream;
mod waker;

use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

pub use end::{Closed, Drained};
pub use handle::Handle;
pub use opening::Connect;
pub use stream::MessageStream;

use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::event::{ErrorEvent, MessageEvent, TerminateEvent};
use crate::handler::ConnectionHandler;
use crate::lifecycle::Input;
use crate::session::Session;
use crate::timer::{Callback, Timer};
use crate::websocket::WebSocket;
use stream::Iteration;
use waker::{Waiter, WaiterSet};

/// Implements `Debug` for types that have nothing to show.
macro_rules! debug {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

debug!(Closed, Connect, Drained, MessageStream);

/// The interval, in milliseconds, at which the bytes left to be sent are polled. Hosts have no event for it.
const POLL: f64 = 50.0;

/// The futures and streams of one connection.
#[derive(Default)]
pub(crate) struct Waiters {
    /// Woken when a message was received, and at the end.
    streams: WaiterSet,
    /// Woken when the connection has opened or ended, and at each poll of the bytes left to be sent.
    others: WaiterSet,
    /// A [`Connect`] waits for the connection to open.
    is_awaited: Cell<bool>,
    /// The connection is open, and `on_open` has returned.
    is_open: Cell<bool>,
    error: OnceCell<ErrorEvent>,
    /// Set when `on_terminate` has returned.
    end: OnceCell<TerminateEvent>,
    iterations: Cell<Vec<Weak<Iteration>>>,
    poll: Cell<Option<Timer>>,
}

impl Waiters {
    /// The error of the connection, or `NotOpen` if it ended without one.
    fn failure(&self) -> Error {
        match self.error.get() {
            Some(event) => Error::from_entries(&event.errors),
            None => Error::new(ErrCode::NotOpen),
        }
    }

    /// The iterations that were not dropped.
    fn iterations(&self) -> Vec<Rc<Iteration>> {
        let mut iterations = self.iterations.take();
        iterations.retain(|iteration| iteration.strong_count() > 0);
        let found = iterations.iter().filter_map(Weak::upgrade).collect();
        self.iterations.set(iterations);
        found
    }
}

impl Connection {
    /// Waits until at most `bytes` are left to be sent. Fails when the connection has ended.
    fn poll_drained(self: &Rc<Self>, bytes: f64, waiter: &Waiter, context: &Context<'_>) -> Poll<Result<(), Error>> {
        if self.waiters.end.get().is_some() {
            return Poll::Ready(Err(Error::new(ErrCode::NotOpen)));
        }
        self.poll_until(|session| session.buffered_amount() <= bytes, waiter, context).map(Ok)
    }

    /// Waits until `done` is true. It is polled, because hosts have no event for the bytes left to be sent.
    fn poll_until(
        self: &Rc<Self>,
        done: impl Fn(&Session) -> bool,
        waiter: &Waiter,
        context: &Context<'_>,
    ) -> Poll<()> {
        if self.session().is_some_and(|session| done(&session)) {
            return Poll::Ready(());
        }
        let connection = Rc::downgrade(self);
        let wake = move |_| {
            if let Some(connection) = connection.upgrade() {
                drop(connection.waiters.poll.take());
                connection.waiters.others.wake();
            }
        };
        let timer = self.waiters.poll.take();
        let start = || Timer::new(POLL, Callback::own_assert_unwind_safe(wake));
        self.waiters.poll.set(Some(timer.unwrap_or_else(start)));
        self.waiters.others.wait(waiter, context)
    }
}

/// A handler that notifies the waiters of its connection after each callback.
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
        waiters.others.wake();
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
        // The woken tasks run in a later turn.
        connection.waiters.streams.wake();
        self.0.on_message(ws, event);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        // There is at most one error.
        let _ = ws.connection().waiters.error.set(event.clone());
        self.0.on_error(ws, event);
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        self.0.on_terminate(ws, event.clone());
        let waiters = &ws.connection().waiters;
        drop(waiters.poll.take());
        let _ = waiters.end.set(event);
        waiters.streams.wake();
        waiters.others.wake();
    }
}

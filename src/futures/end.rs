//! Futures for the end of a connection, and for the send queue to drain.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::waker::Waiter;
use crate::connection::Connection;
use crate::error::Error;
use crate::event::TerminateEvent;
use crate::websocket::WebSocket;

/// The future of [`WebSocket::closed`]. Dropping it has no effect on the connection.
#[must_use = "futures do nothing unless they are polled"]
pub struct Closed {
    connection: Rc<Connection>,
    waiter: Waiter,
}

/// The future of [`WebSocket::drained`]. Dropping it has no effect on the connection.
#[must_use = "futures do nothing unless they are polled"]
pub struct Drained {
    connection: Rc<Connection>,
    bytes: f64,
    waiter: Waiter,
}

impl WebSocket {
    /// Waits for the end of the connection. Ready when [`on_terminate`](crate::ConnectionHandler::on_terminate) has
    /// returned, and at any time after that.
    pub fn closed(&self) -> Closed {
        Closed { connection: self.connection().clone(), waiter: Waiter::default() }
    }

    /// Waits until [`buffered_amount`](Self::buffered_amount) is at most `bytes`, also while the connection is closing.
    /// The amount is polled every 50 ms. WebKit and Deno do not report how many bytes they still have to send. On these
    /// hosts, only the messages queued by the crate count.
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) when the connection has ended.
    pub fn drained(&self, bytes: u64) -> Drained {
        Drained { connection: self.connection().clone(), bytes: bytes as f64, waiter: Waiter::default() }
    }
}

impl Future for Closed {
    type Output = TerminateEvent;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiters = &self.connection.waiters;
        match waiters.end.get() {
            Some(end) => Poll::Ready(end.clone()),
            None => waiters.others.wait(&self.waiter, context),
        }
    }
}

impl Future for Drained {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.connection.poll_drained(self.bytes, &self.waiter, context)
    }
}

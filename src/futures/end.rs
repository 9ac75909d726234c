//! The waits for the end of a connection, and for what was sent to leave.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::connection::Connection;
use crate::error::Error;
use crate::event::TerminateEvent;
use crate::websocket::WebSocket;

/// What [`WebSocket::closed`] returns. Dropping it changes nothing.
#[must_use = "futures do nothing unless they are polled"]
pub struct Closed {
    connection: Rc<Connection>,
}

/// What [`WebSocket::drained`] returns. Dropping it changes nothing.
#[must_use = "futures do nothing unless they are polled"]
pub struct Drained {
    connection: Rc<Connection>,
    bytes: f64,
}

impl WebSocket {
    /// Waits for the end: ready when [`on_terminate`](crate::ConnectionHandler::on_terminate) has returned, and after the end.
    pub fn closed(&self) -> Closed {
        Closed { connection: self.connection().clone() }
    }

    /// Waits until [`buffered_amount`](Self::buffered_amount) is at most so many bytes, while the connection is closing, too.
    /// It is looked at every 50 ms. Where a host does not tell what it has still to write (WebKit, Deno), only what waits
    /// here counts.
    ///
    /// # Errors
    /// [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) at the end, and after it.
    pub fn drained(&self, bytes: u64) -> Drained {
        Drained { connection: self.connection().clone(), bytes: bytes as f64 }
    }
}

impl Future for Closed {
    type Output = TerminateEvent;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiters = &self.connection.waiters;
        match waiters.end.get() {
            Some(end) => Poll::Ready(end.clone()),
            None => waiters.wait(context),
        }
    }
}

impl Future for Drained {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.connection.poll_drained(self.bytes, context)
    }
}

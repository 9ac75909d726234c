//! The future of a connection that opens.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::waker::Waiter;
use crate::error::Error;
use crate::handler::ConnectionHandler;
use crate::status::Status;
use crate::websocket::WebSocket;

/// The future of [`WebSocket::connect`]. Dropping it ends the connection.
#[must_use = "the connection is terminated when this is dropped"]
pub struct Connect {
    /// Taken when the future is ready.
    opening: Option<Result<WebSocket, Error>>,
    waiter: Waiter,
}

impl WebSocket {
    /// Opens a connection as [`new`](Self::new), and waits until it is open and
    /// [`on_open`](ConnectionHandler::on_open) has returned.
    ///
    /// Later events are dispatched in the next task. Code that calls [`stream`](Self::stream) directly after the
    /// `await` receives every message.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new). If the connection ends before it is open, the future fails after
    /// `on_terminate`: with the first entry of the event of [`on_error`](ConnectionHandler::on_error), whose
    /// [`cause`](Error::cause) is the entry with the host's reason, or with
    /// [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) if `on_error` was not called.
    pub fn connect(url: &str, handler: impl ConnectionHandler + 'static) -> Connect {
        let opening = Self::new(url, handler);
        if let Ok(ws) = &opening {
            ws.connection().waiters.is_awaited.set(true);
        }
        Connect { opening: Some(opening), waiter: Waiter::default() }
    }
}

impl Future for Connect {
    type Output = Result<WebSocket, Error>;

    /// Stays pending if it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(ws)) = &self.opening {
            let connection = ws.connection();
            let waiters = &connection.waiters;
            let is_open = waiters.is_open.get() && connection.lifecycle.get().status() == Status::Connected;
            if !is_open && waiters.end.get().is_none() {
                return waiters.others.wait(&self.waiter, context);
            }
            if !is_open {
                let failure = waiters.failure();
                self.opening = Some(Err(failure));
            }
        }
        self.opening.take().map_or(Poll::Pending, Poll::Ready)
    }
}

//! The wait for a connection to open.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Error;
use crate::handler::ConnectionHandler;
use crate::status::Status;
use crate::websocket::WebSocket;

/// What [`WebSocket::connect`] returns. Dropping it ends the connection.
#[must_use = "the connection is terminated when this is dropped"]
pub struct Connect {
    /// Taken out when it has been handed over, or could not be made.
    opening: Option<Result<WebSocket, Error>>,
}

impl WebSocket {
    /// Opens a connection, and waits until it is open and [`on_open`](ConnectionHandler::on_open) has returned. What
    /// [`new`](Self::new) says holds here.
    ///
    /// What happens meanwhile is told a task later, so that code right behind the `await` that calls
    /// [`stream`](Self::stream) misses nothing.
    ///
    /// # Errors
    /// Those of [`new`](Self::new). If the connection ended before it was open: what
    /// [`on_error`](ConnectionHandler::on_error) said first, or [`ErrCode::NotOpen`](crate::ErrCode::NotOpen) if that was
    /// not called, after `on_terminate`.
    pub fn connect(url: &str, handler: impl ConnectionHandler + 'static) -> Connect {
        let opening = Self::new(url, handler);
        if let Ok(ws) = &opening {
            ws.connection().waiters.is_awaited.set(true);
        }
        Connect { opening: Some(opening) }
    }
}

impl Future for Connect {
    type Output = Result<WebSocket, Error>;

    /// Panics, as futures do, if it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(ws)) = &self.opening {
            let connection = ws.connection();
            let waiters = &connection.waiters;
            let is_open = waiters.is_open.get() && connection.lifecycle.get().status() == Status::Connected;
            if !is_open && waiters.end.get().is_none() {
                return waiters.wait(context);
            }
            if !is_open {
                let failure = waiters.failure();
                self.opening = Some(Err(failure));
            }
        }
        self.opening.take().map_or(Poll::Pending, Poll::Ready)
    }
}

//! The messages of a connection as a stream, and as a sink.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_sink::Sink;
use js_sys::JsString;

use super::waker::{Waiter, push};
use crate::close::CloseCode;
use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::message::Message;
use crate::status::Status;
use crate::websocket::WebSocket;

/// The sink accepts a message while at most this many bytes are left to be sent.
const READY: f64 = 1_048_576.0;

/// The messages of a connection: a [`Stream`] of received messages and a [`Sink`] of messages to send.
/// [`WebSocket::stream`] returns it. Dropping it has no effect on the connection.
///
/// The stream ends when the connection has ended. If [`on_error`](crate::ConnectionHandler::on_error) was called, its
/// error is the last item. While the stream exists, it holds messages that nobody takes: to send only, use
/// [`WebSocket::send`] and [`WebSocket::drained`].
///
/// The sink is ready while at most 1 MiB is left to be sent. It is flushed when the host has all messages, which may still
/// have to send them. It fails if messages were not sent. Closing the sink flushes it, terminates the connection with
/// 1000, and waits for its end. It fails if the connection fails.
#[must_use = "streams do nothing unless they are polled"]
pub struct MessageStream {
    connection: Rc<Connection>,
    iteration: Rc<Iteration>,
    /// The stream has yielded the error of the connection.
    is_over: bool,
    /// The last message of the sink was queued.
    is_queued: bool,
    /// A stream and a sink that were split may belong to two tasks.
    reader: Waiter,
    writer: Waiter,
}

/// The received messages that were not taken yet.
pub(super) struct Iteration {
    limit: usize,
    held: Cell<VecDeque<Message>>,
}

impl Iteration {
    /// Returns whether another message would exceed the limit.
    pub(super) fn is_full(&self) -> bool {
        let held = self.held.take();
        let is_full = held.len() >= self.limit;
        self.held.set(held);
        is_full
    }

    fn is_empty(&self) -> bool {
        let held = self.held.take();
        let is_empty = held.is_empty();
        self.held.set(held);
        is_empty
    }

    pub(super) fn push(&self, message: Message) {
        let mut held = self.held.take();
        held.push_back(message);
        self.held.set(held);
    }

    fn pop(&self) -> Option<Message> {
        let mut held = self.held.take();
        let message = held.pop_front();
        self.held.set(held);
        message
    }
}

impl WebSocket {
    /// A stream of the messages that are received after this call. Each message is first passed to
    /// [`on_message`](crate::ConnectionHandler::on_message). The stream holds at most `limit` messages that were not
    /// taken yet. One more message ends the connection with [`ErrCode::Overrun`] and the close code 4009.
    ///
    /// Keep the `WebSocket` as long as you use the stream: dropping it ends the connection.
    ///
    /// # Errors
    /// [`ErrCode::Limit`] if `limit` is 0.
    pub fn stream(&self, limit: usize) -> Result<MessageStream, Error> {
        if limit == 0 {
            return Err(Error::about(ErrCode::Limit, &0.into()));
        }
        let connection = self.connection().clone();
        let iteration = Rc::new(Iteration { limit, held: Cell::default() });
        push(&connection.waiters.iterations, &iteration);
        let (reader, writer) = Default::default();
        Ok(MessageStream { connection, iteration, is_over: false, is_queued: false, reader, writer })
    }
}

impl Stream for MessageStream {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(message) = self.iteration.pop() {
            return Poll::Ready(Some(Ok(message)));
        }
        let waiters = &self.connection.waiters;
        if waiters.end.get().is_none() {
            return waiters.streams.wait(&self.reader, context);
        }
        let failure = waiters.error.get().filter(|_| !self.is_over).map(|_| Err(waiters.failure()));
        self.is_over = true;
        Poll::Ready(failure)
    }
}

impl FusedStream for MessageStream {
    fn is_terminated(&self) -> bool {
        let waiters = &self.connection.waiters;
        let has_failed = waiters.error.get().is_some();
        waiters.end.get().is_some() && self.iteration.is_empty() && (self.is_over || !has_failed)
    }
}

impl MessageStream {
    /// The error of a connection that has ended before all messages were passed to the host. A connection that opened
    /// reports such messages as an error.
    fn unsent(&self) -> Result<(), Error> {
        let waiters = &self.connection.waiters;
        let is_lost = self.is_queued && (waiters.error.get().is_some() || !waiters.is_open.get());
        if is_lost { Err(waiters.failure()) } else { Ok(()) }
    }
}

impl Sink<Message> for MessageStream {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.connection.poll_drained(READY, &self.writer, context)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.connection.send(message.as_js())?;
        self.is_queued = self.connection.session().is_some_and(|session| session.has_queued());
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.connection.waiters.end.get().is_some() {
            return Poll::Ready(self.unsent());
        }
        ready!(self.connection.poll_until(|session| !session.has_queued(), &self.writer, context));
        self.is_queued = false;
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let connection = self.connection.clone();
        let Some(end) = connection.waiters.end.get() else {
            if connection.status() <= Status::Connected {
                ready!(self.as_mut().poll_flush(context))?;
            }
            connection.terminate(CloseCode::NORMAL, JsString::default())?;
            return connection.waiters.others.wait(&self.writer, context);
        };
        self.unsent()?;
        Poll::Ready(match connection.waiters.error.get() {
            Some(_) => Err(connection.waiters.failure()),
            // The host may not have sent everything that it was passed.
            None if connection.waiters.is_open.get() && !end.was_clean => Err(Error::new(ErrCode::Lost)),
            None => Ok(()),
        })
    }
}

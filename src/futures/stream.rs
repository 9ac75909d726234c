//! The messages of a connection as a stream, and as a sink.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use js_sys::JsString;

use crate::close::CloseCode;
use crate::connection::Connection;
use crate::error::{ErrCode, Error};
use crate::message::Message;
use crate::websocket::WebSocket;

/// The sink accepts a message while at most this many bytes are left to be sent.
const READY: f64 = 1_048_576.0;

/// The messages of a connection: a [`Stream`] of received messages and a [`Sink`] of messages to send.
/// [`WebSocket::stream`] returns it. Dropping it has no effect on the connection.
///
/// The stream ends when the connection has ended. If [`on_error`](crate::ConnectionHandler::on_error) was called, its
/// error is the last item. The sink is ready while at most 1 MiB is left to be sent. Closing the sink terminates the
/// connection with 1000 and waits for its end.
#[must_use = "streams do nothing unless they are polled"]
pub struct MessageStream {
    connection: Rc<Connection>,
    iteration: Rc<Iteration>,
    /// The stream has yielded the error of the connection.
    is_over: bool,
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
    /// # Errors
    /// [`ErrCode::Limit`] if `limit` is 0.
    pub fn stream(&self, limit: usize) -> Result<MessageStream, Error> {
        if limit == 0 {
            return Err(Error::about(ErrCode::Limit, &0.into()));
        }
        let connection = self.connection().clone();
        let iteration = Rc::new(Iteration { limit, held: Cell::default() });
        let mut iterations = connection.waiters.iterations.take();
        iterations.push(Rc::downgrade(&iteration));
        connection.waiters.iterations.set(iterations);
        Ok(MessageStream { connection, iteration, is_over: false })
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
            return waiters.wait(context);
        }
        let failure = waiters.error.get().filter(|_| !self.is_over).map(|_| Err(waiters.failure()));
        self.is_over = true;
        Poll::Ready(failure)
    }
}

impl Sink<Message> for MessageStream {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.connection.poll_drained(READY, context)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.connection.send(message.as_js())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.connection.poll_drained(0.0, context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.connection.terminate(CloseCode::NORMAL, JsString::default())?;
        match self.connection.waiters.end.get() {
            Some(_) => Poll::Ready(Ok(())),
            None => self.connection.waiters.wait(context),
        }
    }
}

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

/// How many bytes may be left to be sent for one message more to be taken.
const READY: f64 = 1_048_576.0;

/// What [`WebSocket::stream`] returns: a [`Stream`] of the messages received and a [`Sink`] of messages to send, in one.
/// Dropping it changes nothing about the connection.
///
/// The stream ends with the connection, with the error of [`on_error`](crate::ConnectionHandler::on_error) if that was
/// called. The sink is ready while at most 1 MiB is left to be sent; closing it terminates the connection with 1000 and
/// waits for its end.
#[must_use = "streams do nothing unless they are polled"]
pub struct MessageStream {
    connection: Rc<Connection>,
    iteration: Rc<Iteration>,
    /// The error of the connection was handed out.
    is_over: bool,
}

/// The messages that nobody has taken yet.
pub(super) struct Iteration {
    limit: usize,
    held: Cell<VecDeque<Message>>,
}

impl Iteration {
    /// One message more would be too much.
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
    /// The messages from now on, after [`on_message`](crate::ConnectionHandler::on_message) had each. If more than `limit`
    /// wait to be taken, the connection ends with [`ErrCode::Overrun`] and the close code 4009.
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

//! The listeners for the events of the host's connection.

use crate::host::{self, Callback, Socket};

/// Listens for `open`, `message`, `error` and `close`, in this order, until it is dropped.
///
/// Each may be called while it is being called: a host may answer before a call of `send` returns.
#[must_use = "the listeners are removed when this is dropped"]
pub(crate) struct Listeners {
    socket: Socket,
    callbacks: [Callback; 4],
}

impl Listeners {
    pub(crate) fn new(socket: &Socket, callbacks: [Callback; 4]) -> Self {
        let [open, message, error, close] = callbacks.each_ref().map(Callback::as_ref);
        host::listen(socket, open, message, error, close);
        Self { socket: socket.clone(), callbacks }
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        let [open, message, error, close] = self.callbacks.each_ref().map(Callback::as_ref);
        host::unlisten(&self.socket, open, message, error, close);
    }
}

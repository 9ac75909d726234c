//! A handler that records its calls by a reconnecting connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use fourd_websocket::{
    ConnectionHandler, ErrorEvent, MessageEvent, ReconnectingHandler, ReconnectingStatus, ReconnectingWebSocket, Retry,
    RetryEvent, RetrySettings, StopEvent, TerminateEvent, WebSocket,
};

use super::condition::Condition;

/// The record of a reconnecting connection.
#[derive(Default)]
pub struct Journal {
    /// The names of the callbacks, in order.
    pub calls: RefCell<Vec<&'static str>>,
    pub texts: RefCell<Vec<String>>,
    pub errors: RefCell<Vec<ErrorEvent>>,
    pub retries: RefCell<Vec<RetryEvent>>,
    pub stop: RefCell<Option<StopEvent>>,
    is_dropped: Cell<bool>,
    condition: Condition,
}

type OfConnection = Box<dyn Fn(&WebSocket)>;
type OfRetry = Box<dyn Fn(&ReconnectingWebSocket, &RetryEvent) -> Retry>;

/// The handler. By default, it retries without a delay.
pub struct Reporter {
    journal: Rc<Journal>,
    pub settings: RetrySettings,
    pub timeout: Option<Duration>,
    then: Vec<(&'static str, OfConnection)>,
    decide: OfRetry,
}

impl Reporter {
    pub fn new() -> (Self, Rc<Journal>) {
        let journal = Rc::new(Journal::default());
        let settings = RetrySettings { first_delay: Duration::ZERO, ..RetrySettings::default() };
        let decide = Box::new(|_: &_, _: &_| Retry::AfterDelay);
        (Self { journal: journal.clone(), settings, timeout: None, then: Vec::new(), decide }, journal)
    }

    pub fn with(mut self, change: impl FnOnce(&mut RetrySettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Runs `act` in this callback of a connection.
    pub fn then(mut self, callback: &'static str, act: impl Fn(&WebSocket) + 'static) -> Self {
        self.then.push((callback, Box::new(act)));
        self
    }

    /// Sets the action of `on_retry`.
    pub fn decide(mut self, decide: impl Fn(&ReconnectingWebSocket, &RetryEvent) -> Retry + 'static) -> Self {
        self.decide = Box::new(decide);
        self
    }

    fn note(&self, callback: &'static str, ws: &WebSocket) {
        self.journal.note(callback);
        for (_, act) in self.then.iter().filter(|(name, _)| *name == callback) {
            act(ws);
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.journal.is_dropped.set(true);
        self.journal.condition.wake();
    }
}

impl ConnectionHandler for Reporter {
    fn on_open(&self, ws: &WebSocket) {
        self.note("open", ws);
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        self.journal.texts.borrow_mut().push(event.text().expect("the data type is text"));
        self.note("message", ws);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        self.journal.errors.borrow_mut().push(event);
        self.note("error", ws);
    }

    fn on_terminate(&self, ws: &WebSocket, _: TerminateEvent) {
        self.note("terminate", ws);
    }

    fn close_timeout(&self) -> Duration {
        Duration::from_millis(300)
    }

    fn connection_timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

impl ReconnectingHandler for Reporter {
    fn on_retry(&self, socket: &ReconnectingWebSocket, event: RetryEvent) -> Retry {
        assert_eq!(socket.status(), ReconnectingStatus::Waiting);
        assert!(socket.current().is_none(), "the connection has ended");
        let answer = (self.decide)(socket, &event);
        self.journal.retries.borrow_mut().push(event);
        self.journal.note("retry");
        answer
    }

    fn on_stop(&self, socket: &ReconnectingWebSocket, event: StopEvent) {
        assert_eq!((socket.status(), socket.buffered_amount()), (ReconnectingStatus::Closed, 0));
        assert!(socket.current().is_none(), "the connection has ended");
        *self.journal.stop.borrow_mut() = Some(event);
        self.journal.note("stop");
    }

    fn retry(&self) -> RetrySettings {
        self.settings.clone()
    }
}

impl Journal {
    pub fn note(&self, what: &'static str) {
        self.calls.borrow_mut().push(what);
        self.condition.wake();
    }

    /// Waits until a condition holds.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        self.condition.until(|| holds(self), || self.calls.borrow().clone()).await;
    }

    /// Waits until the callback was called this often.
    pub async fn called(&self, callback: &str, times: usize) {
        self.until(|journal| journal.calls.borrow().iter().filter(|name| **name == callback).count() >= times).await;
    }

    /// Waits until the handler is dropped. Returns the callbacks, and the event of `on_stop`.
    pub async fn stopped(&self) -> (String, StopEvent) {
        self.until(|journal| journal.is_dropped.get()).await;
        let calls = self.calls.borrow().join(" ");
        assert_sequence(&calls);
        (calls, self.stop.borrow().clone().expect("on_stop is always called"))
    }
}

/// Asserts `(connection? retry)* connection? stop`. Each connection is `(open message*)? error? terminate`.
fn assert_sequence(calls: &str) {
    let mut rest = calls.split(' ').filter(|name| *name != "ask").peekable();
    loop {
        let mut is_connection = false;
        if rest.next_if_eq(&"open").is_some() {
            is_connection = true;
            while rest.next_if_eq(&"message").is_some() {}
        }
        is_connection |= rest.next_if_eq(&"error").is_some();
        assert!(rest.next_if_eq(&"terminate").is_some() || !is_connection, "a connection did not end: {calls}");
        match rest.next() {
            Some("retry") => {}
            Some("stop") => break,
            other => panic!("{other:?} in {calls}"),
        }
    }
    assert_eq!(rest.next(), None, "after on_stop: {calls}");
}

//! A handler that records its calls.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use fourd_websocket::{ConnectionHandler, DataType, ErrorEvent, MessageEvent, Status, TerminateEvent, WebSocket};

use super::condition::Condition;

/// The action of a callback after it was recorded.
type Then = Box<dyn Fn(&WebSocket)>;

/// The record of a connection.
#[derive(Default)]
pub struct Record {
    /// The names of the callbacks, in order.
    pub calls: RefCell<Vec<&'static str>>,
    pub messages: RefCell<Vec<MessageEvent>>,
    pub error: RefCell<Option<ErrorEvent>>,
    pub end: RefCell<Option<TerminateEvent>>,
    /// The handler is dropped.
    pub is_dropped: Cell<bool>,
    condition: Condition,
}

/// The handler. Its settings can be changed, and default to the contract's.
pub struct Recorder {
    record: Rc<Record>,
    data_type: DataType,
    then: Vec<(&'static str, Then)>,
}

impl Recorder {
    pub fn new() -> (Self, Rc<Record>) {
        let record = Rc::new(Record::default());
        (Self { record: record.clone(), data_type: DataType::Text, then: Vec::new() }, record)
    }

    pub fn with_data_type(mut self, data_type: DataType) -> Self {
        self.data_type = data_type;
        self
    }

    /// Runs `act` in this callback.
    pub fn then(mut self, callback: &'static str, act: impl Fn(&WebSocket) + 'static) -> Self {
        self.then.push((callback, Box::new(act)));
        self
    }

    fn note(&self, callback: &'static str, ws: &WebSocket) {
        let statuses: &[Status] = match callback {
            "open" => &[Status::Connected],
            "message" => &[Status::Connected, Status::Closing],
            "error" => &[Status::Closing, Status::Closed],
            _ => &[Status::Closed],
        };
        assert!(statuses.contains(&ws.status()), "{:?} in the callback for {callback}", ws.status());
        self.record.calls.borrow_mut().push(callback);
        for (_, act) in self.then.iter().filter(|(name, _)| *name == callback) {
            act(ws);
        }
        self.record.condition.wake();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.record.is_dropped.set(true);
        self.record.condition.wake();
    }
}

impl ConnectionHandler for Recorder {
    fn on_open(&self, ws: &WebSocket) {
        self.note("open", ws);
    }

    fn on_message(&self, ws: &WebSocket, event: MessageEvent) {
        self.record.messages.borrow_mut().push(event);
        self.note("message", ws);
    }

    fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
        *self.record.error.borrow_mut() = Some(event);
        self.note("error", ws);
    }

    fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
        *self.record.end.borrow_mut() = Some(event);
        self.note("terminate", ws);
    }

    fn data_type(&self) -> DataType {
        self.data_type
    }

    fn close_timeout(&self) -> Duration {
        Duration::from_millis(500)
    }
}

impl Record {
    /// Waits until a condition holds.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        self.condition.until(|| holds(self), || self.now()).await;
    }

    /// Waits for a number of messages. Returns their texts.
    pub async fn texts(&self, count: usize) -> Vec<String> {
        self.until(|record| record.messages.borrow().len() >= count || record.is_dropped.get()).await;
        self.messages.borrow().iter().map(|event| event.text().expect("the data type is text")).collect()
    }

    /// Waits until the handler is dropped. Returns the callbacks and the code.
    pub async fn ended(&self) -> (String, u16) {
        self.until(|record| record.is_dropped.get()).await;
        self.now()
    }

    /// The callbacks up to now, and the code, which is 0 before the end.
    pub fn now(&self) -> (String, u16) {
        (self.calls.borrow().join(" "), self.end.borrow().as_ref().map_or(0, |event| event.code))
    }
}

/// The future of [`Record::ended`].
pub fn ending(calls: &str, code: u16) -> (String, u16) {
    (calls.to_owned(), code)
}

//! The settings of a handler, and the events that it receives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use fourd_websocket::{CloseCode, ConnectionHandler, DataType, ErrCode, Status, TerminateEvent, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::recorder::{Recorder, ending};
use super::{Address, REFUSED, sends_headers};

#[wasm_bindgen_test]
async fn callbacks_come_in_order() {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&address.url, handler).expect("a url");
    assert_eq!((ws.status(), ws.url(), ws.protocol()), (Status::Connecting, address.url.clone(), String::new()));
    ws.send("hello").expect("it waits");
    assert_eq!(ws.buffered_amount(), 5);
    assert_eq!(record.texts(1).await, ["hello"]);
    assert_eq!(ws.status(), Status::Connected);
    ws.terminate(CloseCode::from_u16(4000).expect("a code"), "bye €").expect("a reason");
    assert_eq!(ws.status(), Status::Closing);
    assert_eq!(record.ended().await, ending("open message terminate", 4000));
    let end = record.end.borrow().clone().expect("the end was noted");
    assert_eq!((end.reason.as_str(), end.was_clean), ("bye €", true));
    assert_eq!((ws.status(), ws.buffered_amount()), (Status::Closed, 0));
    assert_eq!(address.seen().await.close(), "4000 bye €");
}

#[wasm_bindgen_test]
async fn a_failure_is_an_error_event_and_the_end() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(REFUSED, handler).expect("a url");
    ws.send("never").expect("it waits");
    assert_eq!(record.ended().await, ending("error terminate", 1006));
    let error = record.error.borrow().clone().expect("the error was noted");
    assert_eq!(error.errors[0].code, ErrCode::NotOpened);
    assert!(error.errors[0].message.contains("1 message was not sent"), "{error:?}");
    assert!(error.errors[1..].iter().all(|entry| entry.code == ErrCode::HostMessage), "{error:?}");
    let end = record.end.borrow().clone().expect("the end was noted");
    assert_eq!((end.reason.as_str(), end.was_clean), ("", false));
}

#[wasm_bindgen_test]
async fn a_handler_implements_what_it_needs() {
    struct End(Recorder);

    impl ConnectionHandler for End {
        fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
            self.0.on_terminate(ws, event);
        }
    }

    let (recorder, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/flood?count=3&size=2&close").url, End(recorder)).expect("a url");
    assert_eq!(ws.data_type(), DataType::Text);
    assert_eq!(record.ended().await, ending("terminate", 1000));
}

/// Counts how often each setting is read.
#[derive(Default)]
struct Settings {
    asked: Cell<[usize; 4]>,
}

impl Settings {
    fn ask(&self, which: usize) {
        let mut asked = self.asked.get();
        asked[which] += 1;
        self.asked.set(asked);
    }
}

impl ConnectionHandler for Settings {
    fn data_type(&self) -> DataType {
        self.ask(0);
        DataType::Object
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.ask(1);
        Vec::new()
    }

    fn protocols(&self) -> Vec<String> {
        self.ask(2);
        ["chat", "v2.chat"].map(String::from).into()
    }

    fn close_timeout(&self) -> Duration {
        self.ask(3);
        Duration::ZERO
    }
}

#[wasm_bindgen_test]
async fn settings_are_read_once_through_a_box_in_an_rc() {
    let settings = Rc::new(Settings::default());
    let boxed: Box<dyn ConnectionHandler> = Box::new(settings.clone());
    let address = Address::new("/echo?protocol=v2.chat");
    let ws = WebSocket::new(&address.url, Rc::new(boxed)).expect("a url");
    assert_eq!((ws.data_type(), settings.asked.get()), (DataType::Object, [1; 4]));
    drop(ws);
}

#[wasm_bindgen_test]
async fn the_protocol_is_what_the_server_chose() {
    struct Chooser(Rc<RefCell<String>>, Recorder);

    impl ConnectionHandler for Chooser {
        fn on_open(&self, ws: &WebSocket) {
            *self.0.borrow_mut() = ws.protocol();
            self.1.on_open(ws);
        }

        fn protocols(&self) -> Vec<String> {
            ["chat", "v2.chat"].map(String::from).into()
        }
    }

    let chosen = Rc::new(RefCell::new(String::new()));
    let (recorder, record) = Recorder::new();
    let address = Address::new("/echo?protocol=v2.chat");
    let ws = WebSocket::new(&address.url, Chooser(chosen.clone(), recorder)).expect("a url");
    record.until(|record| !record.calls.borrow().is_empty()).await;
    drop(ws);
    assert_eq!(*chosen.borrow(), "v2.chat");
    let offered = address.seen().await.header("sec-websocket-protocol").unwrap_or_default();
    assert_eq!(offered.replace(' ', ""), "chat,v2.chat");
}

#[wasm_bindgen_test]
async fn headers_are_sent_where_the_host_can() {
    struct Headed(Recorder);

    impl ConnectionHandler for Headed {
        fn on_open(&self, ws: &WebSocket) {
            self.0.on_open(ws);
        }

        fn headers(&self) -> Vec<(String, String)> {
            [("X-One", "1"), ("X-Many", "a"), ("X-Many", "b")].map(|(name, value)| (name.into(), value.into())).into()
        }
    }

    let address = Address::new("/echo");
    let (recorder, record) = Recorder::new();
    let opened = WebSocket::new(&address.url, Headed(recorder));
    if !sends_headers() {
        assert_eq!(opened.err().map(|error| error.code()), Some(ErrCode::HeadersUnsupported));
        return;
    }
    let ws = opened.expect("a url");
    record.until(|record| !record.calls.borrow().is_empty()).await;
    drop(ws);
    let seen = address.seen().await;
    assert_eq!(seen.header("x-one").as_deref(), Some("1"));
    // A host may combine them in one line, with the same meaning.
    assert_eq!(seen.header("x-many").unwrap_or_default().replace(' ', ""), "a,b");
}

#[wasm_bindgen_test]
async fn one_handler_in_an_rc_serves_many_connections() {
    #[derive(Default)]
    struct Counter {
        ids: RefCell<Vec<u64>>,
        ends: Cell<usize>,
    }

    impl ConnectionHandler for Counter {
        fn on_terminate(&self, ws: &WebSocket, _: TerminateEvent) {
            self.ids.borrow_mut().push(ws.id());
            self.ends.set(self.ends.get() + 1);
        }
    }

    let counter = Rc::new(Counter::default());
    let sockets = [(); 3].map(|()| WebSocket::new(REFUSED, counter.clone()).expect("a url"));
    let mut ids: Vec<_> = sockets.iter().map(WebSocket::id).collect();
    drop(sockets);
    let (watcher, record) = Recorder::new();
    let last = WebSocket::new(REFUSED, watcher).expect("a url");
    drop(last);
    record.ended().await;
    assert_eq!(counter.ends.get(), 3);
    counter.ids.borrow_mut().sort_unstable();
    ids.sort_unstable();
    assert_eq!(*counter.ids.borrow(), ids);
    ids.dedup();
    assert_eq!(ids.len(), 3, "different ids");
}

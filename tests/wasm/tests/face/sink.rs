//! Sending through a sink, and the tasks that wait.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;

use fourd_websocket::{ErrCode, Message, WebSocket};
use futures_util::stream::FusedStream;
use futures_util::task::{ArcWake, waker};
use futures_util::{FutureExt, SinkExt, StreamExt};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::recorder::Recorder;
use super::{Address, REFUSED};

/// Answers the first message with a close frame.
const CLOSES: &str = "/script?frames=%5B%7B%22await%22%3A%22message%22%7D%2C%7B%22close%22%3A4000%7D%5D";

#[wasm_bindgen_test]
async fn what_was_fed_while_connecting_arrives_before_the_close() {
    let address = Address::new("/echo");
    let ws = WebSocket::new(&address.url, ()).expect("a url");
    let mut sink = ws.stream(8).expect("a limit");
    for text in ["one", "two"] {
        sink.feed(text.into()).await.expect("it is connecting");
    }
    sink.close().await.expect("it closes");
    let seen = address.seen().await;
    assert_eq!((seen.messages().len(), seen.close().starts_with("1000")), (2, true));
}

#[wasm_bindgen_test]
async fn a_sink_tells_that_its_messages_were_not_sent() {
    let ws = WebSocket::new(REFUSED, ()).expect("a url");
    let mut sink = ws.stream(8).expect("a limit");
    sink.feed("lost".into()).await.expect("it is connecting");
    assert_eq!(sink.close().await.expect_err("nobody listens").code(), ErrCode::NotOpened);
    assert_eq!(sink.flush().await.expect_err("nobody listens").code(), ErrCode::NotOpened);

    let ws = WebSocket::new(&Address::new("/stall").url, ()).expect("a url");
    let mut sink = ws.stream(8).expect("a limit");
    sink.feed("lost".into()).await.expect("it is connecting");
    drop(ws);
    assert_eq!(sink.close().await.expect_err("it was dropped").code(), ErrCode::NotOpen);
}

#[wasm_bindgen_test]
async fn closing_a_sink_tells_that_the_connection_was_lost() {
    let ws = WebSocket::connect(&Address::new("/rst").url, ()).await.expect("it opens");
    let mut sink = ws.stream(8).expect("a limit");
    ws.closed().await;
    assert_eq!(sink.close().await.expect_err("it was lost").code(), ErrCode::Lost);
    sink.flush().await.expect("nothing was queued");
}

#[wasm_bindgen_test]
async fn a_message_that_arrived_was_sent_although_the_connection_ended() {
    let address = Address::new(CLOSES);
    let ws = WebSocket::new(&address.url, ()).expect("a url");
    let mut sink = ws.stream(8).expect("a limit");
    sink.send("arrives".into()).await.expect("it is sent");
    assert_eq!(ws.closed().await.code, 4000);
    sink.flush().await.expect("nothing is left");
    assert_eq!(sink.send("late".into()).await.expect_err("it is over").code(), ErrCode::NotOpen);
    assert_eq!(address.seen().await.messages().len(), 1);
}

#[wasm_bindgen_test]
async fn a_sink_is_flushed_as_soon_as_the_host_has_the_message() {
    let ws = WebSocket::connect(&Address::new("/echo").url, ()).await.expect("it opens");
    let mut sink = ws.stream(64).expect("a limit");
    for number in 0..20 {
        let sent = sink.send(number.to_string().into()).now_or_never();
        sent.expect("nothing to wait for").expect("it is open");
    }
}

#[wasm_bindgen_test]
async fn both_halves_of_a_stream_may_wait_in_tasks_of_their_own() {
    let ws = WebSocket::new(&Address::new("/echo").url, ()).expect("a url");
    let (mut sink, mut stream) = ws.stream(8).expect("a limit").split::<Message>();
    let sent = Rc::new(RefCell::new(None));
    let result = sent.clone();
    spawn_local(async move {
        let outcome = sink.send("hello".into()).await;
        *result.borrow_mut() = Some(outcome);
    });
    let message = stream.next().await.expect("an echo").expect("no error");
    assert_eq!(message.text().as_deref(), Some("hello"));
    sent.borrow_mut().take().expect("the other task was woken").expect("it is sent");
}

#[wasm_bindgen_test]
async fn a_stream_is_terminated_after_its_last_item() {
    for (path, errors) in [("/close?code=1000", 0), ("/rst", 1)] {
        let ws = WebSocket::new(&Address::new(path).url, ()).expect("a url");
        let mut stream = ws.stream(8).expect("a limit");
        assert!(!stream.is_terminated());
        ws.closed().await;
        for _ in 0..errors {
            assert!(!stream.is_terminated());
            stream.next().await.expect("an error").expect_err("it was lost");
        }
        assert!(stream.is_terminated() && stream.next().await.is_none(), "{path}");
    }
}

#[wasm_bindgen_test]
async fn the_error_of_connect_has_the_reason_of_the_host_as_its_cause() {
    let (handler, record) = Recorder::new();
    let error = WebSocket::connect(&Address::new("/status/503").url, handler).await.expect_err("it is refused");
    let event = record.error.borrow_mut().take().expect("it was called");
    let expected = event.errors.get(1).map(|entry| format!("WebSocketError: {}", entry.message));
    assert_eq!(error.cause().map(|cause| String::from(web_sys::js_sys::Object::from(cause).to_string())), expected);
}

/// A task of its own, as in a set of futures.
struct Task;

impl ArcWake for Task {
    fn wake_by_ref(_: &Arc<Self>) {}
}

#[wasm_bindgen_test]
async fn nothing_is_left_of_futures_and_streams_that_were_dropped() {
    let ws = WebSocket::connect(&Address::new("/echo").url, ()).await.expect("it opens");
    let drop_many = || {
        for _ in 0..20_000 {
            let waker = waker(Arc::new(Task));
            let mut context = Context::from_waker(&waker);
            let mut stream = ws.stream(1).expect("a limit");
            assert!(ws.closed().poll_unpin(&mut context).is_pending());
            assert!(stream.poll_next_unpin(&mut context).is_pending());
        }
    };
    let memory = || core::arch::wasm32::memory_size(0);
    drop_many();
    let before = memory();
    drop_many();
    assert_eq!(memory(), before, "pages of memory");
}

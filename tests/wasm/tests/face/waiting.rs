//! Waiting for a connection.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use fourd_websocket::{
    CloseCode, ConnectionHandler, ErrCode, Error, Handle, Message, MessageStream, Status, WebSocket,
};
use futures_util::future::join;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use wasm_bindgen_test::wasm_bindgen_test;

use super::recorder::{Recorder, ending};
use super::{Address, REFUSED};

#[wasm_bindgen_test]
async fn connect_is_ready_when_on_open_has_returned() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::connect(&Address::new("/echo").url, handler).await.expect("it opens");
    assert_eq!((ws.status(), record.calls.borrow().as_slice()), (Status::Connected, &["open"][..]));
    ws.send("hello").expect("it is open");
    assert_eq!(record.texts(1).await, ["hello"]);
}

#[wasm_bindgen_test]
async fn connect_fails_with_what_on_error_said_after_the_end() {
    let (handler, record) = Recorder::new();
    let error = WebSocket::connect(REFUSED, handler).await.expect_err("nobody listens");
    assert_eq!(error.code(), ErrCode::NotOpened);
    assert_eq!(error.message(), record.error.borrow().as_ref().expect("it was called").errors[0].message);
    assert_eq!(record.calls.borrow().as_slice(), ["error", "terminate"]);
}

#[wasm_bindgen_test]
async fn connect_fails_with_what_new_says() {
    assert_eq!(WebSocket::connect("not a url", ()).await.expect_err("no url").code(), ErrCode::Url);
}

#[wasm_bindgen_test]
async fn connect_fails_when_on_open_terminates() {
    let (handler, _) = Recorder::new();
    let handler = handler.then("open", |ws| ws.terminate(CloseCode::NORMAL, "").expect("no reason"));
    let error = WebSocket::connect(&Address::new("/echo").url, handler).await.expect_err("it ended");
    assert_eq!(error.code(), ErrCode::NotOpen);
}

#[wasm_bindgen_test]
async fn dropping_the_wait_for_a_connection_ends_it() {
    let (handler, record) = Recorder::new();
    drop(WebSocket::connect(&Address::new("/stall").url, handler));
    assert_eq!(record.ended().await, ending("terminate", 1006));
}

#[wasm_bindgen_test]
async fn nothing_is_missed_right_behind_the_await() {
    let ws = WebSocket::connect(&Address::new("/text?data={i}&count=3").url, ()).await.expect("it opens");
    let texts: Vec<_> = ws.stream(10).expect("a limit").take(3).map(text).collect().await;
    assert_eq!(texts, ["0", "1", "2"]);
}

#[wasm_bindgen_test]
async fn closed_is_ready_at_the_end_and_after_it() {
    let ws = WebSocket::new(&Address::new("/close?code=3000&reason=bye").url, ()).expect("a url");
    for _ in 0..2 {
        let end = ws.closed().await;
        assert_eq!((end.code, end.reason.as_str(), end.was_clean), (3000, "bye", true));
    }
}

#[wasm_bindgen_test]
async fn drained_is_ready_when_all_has_left_and_fails_at_the_end() {
    let ws = WebSocket::connect(&Address::new("/echo").url, ()).await.expect("it opens");
    ws.send(vec![0; 1 << 20]).expect("it is open");
    ws.drained(0).await.expect("it leaves");
    assert_eq!(ws.buffered_amount(), 0);
    ws.terminate(CloseCode::NORMAL, "").expect("no reason");
    ws.closed().await;
    assert_eq!(ws.drained(0).await.expect_err("it is over").code(), ErrCode::NotOpen);
}

fn text(message: Result<Message, Error>) -> String {
    message.expect("no error").text().expect("a text")
}

/// A conversation in a library that does not depend on this crate.
async fn converse<S, E>(connection: S) -> Vec<Message>
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E>,
    E: std::error::Error,
{
    let (mut sink, stream) = connection.split();
    let say = async {
        for text in ["one", "two", "three"] {
            sink.send(text.into()).await.expect("it is open");
        }
    };
    join(say, stream.take(3).map(|message| message.expect("no error")).collect()).await.1
}

#[wasm_bindgen_test]
async fn generic_code_takes_it_as_a_stream_and_a_sink() {
    let ws = WebSocket::new(&Address::new("/echo").url, ()).expect("a url");
    let messages = converse(ws.stream(16).expect("a limit")).await;
    let texts: Vec<_> = messages.iter().map(|message| message.text().expect("a text")).collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

#[wasm_bindgen_test]
async fn a_stream_ends_with_the_connection_and_its_error() {
    let ws = WebSocket::new(&Address::new("/rst").url, ()).expect("a url");
    let mut stream = ws.stream(16).expect("a limit");
    assert_eq!(stream.next().await.expect("an error").expect_err("it was lost").code(), ErrCode::Lost);
    assert!(stream.next().await.is_none());
    let clean = WebSocket::new(&Address::new("/close?code=1000").url, ()).expect("a url");
    assert!(clean.stream(16).expect("a limit").next().await.is_none());
}

#[wasm_bindgen_test]
async fn closing_a_sink_ends_the_connection() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::connect(&Address::new("/echo").url, handler).await.expect("it opens");
    ws.stream(16).expect("a limit").close().await.expect("it closes");
    assert_eq!(record.ended().await, ending("open terminate", 1000));
}

#[wasm_bindgen_test]
async fn messages_that_nobody_takes_end_the_connection() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/text?data={i}&count=5").url, handler).expect("a url");
    let mut stream = ws.stream(2).expect("a limit");
    ws.closed().await;
    assert_eq!(record.texts(2).await, ["0", "1"]);
    assert_eq!(
        (text(stream.next().await.expect("one")), text(stream.next().await.expect("two"))),
        ("0".into(), "1".into())
    );
    assert_eq!(stream.next().await.expect("an error").expect_err("too many").code(), ErrCode::Overrun);
    assert_eq!(ws.stream(0).expect_err("no room for any").code(), ErrCode::Limit);
}

#[wasm_bindgen_test]
async fn dropping_a_stream_harms_nothing() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/text?data={i}&count=5").url, handler).expect("a url");
    drop::<MessageStream>(ws.stream(1).expect("a limit"));
    assert_eq!(record.texts(5).await.len(), 5);
    assert_eq!(ws.status(), Status::Connected);
}

#[wasm_bindgen_test]
async fn a_handle_is_send_and_sync_and_works_here() {
    fn can_go_anywhere(handle: Handle) -> impl Fn() -> Result<Status, Error> + Send + Sync + Clone {
        move || handle.status()
    }
    let (handler, record) = Recorder::new();
    let ws = WebSocket::connect(&Address::new("/echo").url, handler).await.expect("it opens");
    let handle = ws.handle();
    assert_eq!(can_go_anywhere(handle)().expect("it is there"), Status::Connected);
    handle.send("hello").expect("it is open");
    assert_eq!(record.texts(1).await, ["hello"]);
    handle.terminate(CloseCode::NORMAL, "").expect("no reason");
    ws.closed().await;
    assert_eq!(handle.send("late").expect_err("it is over").code(), ErrCode::NotOpen);
    drop(ws);
    assert_eq!(handle.status().expect_err("it is gone").code(), ErrCode::NotOpen);
}

/// A handler with time limits.
struct Timed(Recorder, Option<Duration>);

impl ConnectionHandler for Timed {
    fn on_error(&self, ws: &WebSocket, event: fourd_websocket::ErrorEvent) {
        self.0.on_error(ws, event);
    }

    fn on_terminate(&self, ws: &WebSocket, event: fourd_websocket::TerminateEvent) {
        self.0.on_terminate(ws, event);
    }

    fn connection_timeout(&self) -> Option<Duration> {
        self.1
    }
}

#[wasm_bindgen_test]
async fn opening_may_take_so_long() {
    let (handler, record) = Recorder::new();
    let handler = Timed(handler, Some(Duration::from_millis(20)));
    let error = WebSocket::connect(&Address::new("/stall").url, handler).await.expect_err("it is late");
    assert_eq!(error.code(), ErrCode::Late);
    assert!(error.message().contains("20 ms"), "{error}");
    assert_eq!(record.ended().await, ending("error terminate", 1006));
    for wrong in [Duration::ZERO, Duration::from_millis(2_147_483_648)] {
        let error = WebSocket::new(REFUSED, Timed(Recorder::new().0, Some(wrong))).expect_err("no such time");
        assert_eq!(error.code(), ErrCode::Duration);
    }
}

#[wasm_bindgen_test]
async fn a_wait_can_be_dropped_at_any_point() {
    let polled = Rc::new(Cell::new(0));
    let ws = WebSocket::connect(&Address::new("/echo").url, ()).await.expect("it opens");
    for _ in 0..3 {
        let (mut closed, mut drained) = (Box::pin(ws.closed()), Box::pin(ws.drained(0)));
        let once = std::future::poll_fn(|context| {
            polled.set(polled.get() + 1);
            let _ = (closed.as_mut().poll(context), drained.as_mut().poll(context));
            std::task::Poll::Ready(())
        });
        once.await;
    }
    assert_eq!((polled.get(), ws.status()), (3, Status::Connected));
}

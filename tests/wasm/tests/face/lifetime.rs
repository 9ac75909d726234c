//! Connections that are dropped or detached, and their handlers.

use std::cell::RefCell;
use std::rc::Rc;

use fourd_websocket::{Status, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::recorder::{Recorder, ending};
use super::{Address, REFUSED};

#[wasm_bindgen_test]
async fn dropping_it_terminates_the_connection() {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&address.url, handler).expect("a url");
    ws.send("first").expect("it waits");
    record.texts(1).await;
    ws.send("last").expect("it is open");
    drop(ws);
    assert_eq!(record.now().0, "open message", "nothing comes inside of a drop");
    // The message is sent before the close frame. Its echo arrives too late.
    assert_eq!(record.ended().await, ending("open message terminate", 1000));
    let seen = address.seen().await;
    assert_eq!((seen.messages(), seen.close()), (vec!["text first".into(), "text last".into()], "1000 ".into()));
}

#[wasm_bindgen_test]
async fn dropping_it_while_connecting_ends_it_without_an_open() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/echo").url, handler).expect("a url");
    ws.send("never").expect("it waits");
    drop(ws);
    assert_eq!(record.now(), ending("", 0), "nothing comes inside of a drop");
    assert_eq!(record.ended().await, ending("terminate", 1006));
}

#[wasm_bindgen_test]
async fn dropping_it_after_the_end_does_nothing() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/close?code=3001&reason=bye").url, handler).expect("a url");
    assert_eq!(record.ended().await, ending("open terminate", 3001));
    assert_eq!(ws.status(), Status::Closed);
    drop(ws);
    assert_eq!(record.now(), ending("open terminate", 3001));
}

/// The callbacks of a connection, which its application drops in one of them.
async fn dropped_in(callback: &'static str, url: &str) -> (String, u16) {
    let slot = Rc::new(RefCell::new(None::<WebSocket>));
    let own = slot.clone();
    let (handler, record) = Recorder::new();
    let handler = handler.then(callback, move |_| drop(own.take()));
    *slot.borrow_mut() = Some(WebSocket::new(url, handler).expect("a url"));
    let ended = record.ended().await;
    assert!(slot.borrow().is_none(), "{callback} did not come");
    ended
}

#[wasm_bindgen_test]
async fn it_may_be_dropped_in_every_callback() {
    let messages = Address::new("/text?data=hello&count=3");
    assert_eq!(dropped_in("open", &messages.url).await, ending("open terminate", 1000));
    let messages = Address::new("/text?data=hello&count=3");
    assert_eq!(dropped_in("message", &messages.url).await, ending("open message terminate", 1000));
    assert_eq!(dropped_in("error", REFUSED).await, ending("error terminate", 1006));
    assert_eq!(dropped_in("terminate", REFUSED).await, ending("error terminate", 1006));
}

#[wasm_bindgen_test]
async fn a_detached_connection_lives_until_its_end() {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let handler = handler.then("message", |ws| {
        let _ = ws.send("again");
    });
    let ws = WebSocket::new(&address.url, handler).expect("a url");
    ws.send("first").expect("it waits");
    ws.detach();
    assert_eq!(&record.texts(3).await[..3], ["first", "again", "again"]);
    assert!(!record.is_dropped.get(), "an open connection keeps its handler");
    // The server has to end it on request, because nobody owns the connection any more.
    let (handler, record) = Recorder::new();
    WebSocket::new(&Address::new("/close?code=3002&after=0").url, handler).expect("a url").detach();
    assert_eq!(record.ended().await, ending("open terminate", 3002));
}

#[wasm_bindgen_test]
async fn one_in_an_rc_is_terminated_by_the_last_that_drops_it() {
    let (handler, record) = Recorder::new();
    let one = Rc::new(WebSocket::new(&Address::new("/echo").url, handler).expect("a url"));
    let other = one.clone();
    one.send("one").expect("it waits");
    drop(one);
    other.send("other").expect("it waits");
    assert_eq!(record.texts(2).await, ["one", "other"]);
    drop(other);
    assert_eq!(record.ended().await, ending("open message message terminate", 1000));
}

#[wasm_bindgen_test]
async fn the_handler_is_dropped_after_every_kind_of_end() {
    // `ended` waits until the handler is dropped.
    for (path, calls, code) in [
        ("/close?code=1000", "open terminate", 1000),
        ("/close", "open terminate", 1005),
        ("/fin", "open error terminate", 1006),
        ("/status/401", "error terminate", 1006),
    ] {
        let (handler, record) = Recorder::new();
        let ws = WebSocket::new(&Address::new(path).url, handler).expect("a url");
        assert_eq!(record.ended().await, ending(calls, code), "{path}");
        assert_eq!(ws.status(), Status::Closed, "{path}");
    }
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/silent").url, handler).expect("a url");
    record.until(|record| !record.calls.borrow().is_empty()).await;
    drop(ws);
    assert_eq!(record.ended().await, ending("open terminate", 1006), "after the close timeout");
}

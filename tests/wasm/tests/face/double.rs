//! A double in the place of the host's class. It dispatches each event inside the call that causes it.

use core::arch::wasm32::memory_size;
use std::cell::RefCell;
use std::rc::Rc;

use fourd_websocket::{CloseCode, ConnectionHandler, ErrCode, Status, WebSocket};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::recorder::{Recorder, ending};

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    #[wasm_bindgen(js_name = replaceHostClass)]
    fn replace_host_class();
    #[wasm_bindgen(js_name = replaceHostClassByThrowing)]
    fn replace_host_class_by_one_that_throws();
    #[wasm_bindgen(js_name = restoreHostClass)]
    fn restore_host_class();
    pub fn open();
    fn receive(data: &str);
    pub fn fail();
    #[wasm_bindgen(js_name = uncaughtIn)]
    pub async fn uncaught_in(act: &JsValue) -> JsValue;
}

/// Replaces the host's class by the double until this is dropped.
pub struct Double;

impl Double {
    pub fn new() -> Self {
        replace_host_class();
        Self
    }

    fn that_throws() -> Self {
        replace_host_class_by_one_that_throws();
        Self
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        restore_host_class();
    }
}

pub const URL: &str = "ws://double/";

#[wasm_bindgen_test]
fn a_callback_may_come_inside_of_another() {
    let _double = Double::new();
    let (handler, record) = Recorder::new();
    let count = record.clone();
    let handler = handler.then("message", move |ws| {
        let messages = count.messages.borrow().len();
        if messages < 20 {
            ws.send(messages.to_string()).expect("it is open");
        } else {
            ws.terminate(CloseCode::NORMAL, "enough").expect("a reason");
        }
    });
    let ws = WebSocket::new(URL, handler).expect("a double");
    open();
    // Nineteen more callbacks are called inside the first one, and `on_terminate` inside the last.
    ws.send("0").expect("it is open");
    assert_eq!(record.now(), ending(&format!("open{} terminate", " message".repeat(20)), 1000));
    assert!(record.is_dropped.get(), "the handler is there after the outermost callback has returned");
    assert_eq!(record.end.borrow().as_ref().map(|event| event.reason.clone()), Some("enough".into()));
    assert_eq!(ws.send("late").map_err(|error| error.code()), Err(ErrCode::NotOpen));
}

/// The callbacks of a connection whose application drops it in one of them.
fn dropped_in(callback: &'static str, act: impl Fn()) -> String {
    let _double = Double::new();
    let slot = Rc::new(RefCell::new(None::<WebSocket>));
    let (handler, record) = Recorder::new();
    let own = slot.clone();
    let handler = handler.then(callback, move |ws| {
        drop(own.take());
        assert!(ws.status() >= Status::Closing, "{:?} after the drop", ws.status());
        assert_eq!(ws.send("late").map_err(|error| error.code()), Err(ErrCode::NotOpen));
        ws.terminate(CloseCode::NORMAL, "again").expect("nothing to be done");
    });
    *slot.borrow_mut() = Some(WebSocket::new(URL, handler).expect("a double"));
    act();
    assert!(slot.borrow().is_none(), "{callback} did not come");
    assert!(record.is_dropped.get(), "the handler is there after the end");
    record.now().0
}

#[wasm_bindgen_test]
fn it_may_be_dropped_in_on_open() {
    assert_eq!(dropped_in("open", open), "open terminate");
}

#[wasm_bindgen_test]
fn it_may_be_dropped_in_on_message() {
    let act = || {
        open();
        receive("the first");
        receive("too late");
    };
    assert_eq!(dropped_in("message", act), "open message terminate");
}

#[wasm_bindgen_test]
fn it_may_be_dropped_in_on_error() {
    assert_eq!(dropped_in("error", fail), "error terminate");
}

#[wasm_bindgen_test]
fn it_may_be_dropped_in_on_terminate() {
    assert_eq!(dropped_in("terminate", fail), "error terminate");
}

#[wasm_bindgen_test]
fn a_handler_that_holds_its_own_connection_is_freed() {
    struct Owner {
        ws: RefCell<Option<WebSocket>>,
        _alive: Rc<()>,
    }

    impl ConnectionHandler for Owner {}

    let _double = Double::new();
    let alive = Rc::new(());
    let owner = Rc::new(Owner { ws: RefCell::new(None), _alive: alive.clone() });
    *owner.ws.borrow_mut() = Some(WebSocket::new(URL, owner.clone()).expect("a double"));
    drop(owner);
    open();
    assert_eq!(Rc::strong_count(&alive), 2, "an open connection keeps its handler");
    fail();
    assert_eq!(Rc::strong_count(&alive), 1, "nothing keeps the handler after the end");
}

#[wasm_bindgen_test]
fn ten_thousand_connections_leave_nothing() {
    let _double = Double::new();
    let alive = Rc::new(());
    let exchange = || {
        let kept = alive.clone();
        let (handler, record) = Recorder::new();
        let handler = handler.then("message", move |ws| {
            let _ = (&kept, ws.terminate(CloseCode::NORMAL, "bye"));
        });
        let ws = WebSocket::new(URL, handler).expect("a double");
        ws.send("hello").expect("it waits");
        open();
        assert_eq!(record.now(), ending("open message terminate", 1000));
        assert!(record.is_dropped.get());
    };
    // The first connections allocate the memory that the others reuse.
    for _ in 0..100 {
        exchange();
    }
    let before = memory_size::<0>();
    for _ in 0..10_000 {
        exchange();
    }
    assert_eq!(memory_size::<0>(), before, "pages of wasm memory");
    assert_eq!(Rc::strong_count(&alive), 1, "handlers that are left");
}

#[wasm_bindgen_test]
fn a_host_that_refuses_is_the_cause() {
    let _double = Double::that_throws();
    let (handler, record) = Recorder::new();
    let error = WebSocket::new(URL, handler).expect_err("the class throws");
    assert_eq!(error.code(), ErrCode::HostRefused);
    let cause = error.cause().map(|cause| format!("{cause:?}")).unwrap_or_default();
    assert!(cause.contains("no more sockets"), "{cause}");
    assert!(record.is_dropped.get(), "the handler of a connection that is none is there");
}

#[wasm_bindgen_test]
async fn a_callback_that_panics_surfaces_and_the_connection_goes_on() {
    let _double = Double::new();
    let (handler, record) = Recorder::new();
    let handler = handler.then("open", |_| panic!("in on_open"));
    let ws = WebSocket::new(URL, handler).expect("a double");
    let error = uncaught_in(&Closure::<dyn Fn()>::new(open).into_js_value()).await;
    assert!(error.as_string().unwrap_or_default().to_lowercase().contains("unreachable"), "{error:?}");
    receive("still there");
    ws.terminate(CloseCode::NORMAL, "").expect("a code");
    assert_eq!(record.now(), ending("open message terminate", 1000));
    assert!(record.is_dropped.get());
}

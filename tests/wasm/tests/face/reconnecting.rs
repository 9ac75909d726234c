//! A reconnecting connection.

use std::cell::{Cell, RefCell};
use std::future;
use std::rc::Rc;
use std::time::Duration;

use fourd_websocket::{
    CloseCode, ConnectionHandler, Endpoint, ErrCode, ErrorEvent, Message, ReconnectingHandler, ReconnectingStatus,
    ReconnectingWebSocket, Retry, RetrySettings, StopEvent, TerminateEvent, WebSocket,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{AbortSignal, Blob};

use super::double::{Double, URL, fail, open, uncaught_in};
use super::journal::{Journal, Reporter};
use super::{Address, REFUSED, turns};

#[wasm_bindgen(module = "/src/crate.js")]
extern "C" {
    /// Sets whether the host reports a network, and notifies its listeners, until [`restore_network`].
    #[wasm_bindgen(js_name = setNetwork)]
    fn set_network(is_online: bool);
    #[wasm_bindgen(js_name = restoreNetwork)]
    fn restore_network();
    /// The number of listeners for the network.
    #[wasm_bindgen(js_name = networkListeners)]
    fn network_listeners() -> usize;
}

const HOUR: Duration = Duration::from_secs(3600);

/// A source that returns these urls in turn, and then always the last.
fn in_turn<const N: usize>(urls: [String; N]) -> impl AsyncFn(u32, AbortSignal) -> Result<String, String> + 'static {
    let asked = Cell::new(0);
    async move |_: u32, _: AbortSignal| {
        let at = asked.replace(asked.get() + 1);
        Ok(urls[at.min(N - 1)].clone())
    }
}

/// Waits until a connection is being opened, for which there is no callback.
async fn opening(socket: &ReconnectingWebSocket) {
    for _ in 0..1000 {
        if socket.current().is_some() {
            return;
        }
        turns(1).await;
    }
    panic!("no connection is opened");
}

fn texts(stop: &StopEvent) -> Vec<String> {
    stop.unsent.iter().map(|message| message.text().expect("a text")).collect()
}

#[wasm_bindgen_test]
async fn after_a_connection_comes_another() {
    let (handler, journal) = Reporter::new();
    let (first, second) = (Address::new("/close?code=4000&reason=bye"), Address::new("/echo"));
    let socket = ReconnectingWebSocket::new(in_turn([first.url, second.url]), handler).expect("a source");
    assert_eq!((socket.status(), socket.current().is_none()), (ReconnectingStatus::Connecting, true));
    journal.called("open", 2).await;
    {
        let retries = journal.retries.borrow();
        let retry = &retries[0];
        assert_eq!((retry.attempt, retry.code, retry.reason.as_str(), retry.was_clean), (1, 4000, "bye", true));
        assert_eq!((retry.delay, retry.errors.len(), retry.waiting), (Duration::ZERO, 0, 0));
    }
    assert_eq!(socket.status(), ReconnectingStatus::Connected);
    socket.send("hello").expect("it is open");
    journal.called("message", 1).await;
    socket.terminate(CloseCode::from_u16(4001).expect("a code"), "enough").expect("a reason");
    assert_eq!(socket.status(), ReconnectingStatus::Closing);
    let (calls, stop) = journal.stopped().await;
    assert_eq!(calls, "open terminate retry open message terminate stop");
    assert_eq!((stop.code, stop.reason.as_str(), stop.was_clean, stop.attempts), (4001, "enough", true, 2));
    assert_eq!(socket.status(), ReconnectingStatus::Closed);
    assert_eq!(socket.send("late").expect_err("it is over").code(), ErrCode::NotOpen);
}

#[wasm_bindgen_test]
async fn attempts_in_a_row_that_fail_end_it() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| {
        retry.max_attempts = Some(3);
        retry.first_delay = Duration::from_millis(8);
        retry.max_delay = Duration::from_millis(9);
    });
    let socket = ReconnectingWebSocket::new(REFUSED, handler).expect("a url");
    let (calls, stop) = journal.stopped().await;
    assert_eq!(calls, "error terminate retry error terminate retry error terminate stop");
    assert_eq!((stop.attempts, stop.code, stop.was_clean), (3, 1006, false));
    assert_eq!(stop.errors[0].code, ErrCode::NotOpened);
    let retries = journal.retries.borrow();
    assert_eq!([retries[0].attempt, retries[1].attempt], [1, 2]);
    assert!(retries.iter().all(|retry| retry.errors[0].code == ErrCode::NotOpened));
    assert!(retries[0].delay < Duration::from_millis(8) && retries[1].delay < Duration::from_millis(9));
    drop(socket);
}

#[wasm_bindgen_test]
async fn on_retry_can_stop_it() {
    let (handler, journal) = Reporter::new();
    let handler = handler.decide(|_, event| if event.code == 4401 { Retry::Stop } else { Retry::AfterDelay });
    let urls = [Address::new("/close?code=4000").url, Address::new("/close?code=4401&reason=token").url];
    let _socket = ReconnectingWebSocket::new(in_turn(urls), handler).expect("a source");
    let (calls, stop) = journal.stopped().await;
    assert_eq!(calls, "open terminate retry open terminate retry stop");
    assert_eq!((stop.code, stop.reason.as_str(), stop.attempts), (4401, "token", 2));
}

#[wasm_bindgen_test]
async fn attempts_are_counted_from_the_last_connection_that_was_stable() {
    for (stable_after, expected) in [(Duration::ZERO, [0, 1, 1, 1]), (HOUR, [0, 1, 2, 3])] {
        let (handler, journal) = Reporter::new();
        let handler = handler.with(|retry| retry.stable_after = stable_after);
        let handler = handler.decide(|_, event| match event.waiting {
            _ if event.attempt > 3 => Retry::Stop,
            _ => Retry::AfterDelay,
        });
        let (asked, own) = (Rc::new(RefCell::new(Vec::new())), journal.clone());
        let list = asked.clone();
        let url = Address::new("/close?code=1000").url;
        let source = async move |attempt: u32, _: AbortSignal| {
            list.borrow_mut().push(attempt);
            own.note("ask");
            Ok::<_, String>(url.clone())
        };
        let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
        journal.called("ask", 4).await;
        assert_eq!(asked.borrow()[..4], expected);
        drop(socket);
        journal.stopped().await;
    }
}

#[wasm_bindgen_test]
async fn a_source_that_fails_is_an_attempt_that_failed() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.max_attempts = Some(2));
    let source = async |_: u32, _: AbortSignal| Err::<String, _>("no ticket");
    let _socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.attempts, stop.code), ("retry stop", 2, 1006));
    let codes: Vec<_> = stop.errors.iter().map(|entry| entry.code).collect();
    assert_eq!(codes, [ErrCode::Source, ErrCode::HostMessage]);
    assert_eq!(stop.errors[1].message, "no ticket");
    assert_eq!(stop.errors[0].message, "there is no url to connect to: the source failed");
}

/// Records its drop.
struct Guard(Rc<Journal>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.note("ask");
    }
}

/// An exception skips the destructors of a future that runs, and the future does not know what it had moved.
#[wasm_bindgen_test]
async fn a_source_that_throws_after_an_await_drops_nothing_twice() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.max_attempts = Some(1));
    let own = journal.clone();
    let source = async move |_: u32, _: AbortSignal| -> Result<String, String> {
        let guard = Guard(own.clone());
        turns(1).await;
        drop(guard);
        wasm_bindgen::throw_str("thrown after an await")
    };
    let _socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.attempts), ("ask stop", 1));
    assert_eq!(stop.errors[1].message, "thrown after an await");
}

#[wasm_bindgen_test]
async fn a_source_that_hangs_is_aborted_and_has_failed() {
    let (mut handler, journal) = Reporter::new();
    handler.timeout = Some(Duration::from_millis(20));
    let handler = handler.with(|retry| retry.max_attempts = Some(1));
    let (signals, own) = (Rc::new(RefCell::new(Vec::new())), journal.clone());
    let list = signals.clone();
    let source = async move |_: u32, signal: AbortSignal| {
        list.borrow_mut().push(signal);
        let _guard = Guard(own.clone());
        future::pending::<Result<String, String>>().await
    };
    let _socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    let (calls, stop) = journal.stopped().await;
    assert_eq!(calls, "ask stop", "the future is dropped, then all is over");
    assert_eq!(stop.errors[0].code, ErrCode::Source);
    assert!(stop.errors[0].message.ends_with("did not answer within 20 ms"), "{}", stop.errors[0].message);
    assert!(signals.borrow().iter().all(AbortSignal::aborted));
}

#[wasm_bindgen_test]
async fn what_no_retry_can_help_stops_it() {
    let (handler, journal) = Reporter::new();
    let source = async |_: u32, _: AbortSignal| Ok::<_, String>("https://example.com/");
    let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    socket.send("never").expect("it waits");
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.errors[0].code, stop.attempts), ("stop", ErrCode::Url, 1));
    assert_eq!(texts(&stop), ["never"]);
}

#[wasm_bindgen_test]
fn what_is_wrong_is_said_at_once() {
    let code = |change: fn(&mut RetrySettings)| {
        let handler = Reporter::new().0.with(change);
        ReconnectingWebSocket::new(REFUSED, handler).expect_err("it is wrong")
    };
    let longest = Reporter::new().0.with(|retry| retry.max_delay = Duration::from_millis(2_147_483_647));
    assert!(ReconnectingWebSocket::new(REFUSED, longest).is_ok());
    for error in [
        code(|retry| retry.first_delay = Duration::from_millis(2_147_483_648)),
        code(|retry| retry.max_delay = Duration::MAX),
        code(|retry| retry.stable_after = Duration::MAX),
    ] {
        assert_eq!(error.code(), ErrCode::Duration);
        assert!(error.message().contains("must be a number of milliseconds from 0 to 2147483647"), "{error}");
    }
    assert_eq!(code(|retry| retry.max_attempts = Some(0)).code(), ErrCode::Retry);
    assert_eq!(ReconnectingWebSocket::new("not a url", ()).expect_err("no url").code(), ErrCode::Url);
    let wrong = Endpoint { protocols: Some(vec!["a b".into()]), ..REFUSED.into() };
    assert_eq!(ReconnectingWebSocket::new(wrong, ()).expect_err("no token").code(), ErrCode::Protocols);
}

#[wasm_bindgen_test]
async fn an_endpoint_has_subprotocols_of_its_own() {
    let (handler, journal) = Reporter::new();
    let address = Address::new("/echo");
    let endpoint = Endpoint { protocols: Some(vec!["v2.chat".into()]), ..address.url.as_str().into() };
    let socket = ReconnectingWebSocket::new(endpoint, handler).expect("a url");
    journal.called("open", 1).await;
    assert_eq!(socket.current().expect("it is open").protocol(), "v2.chat");
    drop(socket);
    journal.stopped().await;
    assert_eq!(address.seen().await.header("sec-websocket-protocol").as_deref(), Some("v2.chat"));
}

// --- terminate() ---

/// Terminates, and asserts that no callback is called inside the call.
fn terminate(socket: &ReconnectingWebSocket, journal: &Journal) {
    let before = journal.calls.borrow().clone();
    socket.terminate(CloseCode::NORMAL, "").expect("no reason");
    assert_eq!((socket.status(), &*journal.calls.borrow()), (ReconnectingStatus::Closing, &before));
    socket.terminate(CloseCode::NORMAL, "again").expect("it does nothing");
    socket.retry_now();
    assert_eq!(socket.status(), ReconnectingStatus::Closing);
    assert_eq!(socket.send("late").expect_err("it is ending").code(), ErrCode::NotOpen);
}

#[wasm_bindgen_test]
async fn terminate_before_the_source_is_asked() {
    let (handler, journal) = Reporter::new();
    let own = journal.clone();
    let source = async move |_: u32, _: AbortSignal| {
        own.note("ask");
        Ok::<_, String>(REFUSED)
    };
    let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    terminate(&socket, &journal);
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.attempts, stop.code), ("stop", 0, 1006));
}

#[wasm_bindgen_test]
async fn terminate_while_the_source_is_asked() {
    let (handler, journal) = Reporter::new();
    let own = journal.clone();
    let aborted = Rc::new(RefCell::new(None));
    let signals = aborted.clone();
    let source = async move |_: u32, signal: AbortSignal| {
        *signals.borrow_mut() = Some(signal);
        own.note("ask");
        future::pending::<Result<String, String>>().await
    };
    let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    journal.called("ask", 1).await;
    assert_eq!(socket.status(), ReconnectingStatus::Connecting);
    terminate(&socket, &journal);
    assert!(aborted.take().expect("it was asked").aborted());
    assert_eq!(journal.stopped().await.0, "ask stop");
}

#[wasm_bindgen_test]
async fn terminate_inside_of_the_source() {
    let (handler, journal) = Reporter::new();
    let socket = Rc::new(RefCell::new(None::<ReconnectingWebSocket>));
    let (own, log) = (socket.clone(), journal.clone());
    let source = async move |_: u32, _: AbortSignal| {
        terminate(own.borrow().as_ref().expect("it was made"), &log);
        Ok::<_, String>(REFUSED)
    };
    *socket.borrow_mut() = Some(ReconnectingWebSocket::new(source, handler).expect("a source"));
    assert_eq!(journal.stopped().await.0, "stop");
    drop(socket.take());
}

#[wasm_bindgen_test]
async fn terminate_while_a_connection_is_being_opened() {
    let (handler, journal) = Reporter::new();
    let own = journal.clone();
    let url = Address::new("/stall").url;
    let source = async move |_: u32, _: AbortSignal| {
        own.note("ask");
        Ok::<_, String>(url.clone())
    };
    let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    socket.send("never").expect("it waits");
    opening(&socket).await;
    terminate(&socket, &journal);
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.code), ("ask terminate stop", 1006));
    assert_eq!(texts(&stop), ["never"]);
}

#[wasm_bindgen_test]
async fn terminate_in_a_callback_of_the_connection() {
    for callback in ["open", "message", "error", "terminate"] {
        let (handler, journal) = Reporter::new();
        let slot = Rc::new(RefCell::new(None::<ReconnectingWebSocket>));
        let (own, log) = (slot.clone(), journal.clone());
        let handler = handler.then(callback, move |_| terminate(own.borrow().as_ref().expect("it was made"), &log));
        let url = if callback == "error" { REFUSED.into() } else { Address::new("/text?data=a&count=1").url };
        let socket = ReconnectingWebSocket::new(url.as_str(), handler).expect("a url");
        *slot.borrow_mut() = Some(socket);
        if callback == "terminate" {
            journal.called("message", 1).await;
            let current = slot.borrow().as_ref().and_then(ReconnectingWebSocket::current).expect("it is open");
            current.terminate(CloseCode::NORMAL, "").expect("no reason");
            assert_eq!(slot.borrow().as_ref().expect("it is there").status(), ReconnectingStatus::Waiting);
        }
        let (calls, _) = journal.stopped().await;
        assert!(!calls.contains("retry") && calls.ends_with("terminate stop"), "{callback}: {calls}");
        drop(slot.take());
    }
}

#[wasm_bindgen_test]
async fn terminate_where_the_server_does_not_answer() {
    let (handler, journal) = Reporter::new();
    let socket = ReconnectingWebSocket::new(Address::new("/silent").url, handler).expect("a url");
    journal.called("open", 1).await;
    terminate(&socket, &journal);
    let (calls, stop) = journal.stopped().await;
    assert_eq!((calls.as_str(), stop.code), ("open terminate stop", 1006));
}

#[wasm_bindgen_test]
async fn terminate_overrides_what_on_retry_answers() {
    for answer in [Retry::AfterDelay, Retry::After(HOUR), Retry::Stop] {
        let (handler, journal) = Reporter::new();
        let log = journal.clone();
        let handler = handler.decide(move |socket, _| {
            terminate(socket, &log);
            answer
        });
        let _socket = ReconnectingWebSocket::new(REFUSED, handler).expect("a url");
        assert_eq!(journal.stopped().await.0, "error terminate retry stop");
    }
}

#[wasm_bindgen_test]
async fn terminate_while_waiting() {
    let (handler, journal) = Reporter::new();
    let socket = ReconnectingWebSocket::new(REFUSED, handler.decide(|_, _| Retry::After(HOUR))).expect("a url");
    journal.called("retry", 1).await;
    assert_eq!((socket.status(), socket.current().is_none()), (ReconnectingStatus::Waiting, true));
    terminate(&socket, &journal);
    assert_eq!(journal.stopped().await.0, "error terminate retry stop");
}

#[wasm_bindgen_test]
async fn terminate_in_on_stop_and_after_it_does_nothing() {
    struct Last(Reporter);

    impl ConnectionHandler for Last {
        fn on_error(&self, ws: &WebSocket, event: ErrorEvent) {
            self.0.on_error(ws, event);
        }

        fn on_terminate(&self, ws: &WebSocket, event: TerminateEvent) {
            self.0.on_terminate(ws, event);
        }
    }

    impl ReconnectingHandler for Last {
        fn on_stop(&self, socket: &ReconnectingWebSocket, event: StopEvent) {
            socket.terminate(CloseCode::NORMAL, "").expect("it does nothing");
            socket.retry_now();
            assert_eq!(socket.send("late").expect_err("it is over").code(), ErrCode::NotOpen);
            self.0.on_stop(socket, event);
        }

        fn retry(&self) -> RetrySettings {
            RetrySettings { max_attempts: Some(1), ..RetrySettings::default() }
        }
    }

    let (handler, journal) = Reporter::new();
    let socket = ReconnectingWebSocket::new(REFUSED, Last(handler)).expect("a url");
    assert_eq!(journal.stopped().await.0, "error terminate stop");
    socket.terminate(CloseCode::NORMAL, "").expect("it does nothing");
    let long = "x".repeat(124);
    assert_eq!(socket.terminate(CloseCode::NORMAL, &long).expect_err("long").code(), ErrCode::CloseReason);
    assert_eq!(socket.status(), ReconnectingStatus::Closed);
}

#[wasm_bindgen_test]
async fn dropping_it_terminates_it_and_detaching_does_not() {
    let (handler, journal) = Reporter::new();
    drop(ReconnectingWebSocket::new(Address::new("/echo").url, handler).expect("a url"));
    assert_eq!(journal.stopped().await.0, "stop");
    let (handler, journal) = Reporter::new();
    let handler = handler.decide(|_, event| if event.attempt < 3 { Retry::AfterDelay } else { Retry::Stop });
    ReconnectingWebSocket::new(REFUSED, handler).expect("a url").detach();
    let calls = journal.stopped().await.0;
    assert_eq!(calls, "error terminate retry error terminate retry error terminate retry stop");
}

// --- Messages ---

#[wasm_bindgen_test]
async fn messages_wait_for_the_connection_whichever_it_is() {
    let (handler, journal) = Reporter::new();
    let handler = handler.then("open", |ws| ws.send("open").expect("it is open"));
    let handler = handler.decide(|socket, event| {
        assert_eq!(event.waiting, 2);
        socket.send("three").expect("it waits");
        Retry::AfterDelay
    });
    let address = Address::new("/echo");
    let socket = ReconnectingWebSocket::new(in_turn([REFUSED.into(), address.url.clone()]), handler).expect("a source");
    socket.send("one").expect("it waits");
    socket.send("two").expect("it waits");
    assert_eq!(socket.buffered_amount(), 6);
    journal.called("message", 4).await;
    assert_eq!(*journal.texts.borrow(), ["one", "two", "three", "open"]);
    assert!(!journal.errors.borrow()[0].errors[0].message.contains("not sent"), "they wait for another connection");
    socket.send("last").expect("it is open");
    drop(socket);
    assert_eq!(texts(&journal.stopped().await.1), [""; 0]);
    let messages = address.seen().await.messages();
    assert_eq!(messages, ["text one", "text two", "text three", "text open", "text last"]);
}

#[wasm_bindgen_test]
async fn no_more_waits_than_may() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.max_waiting = 6).decide(|_, _| Retry::After(HOUR));
    let socket = ReconnectingWebSocket::new(REFUSED, handler).expect("a url");
    let too_much = |text: &str| socket.send(text).expect_err("it is too much");
    assert_eq!(too_much("seven77").code(), ErrCode::TooMuchWaiting);
    socket.send("fours").expect("it may wait");
    socket.send("").expect("it counts as one byte");
    for text in ["", "x"] {
        let error = too_much(text);
        assert_eq!(error.code(), ErrCode::TooMuchWaiting);
        assert!(error.message().contains(" 6 bytes"), "{error}");
    }
    // The limit also applies while the socket waits for the next attempt.
    journal.called("retry", 1).await;
    assert_eq!(too_much("").code(), ErrCode::TooMuchWaiting);
    assert_eq!(journal.retries.borrow()[0].waiting, 2);
    socket.send(JsValue::from(5)).expect_err("no message");
    drop(socket);
    assert_eq!(texts(&journal.stopped().await.1), ["fours", ""]);
}

#[wasm_bindgen_test]
async fn what_never_left_is_told_as_it_was_passed() {
    let (handler, journal) = Reporter::new();
    let object = web_sys::js_sys::Object::new();
    let socket = ReconnectingWebSocket::new(REFUSED, handler.decide(|_, _| Retry::Stop)).expect("a url");
    socket.send(JsValue::from(object.clone())).expect("it waits");
    let (_, stop) = journal.stopped().await;
    let unsent: Vec<_> = stop.unsent.iter().map(Message::data).collect();
    assert_eq!(unsent, [&JsValue::from(object)]);
}

/// Messages behind a `Blob` when the connection breaks are sent on the next connection.
#[wasm_bindgen_test]
async fn what_waited_in_a_connection_goes_to_the_next() {
    let double = Double::new();
    let (handler, journal) = Reporter::new();
    let socket = ReconnectingWebSocket::new(URL, handler).expect("a url");
    opening(&socket).await;
    open();
    let blob = Blob::new().expect("an empty one");
    socket.send(blob).expect("it is open");
    socket.send("behind it").expect("it is open");
    fail();
    assert_eq!((socket.status(), journal.retries.borrow()[0].waiting), (ReconnectingStatus::Waiting, 2));
    assert!(!journal.errors.borrow()[0].errors[0].message.contains("not sent"), "they wait");
    socket.send("newer").expect("it waits");
    opening(&socket).await;
    open();
    journal.called("message", 3).await;
    assert_eq!(*journal.texts.borrow(), ["", "behind it", "newer"]);
    drop((socket, double));
    journal.stopped().await;
}

#[wasm_bindgen_test]
async fn what_cannot_be_sent_at_all_is_not_carried_over() {
    let double = Double::new();
    let (handler, journal) = Reporter::new();
    let socket = ReconnectingWebSocket::new(URL, handler).expect("a url");
    opening(&socket).await;
    let broken = Blob::new().expect("an empty one");
    let refuse = Closure::<dyn Fn() -> Result<JsValue, JsValue>>::new(|| Err("broken".into()));
    web_sys::js_sys::Reflect::set(&broken, &"arrayBuffer".into(), refuse.as_ref()).expect("it can be set");
    socket.send(broken.clone()).expect("it waits");
    socket.send("behind it").expect("it waits");
    open();
    journal.called("retry", 1).await;
    assert_eq!(journal.errors.borrow()[0].errors[0].code, ErrCode::Unsendable);
    opening(&socket).await;
    open();
    journal.called("message", 1).await;
    assert_eq!(*journal.texts.borrow(), ["behind it"]);
    drop((socket, double));
    let (_, stop) = journal.stopped().await;
    assert_eq!(stop.unsent[0].data(), &JsValue::from(broken));
}

// --- Waits ---

#[wasm_bindgen_test]
async fn retry_now_ends_a_wait() {
    let (handler, journal) = Reporter::new();
    let handler = handler.decide(|_, _| Retry::After(HOUR));
    let urls = [REFUSED.into(), Address::new("/echo").url];
    let socket = ReconnectingWebSocket::new(in_turn(urls), handler).expect("a source");
    socket.retry_now();
    journal.called("retry", 1).await;
    socket.retry_now();
    assert_eq!(socket.status(), ReconnectingStatus::Connecting);
    journal.called("open", 1).await;
    socket.retry_now();
    assert_eq!(socket.status(), ReconnectingStatus::Connected);
}

#[wasm_bindgen_test]
async fn retry_now_inside_of_on_retry_is_no_wait() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.first_delay = HOUR).with(|retry| retry.max_delay = HOUR);
    let handler = handler.decide(|socket, _| {
        socket.retry_now();
        assert_eq!(socket.status(), ReconnectingStatus::Waiting);
        Retry::AfterDelay
    });
    let urls = [REFUSED.into(), Address::new("/echo").url];
    let _socket = ReconnectingWebSocket::new(in_turn(urls), handler).expect("a source");
    journal.called("open", 1).await;
}

#[wasm_bindgen_test]
async fn a_wait_that_is_too_long_surfaces_and_the_delay_holds() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.max_attempts = Some(2)).decide(|_, _| Retry::After(Duration::MAX));
    let handler = Cell::new(Some(handler));
    let act = Closure::<dyn Fn()>::new(move || {
        let handler = handler.take().expect("it is called once");
        ReconnectingWebSocket::new(REFUSED, handler).expect("a url").detach();
    });
    let uncaught = uncaught_in(act.as_ref()).await.as_string().unwrap_or_default();
    assert!(uncaught.contains("handler.retry must be an object"), "{uncaught}");
    assert_eq!(journal.stopped().await.0, "error terminate retry error terminate stop");
}

#[wasm_bindgen_test]
async fn what_on_retry_throws_surfaces_and_the_delay_holds() {
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| retry.max_attempts = Some(2)).decide(|_, _| {
        wasm_bindgen::throw_str("thrown in on_retry");
    });
    let handler = Cell::new(Some(handler));
    let act = Closure::<dyn Fn()>::new(move || {
        let handler = handler.take().expect("it is called once");
        ReconnectingWebSocket::new(REFUSED, handler).expect("a url").detach();
    });
    let uncaught = uncaught_in(act.as_ref()).await.as_string().unwrap_or_default();
    assert!(uncaught.contains("thrown in on_retry"), "{uncaught}");
    journal.called("stop", 1).await;
}

/// Controls the network that the host reports, until this is dropped.
struct Network;

impl Network {
    fn new() -> Self {
        set_network(false);
        Self
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        restore_network();
    }
}

#[wasm_bindgen_test]
async fn a_retry_waits_for_the_network() {
    let network = Network::new();
    let (handler, journal) = Reporter::new();
    // The wait for the network is limited by the maximum delay, an hour.
    let handler = handler.with(|retry| retry.max_delay = HOUR);
    let own = journal.clone();
    let source = async move |_: u32, _: AbortSignal| {
        own.note("ask");
        Err::<String, _>("nothing")
    };
    let socket = ReconnectingWebSocket::new(source, handler).expect("a source");
    journal.called("retry", 1).await;
    assert_eq!(network_listeners(), 1, "it listens while it waits");
    // A delay of zero would end within these tasks. The wait for the network does not.
    turns(20).await;
    assert_eq!(journal.calls.borrow().join(" "), "ask retry", "the first attempt does not ask, the second waits");
    set_network(true);
    journal.called("ask", 2).await;
    drop(socket);
    journal.stopped().await;
    assert_eq!(network_listeners(), 0);
    drop(network);
}

#[wasm_bindgen_test]
async fn this_machine_needs_no_network() {
    let _network = Network::new();
    let (handler, journal) = Reporter::new();
    let handler = handler.with(|retry| {
        retry.max_delay = HOUR;
        retry.max_attempts = Some(2);
    });
    let _socket = ReconnectingWebSocket::new(REFUSED, handler).expect("a url");
    journal.stopped().await;
}

#[wasm_bindgen_test]
async fn a_thousand_at_once_leave_nothing_behind() {
    let network = Network::new();
    set_network(true);
    let journals: Vec<_> = (0..1000)
        .map(|at| {
            let (handler, journal) = Reporter::new();
            let handler = handler.decide(|_, _| Retry::After(HOUR));
            let source = async move |_: u32, _: AbortSignal| match at % 2 {
                0 => Err("nothing"),
                _ => future::pending::<Result<String, &str>>().await,
            };
            (ReconnectingWebSocket::new(source, handler).expect("a source"), journal)
        })
        .collect();
    for (_, journal) in journals.iter().step_by(2) {
        journal.called("retry", 1).await;
    }
    assert_eq!(network_listeners(), 500);
    for (socket, journal) in journals {
        drop(socket);
        // `stopped` waits until the handler is dropped.
        journal.stopped().await;
    }
    assert_eq!(network_listeners(), 0);
    drop(network);
}

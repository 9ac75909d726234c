//! The errors of calls.

use std::time::Duration;

use fourd_websocket::{CloseCode, ConnectionHandler, ErrCode, Error, WebSocket};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::js_sys::{self, Reflect};

use super::recorder::{Recorder, ending};
use super::{Address, REFUSED};

/// A handler with one invalid setting, with which no connection opens.
#[derive(Default)]
struct Wrong {
    headers: Vec<(String, String)>,
    protocols: Vec<String>,
    close_timeout: Duration,
}

impl Wrong {
    fn header(name: &str, value: &str) -> Self {
        Self { headers: vec![(name.into(), value.into())], ..Self::default() }
    }

    fn protocols(protocols: &[&str]) -> Self {
        Self { protocols: protocols.iter().copied().map(String::from).collect(), ..Self::default() }
    }
}

impl ConnectionHandler for Wrong {
    fn headers(&self) -> Vec<(String, String)> {
        self.headers.clone()
    }

    fn protocols(&self) -> Vec<String> {
        self.protocols.clone()
    }

    fn close_timeout(&self) -> Duration {
        self.close_timeout
    }
}

fn refused(url: &str, handler: Wrong) -> Error {
    WebSocket::new(url, handler).expect_err("something is wrong")
}

#[wasm_bindgen_test]
fn what_is_wrong_makes_new_fail_and_says_so() {
    let late = Wrong { close_timeout: Duration::from_millis(2_147_483_648), ..Wrong::default() };
    for (error, code, parts) in [
        (refused("http://a/", Wrong::default()), ErrCode::Url, &["ws:", "wss:", "http://a/"][..]),
        (refused("/a", Wrong::default()), ErrCode::Url, &["absolute"]),
        (refused("ws://a/#b", Wrong::default()), ErrCode::Url, &["fragment"]),
        (refused(REFUSED, Wrong::header("a b", "")), ErrCode::HeaderName, &["\"a b\""]),
        (refused(REFUSED, Wrong::header("", "")), ErrCode::HeaderName, &["token"]),
        (refused(REFUSED, Wrong::header("X-A", "a\r\nb: c")), ErrCode::HeaderValue, &["X-A"]),
        (refused(REFUSED, Wrong::header("Connection", "a")), ErrCode::HeaderReserved, &["Connection"]),
        (refused(REFUSED, Wrong::protocols(&["a b"])), ErrCode::Protocols, &["\"a b\""]),
        (refused(REFUSED, Wrong::protocols(&["a", ""])), ErrCode::Protocols, &["token"]),
        (refused(REFUSED, Wrong::protocols(&["a", "b", "A"])), ErrCode::ProtocolRepeated, &["twice"]),
        (refused(REFUSED, late), ErrCode::Duration, &["2147483647", "2147483648"]),
    ] {
        assert_eq!(error.code(), code, "{error}");
        for part in parts {
            assert!(error.message().contains(part), "{error} does not say {part}");
        }
        assert_eq!(error.cause(), None);
    }
}

#[wasm_bindgen_test]
fn the_handler_of_what_is_not_opened_is_dropped() {
    let (handler, record) = Recorder::new();
    assert!(WebSocket::new("a", handler).is_err());
    assert!(record.is_dropped.get());
    assert_eq!(record.now(), ending("", 0));
}

#[wasm_bindgen_test]
fn javascript_is_thrown_the_web_socket_error_that_it_knows() {
    let error = refused("a", Wrong::default());
    let (code, text) = (error.code(), error.to_string());
    assert!(format!("{error:?}").contains("code: Url"), "{error:?}");
    let thrown = JsValue::from(error);
    let thrown = thrown.dyn_ref::<js_sys::Error>().expect("an Error");
    let member = |name: &str| Reflect::get(thrown, &name.into()).expect("it has members");
    assert_eq!(member("name"), "WebSocketError");
    assert_eq!(member("message"), text.as_str());
    assert_eq!(member("errCode"), code.number());
    assert_eq!(member("componentSignature"), "4DWS");
}

#[wasm_bindgen_test]
fn a_close_code_is_1000_or_3000_to_4999() {
    for code in 0..=u16::MAX {
        let is_allowed = code == 1000 || (3000..=4999).contains(&code);
        assert_eq!(CloseCode::from_u16(code).map(u16::from), is_allowed.then_some(code));
    }
    assert_eq!(CloseCode::try_from(4999).expect("allowed").get(), 4999);
    let error = CloseCode::try_from(1001).expect_err("not allowed");
    assert_eq!(error.code(), ErrCode::CloseCode);
    assert_eq!(error.message(), "close code must be 1000 or 3000–4999, got 1001");
    assert_eq!(CloseCode::default(), CloseCode::NORMAL);
    assert_eq!(CloseCode::NORMAL.get(), 1000);
}

#[wasm_bindgen_test]
async fn a_reason_has_at_most_123_bytes() {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&address.url, handler).expect("a url");
    record.until(|record| !record.calls.borrow().is_empty()).await;
    for reason in ["x".repeat(124), "€".repeat(42), "𝄞".repeat(31)] {
        let error = ws.terminate(CloseCode::NORMAL, &reason).expect_err("too long");
        assert_eq!(error.code(), ErrCode::CloseReason);
    }
    ws.send("still there").expect("nothing has changed");
    assert_eq!(record.texts(1).await, ["still there"]);
    ws.terminate(CloseCode::NORMAL, &"€".repeat(41)).expect("123 bytes");
    assert_eq!(record.ended().await, ending("open message terminate", 1000));
    assert_eq!(address.seen().await.close(), format!("1000 {}", "€".repeat(41)));
    for reason in ["x".repeat(124), "".into()] {
        let result = ws.terminate(CloseCode::NORMAL, &reason).map_err(|error| error.code());
        assert_eq!(result, if reason.is_empty() { Ok(()) } else { Err(ErrCode::CloseReason) }, "after the end");
    }
}

#[wasm_bindgen_test]
async fn the_debug_output_of_a_connection_shows_no_password() {
    let ws = WebSocket::new("ws://user:secret@127.0.0.1:20777/", ()).expect("a url");
    let output = format!("{ws:?}");
    assert!(output.contains("127.0.0.1:20777") && !output.contains("secret"), "{output}");
}

//! Conversions of messages that are sent and received.

use fourd_websocket::{DataType, ErrCode, Message, WebSocket};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;
use web_sys::js_sys::{Array, ArrayBuffer, Object, Uint8Array};

use super::Address;
use super::recorder::{Recorder, ending};

/// The messages that the server receives, queued and sent immediately.
async fn arrived(messages: impl Fn() -> Vec<Message>) -> Vec<String> {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&address.url, handler.with_data_type(DataType::Blob)).expect("a url");
    let mut sent = 0;
    for _ in 0..2 {
        for message in messages() {
            sent += 1;
            ws.send(message).expect("a message");
        }
        record.until(|record| record.messages.borrow().len() == sent).await;
    }
    drop(ws);
    record.ended().await;
    let seen = address.seen().await.messages();
    assert_eq!(seen[..sent / 2], seen[sent / 2..], "those that waited and those that did not");
    seen[..sent / 2].to_vec()
}

#[wasm_bindgen_test]
async fn text_is_sent_in_text_frames() {
    let owned = String::from("héllo €𝄞");
    let sent = arrived(|| vec!["".into(), "hello".into(), (&owned).into(), owned.clone().into()]).await;
    assert_eq!(sent, ["text ", "text hello", "text héllo €𝄞", "text héllo €𝄞"]);
}

#[wasm_bindgen_test]
async fn a_text_of_any_length_is_received_as_it_was_sent() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/echo").url, handler).expect("a url");
    let mut texts: Vec<String> = [0, 1, 31, 32, 33, 1000].map(|times| "a\u{e9}\u{20ac}\u{1d11e}".repeat(times)).into();
    // ASCII alone, and with one other character at the end or at the start.
    for other in ["", "\u{e9}", "\u{20ac}", "\u{1d11e}"] {
        for ascii in [126, 127, 128, 129, 65_536].map(|times| "a".repeat(times)) {
            texts.extend([format!("{ascii}{other}"), format!("{other}{ascii}")]);
        }
    }
    for text in &texts {
        ws.send(text).expect("it waits");
    }
    assert_eq!(record.texts(texts.len()).await, texts);
}

#[wasm_bindgen_test]
async fn bytes_are_sent_in_binary_frames() {
    let bytes = vec![0, 1, 254, 255];
    let array = || Uint8Array::from(&[7_u8, 8, 9][..]);
    let sent = arrived(|| {
        vec![
            b"".into(),
            b"abc".into(),
            bytes.as_slice().into(),
            (&bytes).into(),
            bytes.clone().into(),
            array().into(),
            array().subarray(1, 2).into(),
            array().buffer().into(),
            ArrayBuffer::new(2).into(),
        ]
    });
    let expected = ["", "616263", "0001feff", "0001feff", "0001feff", "070809", "08", "070809", "0000"];
    assert_eq!(sent.await, expected.map(|hex| format!("binary {hex}")));
}

#[wasm_bindgen_test]
async fn a_blob_is_sent_in_a_binary_frame() {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(&b"abc"[..]))).expect("a Blob");
    assert_eq!(arrived(|| vec![blob.clone().into()]).await, ["binary 616263"]);
}

#[wasm_bindgen_test]
async fn a_value_of_javascript_is_sent_as_javascript_sends_it() {
    let text = JsValue::from("text");
    let list = JsValue::from(Array::of2(&JsValue::from(1), &JsValue::NULL));
    let object = JsValue::from(Object::new());
    let sent = arrived(|| [&text, &list, &object].map(|value| value.clone().into()).into());
    assert_eq!(sent.await, ["text text", "text [1,null]", "text {}"]);
}

#[wasm_bindgen_test]
fn a_value_of_javascript_that_is_no_message_fails() {
    let ws = WebSocket::new(&Address::new("/echo").url, ()).expect("a url");
    for value in [JsValue::UNDEFINED, JsValue::NULL, JsValue::TRUE, 5.into(), JsValue::symbol(None)] {
        assert_eq!(ws.send(value).map_err(|error| error.code()), Err(ErrCode::Message));
    }
    assert_eq!(ws.buffered_amount(), 0);
}

#[wasm_bindgen_test]
async fn a_message_is_what_the_data_type_says() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/echo").url, handler).expect("a url");
    ws.send("[1]").expect("it waits");
    ws.send(b"[2]").expect("it waits");
    assert_eq!(record.texts(2).await, ["[1]", "[2]"]);
    assert!(record.messages.borrow().iter().all(|event| event.blob().is_none()));
    drop(ws);

    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/echo").url, handler.with_data_type(DataType::Blob)).expect("a url");
    ws.send("é").expect("it waits");
    record.until(|record| record.messages.borrow().len() == 1).await;
    let event = record.messages.borrow()[0].clone();
    assert_eq!(event.text(), None);
    let blob = event.blob().expect("the data type is blob").clone();
    assert_eq!(JsFuture::from(blob.text()).await.expect("a text").as_string().as_deref(), Some("é"));
    drop(ws);

    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/echo").url, handler.with_data_type(DataType::Object)).expect("a url");
    ws.send(r#""a string""#).expect("it waits");
    record.until(|record| record.messages.borrow().len() == 1).await;
    let event = record.messages.borrow()[0].clone();
    assert_eq!((event.text(), event.blob().is_none()), (None, true));
    assert_eq!(event.data().as_string().as_deref(), Some("a string"));
    drop(ws);
    record.ended().await;
}

#[wasm_bindgen_test]
async fn a_message_that_is_not_utf_8_ends_the_connection() {
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&Address::new("/binary?hex=ff").url, handler).expect("a url");
    assert_eq!(record.ended().await, ending("open error terminate", 4007));
    let error = record.error.borrow().clone().expect("the error was noted");
    assert_eq!(error.errors[0].code, ErrCode::Undecodable);
    assert_eq!(ws.send("late").map_err(|error| error.code()), Err(ErrCode::NotOpen));
}

//! Messages that serde serializes and deserializes.

use std::collections::BTreeMap;

use fourd_websocket::{DataType, ErrCode, Message, WebSocket};
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::wasm_bindgen_test;

use super::Address;
use super::recorder::{Recorder, ending};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    article: String,
    count: u32,
    note: Option<String>,
    bytes: Vec<u8>,
    prices: BTreeMap<String, f64>,
    state: State,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum State {
    Open,
    Sent { by: String },
}

fn order() -> Order {
    Order {
        article: "tea €".into(),
        count: 3,
        note: None,
        bytes: vec![1, 2],
        prices: [("eur".into(), 4.5)].into(),
        state: State::Sent { by: "ship".into() },
    }
}

#[wasm_bindgen_test]
async fn what_serde_serializes_comes_back_as_it_was() {
    let address = Address::new("/echo");
    let (handler, record) = Recorder::new();
    let ws = WebSocket::new(&address.url, handler.with_data_type(DataType::Object)).expect("a url");
    ws.send(Message::object(&order()).expect("a struct")).expect("it waits");
    record.until(|record| record.messages.borrow().len() == 1).await;
    let list = [State::Open, State::Sent { by: "air".into() }];
    ws.send(Message::object(&list).expect("a list")).expect("it is open");
    ws.send(Message::object(&order().prices).expect("a map")).expect("it is open");
    record.until(|record| record.messages.borrow().len() == 3).await;
    let events = record.messages.borrow().clone();
    assert_eq!(events[0].object::<Order>().expect("an order"), order());
    assert_eq!(events[1].object::<Vec<State>>().expect("a list"), list);
    assert_eq!(events[2].object::<BTreeMap<String, f64>>().expect("a map"), order().prices);
    drop(ws);
    record.ended().await;
    let expected = [
        r#"text {"article":"tea €","count":3,"note":null,"bytes":[1,2],"prices":{"eur":4.5},"state":{"Sent":{"by":"ship"}}}"#,
        r#"text ["Open",{"Sent":{"by":"air"}}]"#,
        r#"text {"eur":4.5}"#,
    ];
    assert_eq!(address.seen().await.messages(), expected);
}

#[wasm_bindgen_test]
fn what_is_no_object_is_no_object_message() {
    let code = |message: Result<Message, fourd_websocket::Error>| message.map(drop).map_err(|error| error.code());
    assert_eq!(code(Message::object(&5)), Err(ErrCode::Message));
    assert_eq!(code(Message::object("text")), Err(ErrCode::Message));
    assert_eq!(code(Message::object(&None::<Order>)), Err(ErrCode::Message));
    assert_eq!(code(Message::object(&State::Open)), Err(ErrCode::Message));
    // JavaScript has no such number.
    let error = Message::object(&[u64::MAX]).expect_err("a number that is too large");
    assert_eq!(error.code(), ErrCode::Message);
    assert!(error.message().contains("18446744073709551615"), "{error}");
    assert!(error.cause().is_some());
}

#[wasm_bindgen_test]
async fn a_message_of_another_form_is_an_error_and_the_connection_goes_on() {
    let (handler, record) = Recorder::new();
    let address = Address::new("/echo");
    let ws = WebSocket::new(&address.url, handler.with_data_type(DataType::Object)).expect("a url");
    ws.send(r#"{"article":"tea"}"#).expect("it waits");
    record.until(|record| record.messages.borrow().len() == 1).await;
    let event = record.messages.borrow()[0].clone();
    let error = event.object::<Order>().expect_err("the count is missing");
    assert_eq!(error.code(), ErrCode::Undecodable);
    assert!(error.message().contains("missing field `count`"), "{error}");
    assert!(error.cause().is_some());
    ws.send("[]").expect("it is open");
    record.until(|record| record.messages.borrow().len() == 2).await;
    drop(ws);
    assert_eq!(record.ended().await, ending("open message message terminate", 1000));
}

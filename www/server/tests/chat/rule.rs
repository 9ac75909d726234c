//! The rules for clients, and what the others see of a client that breaks one.

use std::time::{Duration, Instant};

use chat_server::{Limits, refusal, refusal::Refusal};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::client::{Client, Received, came, said, went};
use crate::picture::GIF;
use crate::server::Running;

/// A frame that is masked with zeros, which leave the payload as it is.
fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short one");
    [&[first_byte, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

fn say(text: &str) -> Message {
    Message::Text(json!({ "kind": "say", "text": text }).to_string().into())
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn binary(bytes: &[u8]) -> Message {
    Message::Binary(bytes.to_vec().into())
}

/// Messages that a client that has joined may not send.
fn wrong_messages() -> Vec<(Message, Refusal)> {
    vec![
        (text("hello"), refusal::NOT_JSON),
        (text(r#"["say", "hello"]"#), refusal::NOT_JSON),
        (text(r#"{ "text": "hello" }"#), refusal::NO_KIND),
        (text(r#"{ "kind": "say" }"#), refusal::SAY_INCOMPLETE),
        (text(r#"{ "kind": "say", "text": 1 }"#), refusal::SAY_INCOMPLETE),
        (text(r#"{ "kind": "join", "name": "Eve" }"#), refusal::JOIN_INCOMPLETE),
        (say(""), refusal::NO_VISIBLE_TEXT),
        (say(" \n\u{3000}"), refusal::NO_VISIBLE_TEXT),
        (say("\u{200B}"), refusal::NO_VISIBLE_TEXT),
        (say("\u{2800}"), refusal::NO_VISIBLE_TEXT),
        (text(r#"{ "kind": "shout", "text": "hello" }"#), refusal::UNKNOWN_KIND),
        (text(r#"{ "kind": "join", "name": "Mallory", "room": "lobby" }"#), refusal::JOINED_ALREADY),
        (say(&"a".repeat(2001)), refusal::TEXT_TOO_LONG),
        (say(&"a".repeat(40_000)), refusal::FRAME_TOO_LONG),
        (say(&"a".repeat(3 << 20)), refusal::MESSAGE_TOO_LONG),
        (binary(b""), refusal::NOT_A_PICTURE),
        (binary(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), refusal::NOT_A_PICTURE),
    ]
}

#[tokio::test]
async fn a_wrong_message_closes_its_sender_with_the_code_and_the_others_see_only_that_it_went() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    for (message, Refusal { code, reason }) in wrong_messages() {
        let mut eve = Client::join(&server, "Eve", "lobby").await;
        eve.say("before").await;
        eve.send_raw(message).await;
        assert_eq!(eve.message().await, said("Eve", "before"));
        assert_eq!(eve.end().await, (code, reason.to_owned()));
        for seen in [came("Eve"), said("Eve", "before"), went("Eve", code, reason)] {
            assert_eq!(ada.message().await, seen);
        }
    }
    ada.say("alone").await;
    assert_eq!(ada.message().await, said("Ada", "alone"));
}

#[tokio::test]
async fn what_follows_a_wrong_message_is_not_heard() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    let after = json!({ "kind": "say", "text": "after" }).to_string();
    eve.send_bytes(&[frame(0x81, b"wrong"), frame(0x81, after.as_bytes())].concat()).await;
    assert_eq!(eve.end().await.0, 4000);
    assert_eq!(ada.message().await, came("Eve"));
    assert_eq!(ada.message().await["kind"], "went");
    ada.say("alone").await;
    assert_eq!(ada.message().await, said("Ada", "alone"));
}

#[tokio::test]
async fn what_is_not_websocket_closes_its_sender() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let bad_utf8 = frame(0x81, b"\xFF\xFE");
    let unmasked = [&[0x81, 5][..], b"hello"].concat();
    let unknown_opcode = frame(0x83, b"");
    let reserved_bit = frame(0xC1, b"{}");
    let lonely_continuation = frame(0x80, b"x");
    for (bytes, code) in
        [(bad_utf8, 1007), (unmasked, 1002), (unknown_opcode, 1002), (reserved_bit, 1002), (lonely_continuation, 1002)]
    {
        let mut eve = Client::join(&server, "Eve", "lobby").await;
        eve.send_bytes(&bytes).await;
        assert_eq!(eve.end().await.0, code, "{bytes:?}");
        assert_eq!(ada.message().await, came("Eve"));
        assert_eq!(ada.message().await["code"], code);
    }
}

#[tokio::test]
async fn fragments_that_are_too_long_together_are_refused() {
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    let part = vec![0; 1 << 20];
    for opcode in [Data::Binary, Data::Continue, Data::Continue] {
        eve.send_raw(Message::Frame(Frame::message(part.clone(), OpCode::Data(opcode), false))).await;
    }
    assert_eq!(eve.end().await, (4005, refusal::MESSAGE_TOO_LONG.reason.to_owned()));
}

#[tokio::test]
async fn a_frame_of_any_length_is_refused_before_it_has_come() {
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    // The frame announces 2⁶² bytes.
    eve.send_bytes(&[0x82, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).await;
    assert_eq!(eve.receive().await, Received::Close(4005, refusal::MESSAGE_TOO_LONG.reason.to_owned()));
}

#[tokio::test]
async fn a_close_frame_arrives_while_its_receiver_is_still_sending() {
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    // The message is larger than the buffers between them.
    eve.send_raw(Message::Binary(vec![0; 32 << 20].into())).await;
    assert_eq!(eve.end().await.0, 4005);
}

#[tokio::test]
async fn a_wrong_first_message_is_refused_and_nobody_notices() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let join = |name: Value, room: Value| text(&json!({ "kind": "join", "name": name, "room": room }).to_string());
    let long = "é".repeat(33);
    for (message, Refusal { code, reason }) in [
        (text("hello"), refusal::NOT_JSON),
        (text("{}"), refusal::NO_KIND),
        (text(r#"{ "kind": "leave" }"#), refusal::UNKNOWN_KIND),
        (say("hello"), refusal::NOT_JOINED),
        (binary(b"GIF89a"), refusal::NOT_JOINED),
        (join(json!("Eve"), json!(null)), refusal::JOIN_INCOMPLETE),
        (join(json!(7), json!("lobby")), refusal::JOIN_INCOMPLETE),
        (join(json!(""), json!("lobby")), refusal::NAME_LENGTH),
        (join(json!(" \u{2003} "), json!("lobby")), refusal::NAME_LENGTH),
        (join(json!(long), json!("lobby")), refusal::NAME_LENGTH),
        (join(json!("Eve\u{202E}"), json!("lobby")), refusal::NAME_CHARACTERS),
        (join(json!("E\u{0}ve"), json!("lobby")), refusal::NAME_CHARACTERS),
        (join(json!("\u{3164}"), json!("lobby")), refusal::NAME_CHARACTERS),
        (join(json!("\u{2800}"), json!("lobby")), refusal::NAME_CHARACTERS),
        (join(json!("Ada\u{2800}"), json!("lobby")), refusal::NAME_CHARACTERS),
        (join(json!("Eve"), json!("\u{16FE4}")), refusal::ROOM_CHARACTERS),
        (join(json!("Ada"), json!("lobby")), refusal::NAME_TAKEN),
        (join(json!(" aDA "), json!("Lobby")), refusal::NAME_TAKEN),
        (join(json!("A\u{200D}da"), json!("lobby")), refusal::NAME_TAKEN),
        (join(json!("Eve"), json!("")), refusal::ROOM_LENGTH),
        (join(json!("Eve"), json!(long)), refusal::ROOM_LENGTH),
        (join(json!("Eve"), json!("lob\u{2066}by")), refusal::ROOM_CHARACTERS),
        (join(json!("a".repeat(40_000)), json!("lobby")), refusal::FRAME_TOO_LONG),
    ] {
        let mut eve = Client::connect(&server).await;
        eve.send_raw(message).await;
        assert_eq!(eve.end().await, (code, reason.to_owned()));
    }
    ada.say("alone").await;
    assert_eq!(ada.message().await, said("Ada", "alone"));
}

#[tokio::test]
async fn a_join_has_to_come_in_time() {
    let limits = Limits { join_within: Duration::from_millis(100), ..Limits::default() };
    let server = Running::with(limits);
    let mut silent = Client::connect(&server).await;
    assert_eq!(silent.end().await, (4002, refusal::JOIN_LATE.reason.to_owned()));
    // Neither a ping nor half a message is a join.
    let mut slow = Client::connect(&server).await;
    slow.send_raw(Message::Ping("a".into())).await;
    slow.send_bytes(&frame(0x01, b"{")).await;
    assert_eq!(slow.end().await, (4002, refusal::JOIN_LATE.reason.to_owned()));
}

#[tokio::test]
async fn who_has_joined_may_be_silent() {
    let limits = Limits { join_within: Duration::from_secs(1), ..Limits::default() };
    let server = Running::with(limits);
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut late = Client::connect(&server).await;
    assert_eq!(late.end().await.0, 4002);
    ada.say("still here").await;
    assert_eq!(ada.message().await, said("Ada", "still here"));
}

#[tokio::test]
async fn who_is_too_fast_is_closed_and_the_others_get_what_was_in_time() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    let started = Instant::now();
    for number in 0..200 {
        eve.say(&number.to_string()).await;
    }
    let mut received = 0;
    let end = loop {
        match eve.receive().await {
            Received::Message(message) => {
                assert_eq!(message["text"], received.to_string());
                received += 1;
            }
            end => break end,
        }
    };
    let most = 20.0 + 5.0 * started.elapsed().as_secs_f64();
    assert_eq!(end, Received::Close(4006, refusal::TOO_FAST.reason.to_owned()));
    assert!((20..=most as u32).contains(&received), "{received} of at most {most}");
    assert_eq!(ada.message().await, came("Eve"));
    for number in 0..received {
        assert_eq!(ada.message().await, said("Eve", &number.to_string()));
    }
    assert_eq!(ada.message().await, went("Eve", 4006, refusal::TOO_FAST.reason));
}

#[tokio::test]
async fn pictures_are_too_fast_four_times_earlier() {
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    for _ in 0..60 {
        eve.send_raw(binary(GIF)).await;
    }
    let mut shown = 0;
    while let Received::Message(message) = eve.receive().await {
        assert_eq!(message["kind"], "picture");
        shown += 1;
    }
    assert!((4..20).contains(&shown), "{shown}");
}

//! Frames that are not a whole message: long ones, unfinished ones, and those that no client needs.

use std::time::Duration;

use chat_server::{Limits, refusal};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::client::{Client, Received, came, said, went};
use crate::picture::PNG;
use crate::server::{PATIENCE, Running};

fn part(opcode: Data, payload: &[u8], is_final: bool) -> Message {
    Message::Frame(Frame::message(payload.to_vec(), OpCode::Data(opcode), is_final))
}

/// Limits with which no client is late.
fn patient() -> Limits {
    Limits { join_within: 2 * PATIENCE, message_within: 2 * PATIENCE, ..Limits::default() }
}

#[tokio::test]
async fn before_the_join_there_is_memory_for_a_join_only() {
    let server = Running::with(patient());
    let too_long = Received::Close(4005, refusal::FRAME_TOO_LONG.reason.to_owned());
    // The frame announces a mebibyte.
    let mut eve = Client::connect(&server).await;
    eve.send_bytes(&[0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]).await;
    assert_eq!(eve.receive().await, too_long);
    let mut eve = Client::connect(&server).await;
    eve.send_raw(part(Data::Text, &[b' '; 20_000], false)).await;
    eve.send_raw(part(Data::Continue, &[b' '; 20_000], false)).await;
    assert_eq!(eve.receive().await, too_long);
    // A client that has joined may send a picture immediately.
    let mut ada = Client::connect(&server).await;
    let mut picture = PNG.to_vec();
    picture.resize(2 << 20, 0);
    ada.ask("Ada", "lobby").await;
    ada.send_raw(Message::Binary(picture.into())).await;
    assert_eq!(ada.next().await["kind"], "joined");
    assert_eq!(ada.next().await["kind"], "picture");
}

#[tokio::test]
async fn a_message_has_to_come_to_its_end_in_time() {
    let server = Running::with(Limits { message_within: Duration::from_millis(500), ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let late = refusal::MESSAGE_LATE;
    for part in [part(Data::Text, b"{", false), part(Data::Binary, b"", false)] {
        let mut eve = Client::join(&server, "Eve", "lobby").await;
        eve.send_raw(part).await;
        // The client is alive and sends a ping.
        eve.send_raw(Message::Ping("a".into())).await;
        assert_eq!(eve.end().await, (4011, late.reason.to_owned()));
        assert_eq!(ada.message().await, came("Eve"));
        assert_eq!(ada.message().await, went("Eve", 4011, late.reason));
    }
    // The first is a part of a frame, the second the start of a frame after a whole one.
    for bytes in [&[0x81, 0x85, 0, 0, 0, 0, b'{'][..], &[0x8A, 0x80, 0, 0, 0, 0, 0x81]] {
        let mut eve = Client::join(&server, "Eve", "lobby").await;
        eve.send_bytes(bytes).await;
        assert_eq!(eve.receive().await, Received::Close(4011, late.reason.to_owned()));
    }
}

#[tokio::test]
async fn messages_in_time_are_not_late_together() {
    let server = Running::with(Limits { message_within: Duration::from_secs(1), ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let say = json!({ "kind": "say", "text": "in parts" }).to_string();
    let (start, end) = say.split_at(9);
    for _ in 0..4 {
        ada.send_raw(part(Data::Text, start.as_bytes(), false)).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        ada.send_raw(part(Data::Continue, end.as_bytes(), true)).await;
        assert_eq!(ada.message().await, said("Ada", "in parts"));
    }
}

#[tokio::test]
async fn frames_that_nobody_has_to_send_are_counted_in_the_pace() {
    let server = Running::with(patient());
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let fast = refusal::TOO_FAST;
    let empty = part(Data::Continue, b"", false);
    for frame in [Message::Ping("".into()), Message::Pong("a".into()), empty] {
        let mut eve = Client::join(&server, "Eve", "lobby").await;
        eve.say("before").await;
        if matches!(frame, Message::Frame(_)) {
            eve.send_raw(part(Data::Text, b"{", false)).await;
        }
        for _ in 0..200 {
            eve.send_raw(frame.clone()).await;
        }
        assert_eq!(eve.message().await, said("Eve", "before"));
        assert_eq!(eve.receive().await, Received::Close(4006, fast.reason.to_owned()));
        for seen in [came("Eve"), said("Eve", "before"), went("Eve", 4006, fast.reason)] {
            assert_eq!(ada.message().await, seen);
        }
    }
    // The pace also applies before the join.
    let mut eve = Client::connect(&server).await;
    for _ in 0..200 {
        eve.send_raw(Message::Ping("".into())).await;
    }
    assert_eq!(eve.receive().await, Received::Close(4006, fast.reason.to_owned()));
}

#[tokio::test]
async fn a_picture_in_parts_costs_no_more_than_one_in_a_piece() {
    let server = Running::with(patient());
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut picture = PNG.to_vec();
    picture.resize(1 << 20, 0);
    for _ in 0..3 {
        let mut parts = picture.chunks(4 << 10).peekable();
        let mut opcode = Data::Binary;
        while let Some(bytes) = parts.next() {
            ada.send_raw(part(opcode, bytes, parts.peek().is_none())).await;
            opcode = Data::Continue;
        }
        assert_eq!(ada.next().await["size"], 1 << 20);
    }
}

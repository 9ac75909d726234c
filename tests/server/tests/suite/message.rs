use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::client::{Host, WebSocket};

pub async fn next(socket: &mut WebSocket) -> Message {
    socket.next().await.expect("an open socket").expect("a message")
}

/// Starts and completes the closing handshake.
pub async fn close(mut socket: WebSocket) {
    socket.close(None).await.expect("an open socket");
    while let Some(message) = socket.next().await {
        message.expect("a closing handshake");
    }
}

async fn echoes(socket: &mut WebSocket) {
    let text = Message::text("ä€𝄞");
    socket.send(text.clone()).await.expect("an open socket");
    assert_eq!(next(socket).await, text);
}

#[tokio::test]
async fn an_echo_keeps_the_kind() {
    let host = Host::start();
    let mut socket = host.connect("/echo?key=k").await;
    echoes(&mut socket).await;
    for length in [0, 1, 125, 126, 65_535, 65_536] {
        for message in [Message::text("x".repeat(length)), Message::binary(vec![7; length])] {
            socket.send(message.clone()).await.expect("an open socket");
            assert_eq!(next(&mut socket).await, message);
        }
    }
    socket.send(Message::Ping("p".into())).await.expect("an open socket");
    assert_eq!(next(&mut socket).await, Message::Pong("p".into()));
    close(socket).await;

    let seen = host.seen().await;
    assert_eq!(seen["received"], 13);
    assert_eq!(seen["bytes"], 9 + 2 * (1 + 125 + 126 + 65_535 + 65_536));
    let frames = &seen["frames"];
    assert_eq!(frames[0], json!({"opcode": "text", "data": "ä€𝄞"}));
    assert_eq!(frames[2], json!({"opcode": "binary", "bytes": 0, "hex": ""}));
    let cut = json!({"opcode": "text", "data": "x".repeat(1024), "bytes": 65_535});
    assert_eq!(frames[9], cut);
    let cut = json!({"opcode": "binary", "bytes": 65_536, "hex": "07".repeat(32)});
    assert_eq!(frames[12], cut);
    assert_eq!(frames[13], json!({"opcode": "ping", "bytes": 1, "hex": "70"}));
    assert_eq!(seen["close"], json!({"code": null, "reason": ""}));
    assert_eq!(seen["end"], "close");
}

#[tokio::test]
async fn text_and_binary_come_as_often_as_asked_for() {
    let host = Host::start();
    let mut socket = host.connect("/text?data=a+{i}%20%C3%A9&count=3").await;
    for index in 0..3 {
        assert_eq!(next(&mut socket).await, Message::text(format!("a {index} é")));
    }
    echoes(&mut socket).await;

    let mut socket = host.connect("/binary?hex=00ff&count=2").await;
    for _ in 0..2 {
        assert_eq!(next(&mut socket).await, Message::binary(vec![0, 255]));
    }
    echoes(&mut socket).await;

    let mut socket = host.connect("/mixed?count=3").await;
    assert_eq!(next(&mut socket).await, Message::text("text 0"));
    assert_eq!(next(&mut socket).await, Message::binary("binary 1"));
    assert_eq!(next(&mut socket).await, Message::text("text 2"));
    echoes(&mut socket).await;
}

#[tokio::test]
async fn fragments_have_pings_between_them() {
    let host = Host::start();
    let mut socket = host.connect("/fragmented?key=k").await;
    for index in 1..=5 {
        let ping = next(&mut socket).await;
        assert_eq!(ping, Message::Ping(index.to_string().into()));
    }
    assert_eq!(next(&mut socket).await, Message::text("héllo wörld €𝄞 end"));
    echoes(&mut socket).await;
    close(socket).await;
    let seen = host.seen().await;
    let frames = seen["frames"].as_array().expect("a list");
    // Five pongs, unless tungstenite answers only the last of several pings (section 5.5.3).
    let mut pongs = frames.iter().filter(|frame| frame["opcode"] == "pong");
    assert!(pongs.next_back().is_some_and(|pong| pong["hex"] == "35"));
}

#[tokio::test]
async fn a_flood_is_in_order_and_ends_as_told() {
    let host = Host::start();
    let mut socket = host.connect("/flood?count=20000&size=20&close").await;
    for index in 0..20_000 {
        assert_eq!(next(&mut socket).await, Message::text(format!("{index:.<20}")));
    }
    let Message::Close(Some(frame)) = next(&mut socket).await else {
        panic!("no close frame");
    };
    assert_eq!(frame.code, CloseCode::Normal);

    let mut socket = host.connect("/flood?count=11&size=1").await;
    for index in 0..11 {
        assert_eq!(next(&mut socket).await, Message::text(index.to_string()));
    }
    echoes(&mut socket).await;
}

#[tokio::test]
async fn a_size_is_exact() {
    let host = Host::start();
    let mut socket = host.connect("/size?bytes=300&kind=binary").await;
    let bytes: Vec<u8> = (0..300).map(|index| (index % 251) as u8).collect();
    assert_eq!(next(&mut socket).await, Message::binary(bytes));
    let mut socket = host.connect("/size?bytes=70000").await;
    assert_eq!(next(&mut socket).await, Message::text("x".repeat(70_000)));
    echoes(&mut socket).await;
    let answer = host.http(crate::client::upgrade("/size?kind=blob")).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_burst_has_as_many_messages_as_were_asked_for_each_time() {
    let host = Host::start();
    for (path, message) in [
        ("/burst?size=11", Message::text("x".repeat(11))),
        ("/burst?size=300&kind=binary", Message::binary((0..300).map(|i| (i % 251) as u8).collect::<Vec<_>>())),
        ("/burst?size=70000&kind=object", Message::text(format!("{{\"data\":\"{}\"}}", "x".repeat(70_000 - 11)))),
    ] {
        let mut socket = host.connect(path).await;
        for count in [0, 1, 1000, 3] {
            socket.send(count.to_string().into()).await.expect("an open socket");
            for _ in 0..count {
                assert_eq!(next(&mut socket).await, message);
            }
        }
        close(socket).await;
    }
    let answer = host.http(crate::client::upgrade("/burst?kind=blob")).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_tally_tells_how_many_bytes_came() {
    let host = Host::start();
    let mut socket = host.connect("/tally").await;
    for (count, size) in [(3, 5), (0, 1), (40, 70_000)] {
        socket.send(count.to_string().into()).await.expect("an open socket");
        for _ in 0..count {
            socket.send(Message::binary(vec![7; size])).await.expect("an open socket");
        }
        assert_eq!(next(&mut socket).await, Message::text(format!("[{count},{}]", count * size)));
    }
    close(socket).await;
}

#[tokio::test]
async fn a_sink_sends_nothing() {
    let host = Host::start();
    let mut socket = host.connect("/sink?key=k").await;
    socket.send("a".into()).await.expect("an open socket");
    close(socket).await;
    let seen = host.seen().await;
    assert_eq!(seen["frames"], json!([{"opcode": "text", "data": "a"}]));
}

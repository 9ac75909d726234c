use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{io::AsyncWriteExt, time::timeout};
use tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::{
    client::Host,
    message::{close, next},
};

#[tokio::test]
async fn a_close_frame_has_what_was_asked_for() {
    let host = Host::start();
    let mut socket = host.connect("/close?key=k&code=4001&reason=b%C3%BFe").await;
    let Message::Close(Some(frame)) = next(&mut socket).await else {
        panic!("no close frame");
    };
    assert_eq!((frame.code, &*frame.reason), (4001.into(), "bÿe"));
    assert!(socket.next().await.is_none());
    let seen = host.seen().await;
    assert_eq!(seen["close"]["code"], 4001);
    assert_eq!(seen["end"], "close");

    let mut socket = host.connect("/close?after=2").await;
    for text in ["a", "b"] {
        socket.send(text.into()).await.expect("an open socket");
    }
    assert_eq!(next(&mut socket).await, Message::Close(None));
}

#[tokio::test]
async fn who_answers_no_close_frame_is_recorded_so() {
    let host = Host::start();
    let mut raw = host.raw("/close?key=k&code=1001").await;
    raw.expect(&[0x88, 2, 3, 233]).await;
    drop(raw);
    let seen = host.seen().await;
    assert_eq!(seen["close"], json!(null));
    assert_eq!(seen["end"], "fin");
}

#[tokio::test]
async fn the_clients_close_frame_is_echoed_and_recorded() {
    let host = Host::start();
    let mut socket = host.connect("/echo?key=k").await;
    let frame = CloseFrame { code: CloseCode::Library(4999), reason: "grün".into() };
    socket.close(Some(frame.clone())).await.expect("an open socket");
    assert_eq!(next(&mut socket).await, Message::Close(Some(frame)));
    assert!(socket.next().await.is_none());
    let seen = host.seen().await;
    assert_eq!(seen["close"], json!({"code": 4999, "reason": "grün"}));
}

#[tokio::test]
async fn a_fin_comes_without_a_close_frame() {
    let host = Host::start();
    for after in [0, 1] {
        let mut raw = host.raw(&format!("/fin?key=k&after={after}")).await;
        if after == 1 {
            raw.send(0x81, b"a").await;
        }
        raw.expect_fin().await;
        // Further frames of the client are recorded.
        raw.send(0x88, &[3, 232]).await;
        drop(raw);
        let seen = host.seen().await;
        assert_eq!(seen["received"], after);
        assert_eq!(seen["close"]["code"], 1000);
        assert_eq!(seen["end"], "fin");
    }
}

#[tokio::test]
async fn a_reset_comes_after_the_open() {
    let host = Host::start();
    for after in [0, 2] {
        let mut raw = host.raw(&format!("/rst?key=k&after={after}")).await;
        for _ in 0..after {
            raw.send(0x81, b"a").await;
        }
        raw.expect_reset().await;
        let seen = host.seen().await;
        assert_eq!(seen["received"], after);
        assert_eq!(seen["end"], "reset");
    }
}

#[tokio::test]
async fn the_clients_end_is_recorded() {
    let host = Host::start();
    drop(host.raw("/echo?key=k").await);
    assert_eq!(host.seen().await["end"], "fin");
    let raw = host.raw("/echo?key=k").await;
    raw.0.set_zero_linger().expect("an open socket");
    drop(raw);
    assert_eq!(host.seen().await["end"], "reset");
}

#[tokio::test]
async fn silence_answers_nothing() {
    let host = Host::start();
    let mut raw = host.raw("/silent?key=k").await;
    raw.send(0x81, b"a").await;
    raw.send(0x89, b"").await;
    raw.send(0x88, &[3, 232]).await;
    let known = async || host.get("/seen?key=k&now").await.body;
    while known().await.contains(r#""close":null"#) {}
    // The server has read the close frame, and has neither answered nor closed.
    let error = raw.0.try_read(&mut [0]).expect_err("silence");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    assert!(known().await.contains(r#""end":null"#));
    drop(raw);
    let seen = host.seen().await;
    assert_eq!(seen["received"], 1);
    assert_eq!(seen["close"]["code"], 1000);
    assert_eq!(seen["end"], "fin");
}

#[tokio::test]
async fn the_deaf_let_the_clients_buffers_fill() {
    let host = Host::start();
    let mut raw = host.raw("/deaf?key=k").await;
    let mut taken = 0;
    let bytes = vec![0; 64 << 10];
    while let Ok(written) = timeout(Duration::from_millis(300), raw.0.write(&bytes)).await {
        taken += written.expect("an open socket");
        // Linux grows the buffer of a sender to 4 MiB.
        assert!(taken < 8 << 20);
    }
    // With a linger of zero, because a FIN would wait behind the bytes.
    raw.0.set_zero_linger().expect("an open socket");
    drop(raw);
    let seen = host.seen().await;
    assert_eq!(seen["received"], 0);
    assert_eq!(seen["end"], "reset");

    drop(host.raw("/deaf?key=k").await);
    assert_eq!(host.seen().await["end"], "fin");
}

#[tokio::test]
async fn the_late_come_before_the_answer() {
    let host = Host::start();
    let mut raw = host.raw("/late?key=k&count=2").await;
    raw.send(0x88, &[3, 232]).await;
    raw.expect(b"\x81\x06late 0\x81\x06late 1\x88\x02\x03\xe8").await;
    raw.expect_fin().await;
    assert_eq!(host.seen().await["end"], "close");
}

#[tokio::test]
async fn a_slow_close_is_slow() {
    let host = Host::start();
    let mut raw = host.raw("/slow-close?key=k&delay=100").await;
    let start = Instant::now();
    raw.close().await;
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(host.seen().await["end"], "close");
}

#[tokio::test]
async fn a_slow_read_takes_its_time() {
    let host = Host::start();
    let mut socket = host.connect("/slow-read?key=k&rate=400000").await;
    let start = Instant::now();
    let message = Message::binary(vec![1; 100_000]);
    socket.send(message).await.expect("an open socket");
    close(socket).await;
    assert!(start.elapsed() >= Duration::from_millis(250));
    let seen = host.seen().await;
    assert_eq!(seen["bytes"], 100_000);
    assert_eq!(seen["end"], "close");
}

#[tokio::test]
async fn a_rate_of_0_is_refused() {
    let host = Host::start();
    assert_eq!(host.get("/slow-read?rate=0").await.status, 400);
}

#[tokio::test]
async fn a_close_frame_behind_a_broken_write_is_recorded() {
    let host = Host::start();
    let mut raw = host.raw("/flood?key=k&count=20000000&size=1000").await;
    raw.send(0x88, &[3, 232]).await;
    // With unread bytes, the drop sends a RST.
    drop(raw);
    let seen = host.seen().await;
    assert_eq!(seen["end"], "reset");
    assert_eq!(seen["close"]["code"], 1000);
}

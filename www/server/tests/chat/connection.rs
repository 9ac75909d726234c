//! The limits of connections, and the time limits of idle ones.

use std::time::Duration;

use chat_server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, said};
use crate::server::{PATIENCE, Running, wait_for_end};

/// Limits with which no connection ends by itself.
fn patient() -> Limits {
    Limits { request_within: 2 * PATIENCE, http_within: 2 * PATIENCE, join_within: 2 * PATIENCE, ..Limits::default() }
}

async fn wait_for_a_place(server: &Running) {
    let asked = async { while server.get("/").await.status == 503 {} };
    timeout(PATIENCE, asked).await.expect("a place");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_are_limited_for_an_address_and_in_all() {
    let server = Running::with(Limits { sockets: 5, address_sockets: 2, ..patient() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let idle = server.connect().await;
    // Connections of every kind count, and another address has its own limit.
    assert_eq!(server.get("/").await.status, 503);
    assert_eq!(server.get("/chat").await.status, 503);
    assert_eq!(server.get_from("127.0.0.2", "/").await.status, 200);
    let mut others = Vec::new();
    for address in ["127.0.0.2", "127.0.0.2", "127.0.0.3"] {
        others.push(server.connect_from(address).await);
    }
    let refused = server.get_from("127.0.0.4", "/").await;
    assert_eq!((refused.status, refused.header("Retry-After")), (503, "5"));
    assert!(refused.body.ends_with(b"Try again in a moment.\n"));
    // Connected clients are not affected, and a client that leaves makes space.
    ada.say("still here").await;
    assert_eq!(ada.message().await, said("Ada", "still here"));
    drop(idle);
    wait_for_a_place(&server).await;
}

#[tokio::test]
async fn who_has_joined_keeps_its_place_until_it_goes() {
    let server = Running::with(Limits { address_sockets: 1, ..patient() });
    let ada = Client::join(&server, "Ada", "lobby").await;
    assert_eq!(server.get("/").await.status, 503);
    ada.leave(1000, "").await;
    wait_for_a_place(&server).await;
}

#[tokio::test]
async fn who_asks_nothing_or_half_is_disconnected() {
    let server = Running::with(Limits { request_within: Duration::from_millis(300), ..patient() });
    let idle = server.connect().await;
    let mut half = server.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nHost:").await.expect("it reads");
    let mut once = server.connect().await;
    once.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("it reads");
    let mut slow = server.connect().await;
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain([b'x'; 1000].iter()) {
            if slow.write_all(&[*byte]).await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    });
    for stream in [idle, half, once] {
        wait_for_end(stream).await;
    }
    assert!(drip.await.expect("an end"), "a byte now and then does not help");
}

#[tokio::test]
async fn who_does_not_read_its_answers_is_disconnected() {
    let limits = Limits {
        http_within: Duration::from_millis(500),
        close_within: Duration::from_millis(100),
        address_sockets: 2,
        ..patient()
    };
    let server = Running::with(limits);
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bytes = crate::picture::PNG.to_vec();
    bytes.resize(2 << 20, 0);
    ada.send_raw(Message::Binary(bytes.into())).await;
    let url = ada.next().await["url"].as_str().expect("a URL").to_owned();
    let mut deaf = server.connect().await;
    let request = format!("GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    deaf.write_all(request.repeat(10).as_bytes()).await.expect("it reads");
    assert_eq!(deaf.read(&mut [0; 12]).await.expect("an answer"), 12);
    assert_eq!(server.get("/").await.status, 503);
    wait_for_a_place(&server).await;
    ada.say("still here").await;
    assert_eq!(ada.message().await, said("Ada", "still here"));
}

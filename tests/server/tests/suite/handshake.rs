use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tungstenite::{Error, error::ProtocolError};

use crate::client::{Host, Raw, upgrade};

const PROTOCOLS: (&str, &str) = ("Sec-WebSocket-Protocol", "one, two");

#[tokio::test]
async fn the_subprotocol_is_the_first_offered_or_the_one_asked_for() {
    let host = Host::start();
    let chosen = async |path, headers| {
        let response = host.handshake(path, headers).await.expect("a handshake").1;
        let header = response.headers().get(PROTOCOLS.0);
        header.map(|value| value.to_str().expect("text").to_owned())
    };
    assert_eq!(chosen("/echo", &[]).await, None);
    assert_eq!(chosen("/echo", &[PROTOCOLS]).await.as_deref(), Some("one"));
    let two = chosen("/echo?protocol=two", &[PROTOCOLS]).await;
    assert_eq!(two.as_deref(), Some("two"));

    // tungstenite would refuse these two responses.
    for (path, has) in [("/echo?protocol=three", true), ("/echo?protocol=", false)] {
        let mut stream = host.tcp().await;
        let mut head = upgrade(path);
        head.truncate(head.len() - 2);
        head.extend_from_slice(b"Sec-WebSocket-Protocol: one\r\n\r\n");
        stream.write_all(&head).await.expect("an open socket");
        Raw(stream).expect_head(if has { Some("three") } else { None }).await;
    }
    let injected = host.http(upgrade("/echo?protocol=a%0D%0Ab:c")).await;
    assert_eq!(injected.status, 400);
}

impl Raw {
    async fn expect_head(&mut self, protocol: Option<&str>) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.expect("a head"));
        }
        let head = String::from_utf8(head).expect("text");
        let line = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        assert_eq!(line, protocol);
        // The example of RFC 6455, section 1.3.
        assert!(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }
}

#[tokio::test]
async fn headers_are_recorded_and_told() {
    let host = Host::start();
    let headers = [("X-A", "1"), ("X-A", "2"), ("Authorization", "Bearer t")];
    let (mut socket, _) = host.handshake("/headers?key=k", &headers).await.expect("a handshake");
    let message = crate::message::next(&mut socket).await;
    let headers: serde_json::Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
    assert_eq!(headers["x-a"], json!(["1", "2"]));
    assert_eq!(headers["authorization"], "Bearer t");
    socket.close(None).await.expect("an open socket");
    drop(socket);
    let seen = host.seen().await;
    assert_eq!(seen["path"], "/headers");
    assert_eq!(seen["target"], "/headers?key=k");
    assert_eq!(seen["headers"]["x-a"], json!(["1", "2"]));
    assert_eq!(seen["headers"]["authorization"], json!(["Bearer t"]));
}

#[tokio::test]
async fn a_status_is_answered() {
    let host = Host::start();
    for (status, header) in [
        (200, None),
        (302, Some(format!("Location: ws://{}/echo", host.address))),
        (401, Some("WWW-Authenticate: Basic".to_owned())),
        (404, None),
        (503, Some("Retry-After: 1".to_owned())),
    ] {
        let answer = host.http(upgrade(&format!("/status/{status}?key=k"))).await;
        assert_eq!(answer.status, status);
        assert!(answer.head.contains("Connection: close"));
        if let Some(header) = header {
            assert!(answer.head.contains(&header), "{}", answer.head);
        }
        let seen = host.seen().await;
        assert_eq!(seen["path"], format!("/status/{status}"));
        assert_eq!(seen["headers"]["upgrade"], json!(["websocket"]));
        assert_eq!(seen["end"], "fin");
    }
    assert_eq!(host.get("/status/100").await.status, 400);
}

#[tokio::test]
async fn garbage_is_not_http() {
    let host = Host::start();
    let result = host.handshake("/garbage?key=k", &[]).await;
    assert!(result.is_err());
    assert_eq!(host.seen().await["end"], "fin");
}

#[tokio::test]
async fn a_hangup_is_a_fin_or_a_reset() {
    let host = Host::start();
    for (path, end) in [("/hangup?key=k", "fin"), ("/hangup?rst&key=k", "reset")] {
        let mut stream = host.tcp().await;
        stream.write_all(&upgrade(path)).await.expect("an open socket");
        let mut raw = Raw(stream);
        if end == "fin" {
            raw.expect_fin().await;
        } else {
            raw.expect_reset().await;
        }
        drop(raw);
        assert_eq!(host.seen().await["end"], end);
    }
}

#[tokio::test]
async fn a_stalled_handshake_ends_with_the_client() {
    let host = Host::start();
    let mut stream = host.tcp().await;
    stream.write_all(&upgrade("/stall?key=k")).await.expect("an open socket");
    // A request is only in the record after it has been read.
    while !host.get("/seen?key=k&now").await.body.contains("/stall") {}
    assert!(stream.try_read(&mut [0]).is_err());
    drop(stream);
    assert_eq!(host.seen().await["end"], "fin");
}

#[tokio::test]
async fn a_wrong_accept_key_is_wrong() {
    let host = Host::start();
    let error = host.handshake("/accept", &[]).await.err();
    assert!(matches!(error, Some(Error::Protocol(ProtocolError::SecWebSocketAcceptKeyMismatch))));
    let mut raw = host.raw("/accept?key=k").await;
    raw.send(0x81, b"a").await;
    raw.expect(&[0x81, 1, b'a']).await;
    raw.close().await;
    assert_eq!(host.seen().await["end"], "close");
}

#[tokio::test]
async fn an_upgrade_header_can_be_missing() {
    let host = Host::start();
    let error = host.handshake("/upgrade", &[]).await.err();
    assert!(matches!(error, Some(Error::Protocol(ProtocolError::MissingUpgradeWebSocketHeader))));
}

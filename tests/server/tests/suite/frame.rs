use serde_json::json;

use crate::client::{Host, Raw, upgrade};

/// Opens a path, expects exactly these bytes, and checks the echo after them.
async fn sends(host: &Host, path: &str, bytes: &[u8]) {
    let mut raw = host.raw(path).await;
    raw.expect(bytes).await;
    raw.send(0x81, b"on").await;
    raw.expect(b"\x81\x02on").await;
    raw.close().await;
}

#[tokio::test]
async fn bad_frames_are_as_bad_as_promised() {
    let host = Host::start();
    sends(&host, "/opcode", b"\x83\x08reserved").await;
    sends(&host, "/utf8", b"\x81\x02\xff\xfe").await;
    sends(&host, "/utf8?in=binary", b"\x82\x02\xff\xfe").await;
    sends(&host, "/json", b"\x81\x05{\"a\":").await;
    sends(&host, "/json?in=binary", b"\x82\x05{\"a\":").await;
    let mut raw = host.raw("/masked").await;
    raw.expect(&[0x81, 0x86, 0x37, 0xfa, 0x21, 0x3d]).await;
    let masked = *b"masked";
    let key = [0x37, 0xfa, 0x21, 0x3d, 0x37, 0xfa];
    let bytes: Vec<u8> = masked.iter().zip(key).map(|(a, b)| a ^ b).collect();
    raw.expect(&bytes).await;
    raw.close().await;
}

#[tokio::test]
async fn bad_close_frames_are_as_bad_as_promised() {
    let host = Host::start();
    for (path, bytes) in [
        ("/close-short?key=k", &[0x88, 1, 3][..]),
        ("/close-bad?code=1006&key=k", &[0x88, 2, 3, 238]),
        ("/close-bad?code=0&key=k", &[0x88, 2, 0, 0]),
    ] {
        let mut raw = host.raw(path).await;
        raw.expect(bytes).await;
        raw.send(0x88, &[3, 234]).await;
        raw.expect_fin().await;
        let seen = host.seen().await;
        assert_eq!(seen["close"]["code"], 1002);
        assert_eq!(seen["end"], "close");
    }
}

fn script(frames: &str) -> String {
    let query: String = form_urlencoded::byte_serialize(frames.as_bytes()).collect();
    format!("/script?key=k&frames={query}")
}

#[tokio::test]
async fn a_script_is_played_as_given() {
    let host = Host::start();
    let mut raw = host
        .raw(&script(
            r#"[{"opcode": 1, "fin": false, "text": "é", "split": 1},
                {"pause": 1},
                {"opcode": 0, "rsv": 4, "hex": "00ff", "mask": true, "pause": 1},
                {"await": "message"},
                {"raw": "0102"},
                {"opcode": 9},
                {"await": "close"},
                {"opcode": 1, "text": "more"},
                {"close": 4000, "reason": "so"},
                {"opcode": 1, "text": "x"}]"#,
        ))
        .await;
    raw.expect(b"\x01\x02\xc3\xa9").await;
    raw.expect(b"\xc0\x82\x37\xfa\x21\x3d\x37\x05").await;
    raw.send(0x89, b"p").await;
    raw.expect(b"\x8a\x01p").await;
    raw.send(0x82, b"go").await;
    raw.expect(b"\x01\x02\x89\x00").await;
    raw.send(0x81, b"not echoed").await;
    raw.send(0x88, &[]).await;
    raw.expect(b"\x81\x04more\x88\x04\x0f\xa0so\x81\x01x").await;
    raw.expect_fin().await;
    let seen = host.seen().await;
    assert_eq!(seen["received"], 2);
    assert_eq!(seen["close"], json!({"code": null, "reason": ""}));
    assert_eq!(seen["end"], "close");
}

#[tokio::test]
async fn a_script_can_end_the_connection() {
    let host = Host::start();
    let await_then = |step| script(&format!(r#"[{{"await": "message"}}, {step}]"#));
    let mut raw = host.raw(&await_then(r#"{"fin": true}"#)).await;
    raw.send(0x81, b"").await;
    raw.expect_fin().await;
    drop(raw);
    assert_eq!(host.seen().await["end"], "fin");

    let mut raw = host.raw(&await_then(r#"{"rst": true}"#)).await;
    raw.send(0x81, b"").await;
    raw.expect_reset().await;
    assert_eq!(host.seen().await["end"], "reset");

    let mut raw = host.raw(&await_then(r#"{"rst": true}"#)).await;
    raw.close().await;
    assert_eq!(host.seen().await["end"], "close");
}

#[tokio::test]
async fn a_script_with_a_mistake_is_refused() {
    let host = Host::start();
    for frames in ["{", "[{}]", r#"[{"opcode": 16}]"#, r#"[{"raw": "0"}]"#] {
        assert_eq!(host.http(upgrade(&script(frames))).await.status, 400);
    }
}

#[tokio::test]
async fn a_client_that_breaks_the_protocol_is_told_and_recorded() {
    let host = Host::start();
    let violations: [(&[u8], u16, &str); 12] = [
        (b"\x81\x00", 1002, "a frame without a mask"),
        (b"\xc1\x80\0\0\0\0", 1002, "a reserved bit"),
        (b"\x83\x80\0\0\0\0", 1002, "a reserved opcode"),
        (b"\x80\x80\0\0\0\0", 1002, "a continuation of nothing"),
        (b"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 1002, "a message inside of another"),
        (b"\x09\x80\0\0\0\0", 1002, "a control frame in fragments"),
        (b"\x89\xfe\x00\x7e\0\0\0\0", 1002, "a control frame of more than 125 bytes"),
        (b"\x81\x81\0\0\0\0\xff", 1007, "text that is not UTF-8"),
        (b"\x88\x81\0\0\0\0\x03", 1002, "a close frame of one byte"),
        (b"\x88\x82\0\0\0\0\x03\xed", 1002, "a close code that must not be sent"),
        (b"\x88\x83\0\0\0\0\x03\xe8\xff", 1007, "a close reason that is not UTF-8"),
        (b"\x82\xff\x7f\0\0\0\0\0\0\0\0\0\0\0", 1009, "a message of more than 1 GiB"),
    ];
    for (bytes, code, error) in violations {
        let Raw(stream) = &mut host.raw("/echo?key=k").await;
        tokio::io::AsyncWriteExt::write_all(stream, bytes).await.expect("an open socket");
        let mut close = [0; 4];
        tokio::io::AsyncReadExt::read_exact(stream, &mut close).await.expect("a close frame");
        assert_eq!(close[0], 0x88);
        assert_eq!(close[2..], code.to_be_bytes(), "{error}");
        let seen = host.seen().await;
        assert_eq!(seen["end"], "error");
        assert_eq!(seen["error"], error);
    }
}

#[tokio::test]
async fn a_fragmented_message_is_one() {
    let host = Host::start();
    let mut raw = host.raw("/echo?key=k").await;
    raw.send(0x01, b"\xc3").await;
    raw.send(0x89, b"").await;
    raw.expect(&[0x8a, 0]).await;
    raw.send(0x80, b"\xa9").await;
    raw.expect(b"\x81\x02\xc3\xa9").await;
    raw.close().await;
    let seen = host.seen().await;
    assert_eq!(seen["received"], 1);
    let message = json!({"opcode": "text", "data": "é", "fragments": 2});
    assert_eq!(seen["frames"][1], message);
}

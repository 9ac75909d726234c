use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tungstenite::Message;

use crate::{
    client::{Host, upgrade},
    message::next,
};

/// The text "ab" and a close frame after the handshake.
const SCRIPT: &str = "/script?frames=%255B%257B%2522opcode%2522:1,%2522text%2522:%2522ab%2522%257D,\
                      %257B%2522close%2522:1000%257D%255D%26key%3Dinner";
const FRAMES: &[u8] = &[0x81, 2, b'a', b'b', 0x88, 2, 3, 232];

async fn open(host: &Host, query: &str) -> TcpStream {
    let mut stream = host.tcp().await;
    stream.write_all(&upgrade(&format!("/proxy?key=k&path={SCRIPT}&{query}"))).await.expect("an open socket");
    stream
}

/// All bytes of the server, without a fault.
async fn whole(host: &Host) -> Vec<u8> {
    let mut stream = host.tcp().await;
    let path = percent_encoding::percent_decode_str(SCRIPT).decode_utf8().expect("text");
    stream.write_all(&upgrade(&path)).await.expect("an open socket");
    let mut bytes = Vec::new();
    while !bytes.ends_with(FRAMES) {
        bytes.push(stream.read_u8().await.expect("a byte"));
    }
    bytes
}

#[tokio::test]
async fn a_proxy_without_a_fault_is_not_noticed() {
    let host = Host::start();
    let path = "/proxy?path=/echo?key%3Dinner&key=k";
    let (mut socket, _) = host.handshake(path, &[("x-one", "1"), ("x-one", "2")]).await.expect("a handshake");
    socket.send("hello".into()).await.expect("an open socket");
    assert_eq!(next(&mut socket).await, "hello".into());
    socket.close(None).await.expect("an open socket");
    assert_eq!(next(&mut socket).await, Message::Close(None));
    assert!(socket.next().await.is_none());
    drop(socket);

    let inner = host.seen_as("/seen?key=inner").await;
    assert_eq!(inner["target"], "/echo?key=inner");
    assert_eq!(inner["frames"][0]["data"], "hello");
    assert_eq!(inner["end"], "close");
    let outer = host.seen().await;
    assert_eq!(outer["headers"], inner["headers"]);
    assert_eq!(outer["headers"]["x-one"], json!(["1", "2"]));
    let proxy = &outer["proxy"];
    assert_eq!((&proxy["do"], &proxy["reached"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn frames_that_come_with_the_handshake_are_passed_on() {
    let host = Host::start();
    let mut stream = host.tcp().await;
    let mut bytes = upgrade("/proxy?path=/echo");
    bytes.extend_from_slice(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
    stream.write_all(&bytes).await.expect("an open socket");
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n\x81\x02hi") {
        read.push(stream.read_u8().await.expect("a byte"));
    }
}

#[tokio::test]
async fn a_cut_closes_both_sides_at_every_byte() {
    let host = Host::start();
    let whole = whole(&host).await;
    for at in 0..=whole.len() {
        let mut stream = open(&host, &format!("do=cut&at={at}")).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("a FIN");
        assert_eq!(bytes, whole[..at]);
        let proxy = json!({"do": "cut", "at": at, "slice": null, "reached": true, "passed": at});
        assert_eq!(host.seen().await["proxy"], proxy);
        host.seen_as("/seen?key=inner").await;
    }
}

#[tokio::test]
async fn a_half_close_leaves_the_clients_side_open() {
    let host = Host::start();
    let whole = whole(&host).await;
    let mut stream = open(&host, "do=fin&at=130").await;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("a FIN");
    assert_eq!(bytes, whole[..130]);
    stream.write_all(&[0x81, 0x81, 0, 0, 0, 0, b'x', 0x88, 0x82, 0, 0, 0, 0, 3, 232]).await.expect("an open socket");
    let inner = host.seen_as("/seen?key=inner").await;
    assert_eq!(inner["frames"][0]["data"], "x");
    assert_eq!(inner["close"]["code"], 1000);
    assert_eq!(host.seen_as("/seen?key=k&now").await["end"], json!(null));
    drop(stream);
    assert_eq!(host.seen().await["end"], "fin");
}

#[tokio::test]
async fn a_reset_ends_the_bytes_before_it() {
    let host = Host::start();
    let whole = whole(&host).await;
    for at in [0, 1, 130, whole.len()] {
        let mut stream = open(&host, &format!("do=rst&at={at}")).await;
        let mut bytes = Vec::new();
        let error = stream.read_to_end(&mut bytes).await.expect_err("a reset");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        // Bytes that the kernel has not sent by then are lost.
        assert!(whole[..at].starts_with(&bytes), "{at}: {bytes:?}");
        assert_eq!(host.seen().await["end"], "reset");
    }
}

#[tokio::test]
async fn a_stall_holds_the_clients_side_though_the_server_leaves() {
    let host = Host::start();
    let whole = whole(&host).await;
    let mut stream = open(&host, "do=stall&at=131").await;
    let seen = host.seen_as("/seen?key=k&reached").await;
    assert_eq!((&seen["proxy"]["reached"], &seen["end"]), (&json!(true), &json!(null)));
    let mut bytes = vec![0; 131];
    stream.read_exact(&mut bytes).await.expect("all before the stall");
    assert_eq!(bytes, whole[..131]);
    // The client's answer still arrives, and ends the connection for the server.
    stream.write_all(&[0x88, 0x82, 0, 0, 0, 0, 3, 232]).await.expect("an open socket");
    assert_eq!(host.seen_as("/seen?key=inner").await["end"], "close");
    let error = stream.try_read(&mut [0]).expect_err("neither bytes nor an end");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    drop(stream);
    assert_eq!(host.seen().await["proxy"]["passed"], 131);
}

#[tokio::test]
async fn slices_are_the_same_bytes_in_more_pieces() {
    let host = Host::start();
    let whole = whole(&host).await;
    for (slice, fewest) in [(0, 20), (100, 5), (whole.len(), 1)] {
        let mut stream = open(&host, &format!("slice={slice}")).await;
        let (mut bytes, mut pieces) = (Vec::new(), 0);
        while bytes.len() < whole.len() {
            assert_ne!(stream.read_buf(&mut bytes).await.expect("bytes"), 0);
            pieces += 1;
        }
        assert_eq!(bytes, whole);
        assert!(pieces >= fewest, "{pieces} pieces from byte {slice}");
    }
}

#[tokio::test]
async fn a_seed_keeps_to_what_it_tells() {
    let host = Host::start();
    let whole = whole(&host).await;
    for seed in 0..60 {
        let mut stream = open(&host, &format!("seed={seed}&within={}", whole.len())).await;
        let mut bytes = Vec::new();
        let plan = host.seen_as(&format!("/plan?seed={seed}&within={}", whole.len())).await;
        let proxy = host.seen_as("/seen?key=k&wait=100&reached").await["proxy"].take();
        assert_eq!([&proxy["do"], &proxy["at"], &proxy["slice"]], [&plan["do"], &plan["at"], &plan["slice"]]);
        let at = proxy["at"].as_u64().map_or(whole.len(), |at| at as usize);
        let ends = match proxy["do"].as_str() {
            Some("cut" | "fin") => stream.read_to_end(&mut bytes).await.is_ok(),
            Some("rst") => stream.read_to_end(&mut bytes).await.is_err(),
            _ => {
                bytes.resize(at, 0);
                stream.read_exact(&mut bytes).await.is_ok()
            }
        };
        assert!(ends, "seed {seed}: {proxy}");
        let may_lose = proxy["do"] == "rst";
        assert!(whole[..at].starts_with(&bytes), "seed {seed}: {proxy}");
        assert!(may_lose || bytes.len() == at, "seed {seed}: {proxy}");
        drop(stream);
        host.seen_as("/seen?key=inner").await;
    }
}

#[tokio::test]
async fn a_proxy_needs_a_path_and_a_fault_that_make_sense() {
    let host = Host::start();
    for query in [
        "",
        "path=echo",
        "path=/a%20b",
        "path=/a%0D%0Ab",
        "path=/echo&do=cut",
        "path=/echo&at=1",
        "path=/echo&do=bend&at=1",
        "path=/echo&do=cut&at=-1",
        "path=/echo&seed=1",
    ] {
        assert_eq!(host.http(upgrade(&format!("/proxy?{query}"))).await.status, 400, "{query}");
    }
}

//! The answers to plain HTTP, and the handshakes that the chat accepts.

use chat_server::Limits;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::Client;
use crate::server::{PAGE, PATIENCE, Running};

const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob:; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

#[tokio::test]
async fn the_page_and_the_package_are_served_with_their_types() {
    let server = Running::start();
    for (path, media_type) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/chat.css", "text/css"),
        ("/chat.js", "text/javascript"),
        ("/favicon.svg", "image/svg+xml"),
        ("/package/index.js", "text/javascript"),
        ("/package/package.json", "application/json"),
        ("/package/fourd_websocket.wasm", "application/wasm"),
    ] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.header("Content-Type")), (200, media_type), "{path}");
    }
    assert_eq!(server.get("/").await.body, PAGE.as_bytes());
}

#[tokio::test]
async fn every_answer_has_the_headers_of_a_strict_page() {
    let server = Running::start();
    for path in ["/", "/chat.js", "/package/index.js", "/nothing", "/pictures/1-2", "/chat"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("Content-Security-Policy"), POLICY, "{path}");
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff", "{path}");
        assert_eq!(answer.header("Referrer-Policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("Cache-Control"), "no-cache", "{path}");
        assert_eq!(answer.header("Cross-Origin-Opener-Policy"), "same-origin", "{path}");
        assert_eq!(answer.header("Cross-Origin-Resource-Policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn nothing_else_is_served() {
    let server = Running::start();
    for path in ["/nothing", "/../secret.txt", "/%2e%2e/secret.txt", "/package/../../secret.txt", "/package%2findex.js"]
    {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.ends_with(b"secret"), "{path}");
    }
    for (method, path) in [("POST", "/"), ("PUT", "/index.html"), ("DELETE", "/pictures/1-2")] {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
        assert_eq!(server.request(&request).await.status, 405, "{method} {path}");
    }
}

/// The handshake of a page.
fn handshake(host: &str, origin: Option<&str>) -> String {
    let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
    format!(
        "GET /chat HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}\r\n"
    )
}

#[tokio::test]
async fn the_chat_takes_connections_of_its_own_page_only() {
    let server = Running::start();
    let port = server.address.port();
    let (ip, localhost) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    let (own, own_localhost) = (format!("http://{ip}"), format!("http://{localhost}"));
    let (secure, elsewhere) = (format!("https://{ip}"), format!("http://127.0.0.1:{}", port ^ 1));
    let (rebound, rebound_origin) = (format!("evil.test:{port}"), format!("http://evil.test:{port}"));
    for (host, origin, status) in [
        (&ip, None, 101),
        (&ip, Some(own.as_str()), 101),
        (&localhost, Some(&own_localhost), 101),
        (&ip, Some(&own_localhost), 403),
        (&localhost, Some(&own), 403),
        (&ip, Some(&secure), 403),
        (&ip, Some(&elsewhere), 403),
        (&ip, Some("http://127.0.0.1"), 403),
        (&ip, Some("http://evil.test"), 403),
        (&ip, Some("null"), 403),
        (&ip, Some(""), 403),
        (&ip, Some(&format!("{own}.evil.test")), 403),
        (&rebound, Some(&rebound_origin), 403),
        (&rebound, Some(&own), 403),
    ] {
        let answer = server.request(&close(&handshake(host, origin), status)).await;
        assert_eq!(answer.status, status, "Host: {host}, Origin: {origin:?}");
    }
    let twice = handshake(&ip, Some(&own)).replace("Host:", "Origin: http://evil.test\r\nHost:");
    assert_eq!(server.request(&close(&twice, 403)).await.status, 403, "two origins");
}

/// Makes a refusal end the connection, too.
fn close(handshake: &str, status: u16) -> String {
    match status {
        101 => handshake.to_owned(),
        _ => handshake.replace("Connection: Upgrade", "Connection: close, Upgrade"),
    }
}

#[tokio::test]
async fn a_handshake_is_answered_as_the_protocol_says() {
    let server = Running::start();
    let good = handshake(&server.address.to_string(), None);
    let answer = server.request(&good).await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("Upgrade").to_lowercase(), "websocket");
    assert_eq!(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    for (from, to) in [
        ("GET ", "POST "),
        ("Upgrade: websocket\r\n", ""),
        ("Connection: Upgrade, close", "Connection: close"),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
    ] {
        let wrong = good.replace("Connection: Upgrade", "Connection: Upgrade, close").replace(from, to);
        assert_eq!(server.request(&wrong).await.status, 400, "{to:?} for {from:?}");
    }
}

#[tokio::test]
async fn a_full_server_says_503_until_somebody_has_gone() {
    let server = Running::with(Limits { connections: 2, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let bob = Client::join(&server, "Bob", "lobby").await;
    ada.next().await;
    let refused = close(&handshake(&server.address.to_string(), None), 503);
    assert_eq!(server.request(&refused).await.status, 503);
    assert_eq!(server.get("/").await.status, 200, "the page is there");
    bob.leave(1000, "").await;
    // The connection ends a moment after its close frame.
    let free = async { while server.request(&refused).await.status == 503 {} };
    timeout(PATIENCE, free).await.expect("a place");
}

#[tokio::test]
async fn the_server_listens_on_loopback_only() {
    let server = Running::start();
    assert!(server.address.ip().is_loopback());
    // Any other address of the machine would do: a listener on 127.0.0.1 alone is not reached by 127.0.0.2.
    assert!(TcpStream::connect(("127.0.0.2", server.address.port())).await.is_err());
}

use std::{fs, path::Path, time::Duration};

use tokio::{io::AsyncWriteExt, time::timeout};

use crate::client::{Host, Raw, read_answer};

#[tokio::test]
async fn files_have_types_and_stay_in_their_directory() {
    let host = Host::start();
    let answer = host.get("/files/src/paths.txt").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, test_server::PATHS);
    assert!(answer.head.contains("text/plain; charset=utf-8"));
    assert!(answer.head.contains("Cache-Control: no-cache"));
    assert!(answer.head.contains("Access-Control-Allow-Origin: *"));
    for path in ["src/../Cargo.toml", "src/%2e%2e/Cargo.toml", "src/none", "none/paths.txt"] {
        let answer = host.get(&format!("/files/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.head.contains("Access-Control-Allow-Origin: *"));
    }
}

#[tokio::test]
async fn an_unknown_path_lists_the_known() {
    let host = Host::start();
    let answer = host.get("/").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("/slow-close"));
    assert_eq!(host.get("/echo").await.status, 426);
    assert_eq!(host.http("nonsense\r\n\r\n").await.status, 400);
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(66_000));
    assert_eq!(host.http(long).await.status, 431);
}

#[tokio::test]
async fn a_site_is_served_where_no_other_path_is_meant() {
    let host = Host::serving("site");
    assert_eq!(host.get("/paths.txt").await.body, test_server::PATHS);
    assert_eq!(host.get("/none.txt").await.status, 404);
    assert_eq!(host.get("/../Cargo.toml").await.status, 404);
    assert_eq!(host.get("/echo").await.status, 426);
    assert_eq!(host.get("/seen").await.status, 400);
}

#[tokio::test]
async fn a_site_answers_a_missing_page_with_its_own() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("404.html"), "<title>Nothing here</title>").expect("a file");
    let host = Host::serving_from("site", &directory);
    for path in ["/none", "/none.html", "/guide/", "/../Cargo.toml"] {
        let answer = host.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.body, "<title>Nothing here</title>", "{path}");
        assert!(answer.head.contains("text/html; charset=utf-8"), "{path}");
    }
    assert!(!host.get("/files/site/none").await.body.contains("Nothing here"));
    assert_eq!(host.get("/seen").await.status, 400);
}

#[tokio::test]
async fn reports_queue_up() {
    let host = Host::start();
    assert_eq!(host.post("/report?key=k", "first").await.status, 204);
    assert_eq!(host.post("/report?key=k", "zweitér").await.status, 204);
    assert_eq!(host.get("/report?key=k").await.body, "first");
    assert_eq!(host.get("/report?key=k").await.body, "zweitér");
    assert_eq!(host.get("/report?key=k&wait=1").await.status, 204);
    assert_eq!(host.post("/report", "").await.status, 400);

    let large = "x".repeat(4 << 20);
    assert_eq!(host.post("/report?key=k", &large).await.status, 204);
    assert_eq!(host.get("/report?key=k").await.body, large);
    let head = format!("POST /report?key=k HTTP/1.1\r\nContent-Length: {}\r\n\r\n", large.len() + 1);
    assert_eq!(host.http(head).await.status, 413);
}

#[tokio::test]
async fn a_report_is_waited_for() {
    let host = Host::start();
    let (got, put) = tokio::join!(host.get("/report?key=k"), host.post("/report?key=k", "late"));
    assert_eq!(put.status, 204);
    assert_eq!(got.body, "late");
}

#[tokio::test]
async fn who_left_takes_no_report() {
    let host = Host::start();
    let mut client = host.tcp().await;
    client.write_all(b"GET /report?key=k HTTP/1.1\r\n\r\n").await.expect("an open socket");
    client.shutdown().await.expect("an open socket");
    // The server closes without a response.
    let read = tokio::io::AsyncReadExt::read(&mut client, &mut [0]).await;
    assert_eq!(read.expect("a FIN"), 0);
    host.post("/report?key=k", "kept").await;
    assert_eq!(host.get("/report?key=k").await.body, "kept");
}

#[tokio::test]
async fn a_preflight_allows_everything() {
    let host = Host::start();
    let request = "OPTIONS /report?key=k HTTP/1.1\r\nAccess-Control-Request-Headers: x-a\r\n\r\n";
    let answer = host.http(request).await;
    assert_eq!(answer.status, 204);
    assert!(answer.head.contains("Allow-Methods: GET, POST, OPTIONS"));
    assert!(answer.head.contains("Allow-Headers: x-a"));
    assert!(answer.head.contains("Allow-Origin: *"));
}

#[tokio::test]
async fn seen_answers_at_once_when_told_to() {
    let host = Host::start();
    let answer = host.get("/seen?key=k&now").await;
    assert!(answer.body.contains(r#""end":null"#));
    assert!(answer.body.contains(r#""path":null"#));
    assert_eq!(host.get("/seen?key=k&wait=1").await.status, 200);
    assert_eq!(host.get("/seen").await.status, 400);

    let mut raw = host.raw("/sink?key=k").await;
    let answer = host.get("/seen?key=k&now").await;
    assert!(answer.body.contains(r#""path":"/sink""#));
    assert!(answer.body.contains(r#""end":null"#));
    raw.close().await;
    assert_eq!(host.seen().await["end"], "close");
}

/// Requests the record before the end of the connection, and checks that the response follows the end.
async fn waits(host: &Host, connect: impl AsyncFnOnce() -> Raw) {
    let mut waiting = host.tcp().await;
    waiting.write_all(b"GET /seen?key=k HTTP/1.1\r\n\r\n").await.expect("an open socket");
    let mut raw = connect().await;
    let mut answer = std::pin::pin!(read_answer(&mut waiting));
    let early = timeout(Duration::from_millis(30), &mut answer).await;
    assert!(early.is_err());
    raw.close().await;
    assert!(answer.await.body.contains(r#""end":"close""#));
}

#[tokio::test]
async fn seen_waits_for_a_connection_that_has_not_begun() {
    let host = Host::start();
    let connect = async || host.raw("/sink?key=k").await;
    waits(&host, connect).await;
}

#[tokio::test]
async fn a_key_shows_its_newest_connection() {
    let host = Host::start();
    host.raw("/sink?key=k").await.close().await;
    assert_eq!(host.seen().await["path"], "/sink");
    let raw = host.raw("/echo?key=k").await;
    waits(&host, async || raw).await;
    assert_eq!(host.seen().await["path"], "/echo");
}

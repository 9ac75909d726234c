//! An HTTP connection, until it ends or becomes a WebSocket.

use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower_http::add_extension::AddExtension;

use crate::address::{Full, Pass};
use crate::limits::Limits;

/// The size of the buffers for the head of a request and for unsent bytes, in bytes.
const BUFFER: usize = 16 << 10;

/// The time that a refused client has to read the answer.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// Answers requests, each of which carries the pass. The connection ends when the next request is not received in time,
/// and after [`http_within`](Limits::http_within) in any case, so that a client that reads byte by byte does not keep
/// its place.
pub async fn serve(stream: TcpStream, router: Router, pass: Arc<Pass>, limits: &Limits, stopped: &CancellationToken) {
    let service = TowerToHyperService::new(AddExtension::new(router, pass));
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.request_within).max_buf_size(BUFFER);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        // An error means that the client is gone.
        _ = connection.as_mut() => return,
        () = sleep(limits.http_within) => {}
        () = stopped.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.close_within, connection).await;
}

/// Answers with 503, and reads the request. A connection that is closed with unread bytes is reset, and its answer may
/// be lost.
pub async fn refuse(mut stream: TcpStream, full: Full) {
    let answered = async {
        stream.write_all(refusal(full).as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    let _ = timeout(REFUSED_WITHIN, answered).await;
}

/// Answers with 503 without waiting. The answer may be lost.
pub fn dismiss(stream: TcpStream, full: Full) {
    let _ = stream.into_std().and_then(|mut stream| stream.write_all(refusal(full).as_bytes()));
}

fn refusal(full: Full) -> String {
    let body = match full {
        Full::All => "the server has as many connections as it can. Try again in a moment.\n",
        Full::Address => "this address has as many connections as it may. Try again in a moment.\n",
    };
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         Retry-After: 5\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

//! The peer made with axum.

#![forbid(unsafe_code)]

use std::error::Error;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::any;
use peers::{ENDS, End, Ends, LIMIT, PROTOCOL};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let router = Router::new().route(ENDS, any(listen)).fallback(any(connect)).with_state(Ends::default());
    Ok(axum::serve(peers::listen().await?, router).await?)
}

async fn listen(upgrade: WebSocketUpgrade, State(ends): State<Ends>) -> Response {
    upgrade.on_upgrade(|socket| async {
        // An error means that the client is gone.
        let _ = report_ends(socket, ends).await;
    })
}

async fn connect(upgrade: WebSocketUpgrade, uri: Uri, State(ends): State<Ends>) -> Response {
    upgrade.max_message_size(LIMIT).max_frame_size(LIMIT).protocols([PROTOCOL]).on_upgrade(async move |socket| {
        let mut end = End { target: uri.to_string(), ..End::default() };
        // `end` reports the error.
        let _ = echo(socket, &mut end).await;
        ends.report(&end);
    })
}

async fn echo(mut socket: WebSocket, end: &mut End) -> Result<(), axum::Error> {
    // The library answers pings and close frames when it is polled next.
    while let Some(message) = socket.recv().await {
        match message? {
            Message::Text(text) => {
                end.texts += 1;
                match peers::close_asked_by(&text) {
                    Some((code, reason)) => {
                        let frame = CloseFrame { code, reason: reason.into() };
                        socket.send(Message::Close(Some(frame))).await?;
                    }
                    None => socket.send(Message::Text(text)).await?,
                }
            }
            Message::Binary(bytes) => {
                end.binaries += 1;
                socket.send(Message::Binary(bytes)).await?;
            }
            Message::Close(Some(frame)) => {
                end.code = Some(frame.code);
                end.reason = frame.reason.to_string();
            }
            _ => {}
        }
    }
    Ok(())
}

async fn report_ends(mut socket: WebSocket, ends: Ends) -> Result<(), axum::Error> {
    let mut receiver = ends.listen();
    socket.send("ready".into()).await?;
    loop {
        tokio::select! {
            Ok(end) = receiver.recv() => socket.send(end.into()).await?,
            message = socket.recv() => if message.transpose()?.is_none() { return Ok(()) },
        }
    }
}

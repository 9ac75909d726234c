//! The peer made with tokio-tungstenite.

#![forbid(unsafe_code)]

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use peers::{ENDS, End, Ends, LIMIT, PROTOCOL};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = peers::listen().await?;
    let ends = Ends::default();
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(serve(stream, ends.clone()));
    }
}

async fn serve(stream: TcpStream, ends: Ends) -> Result<(), WsError> {
    let mut target = String::new();
    // The library defines this type, whose error is large.
    #[allow(clippy::result_large_err)]
    let choose = |request: &Request, mut response: Response| {
        target = request.uri().to_string();
        let mut offers =
            request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
        if offers.any(|offered| offered.split(',').any(|protocol| protocol.trim() == PROTOCOL)) {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        Ok(response)
    };
    let config = WebSocketConfig::default().max_message_size(Some(LIMIT)).max_frame_size(Some(LIMIT));
    let socket = accept_hdr_async_with_config(stream, choose, Some(config)).await?;
    if target.starts_with(ENDS) {
        return report_ends(socket, ends).await;
    }
    let mut end = End { target, ..End::default() };
    let ended = echo(socket, &mut end).await;
    ends.report(&end);
    ended
}

async fn echo(mut socket: WebSocketStream<TcpStream>, end: &mut End) -> Result<(), WsError> {
    // The library answers pings and close frames when it is polled next.
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => {
                end.texts += 1;
                match peers::close_asked_by(&text) {
                    Some((code, reason)) => {
                        socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await?;
                    }
                    None => socket.send(Message::Text(text)).await?,
                }
            }
            Message::Binary(bytes) => {
                end.binaries += 1;
                socket.send(Message::Binary(bytes)).await?;
            }
            Message::Close(Some(frame)) => {
                end.code = Some(frame.code.into());
                end.reason = frame.reason.to_string();
            }
            _ => {}
        }
    }
    Ok(())
}

async fn report_ends(mut socket: WebSocketStream<TcpStream>, ends: Ends) -> Result<(), WsError> {
    let mut receiver = ends.listen();
    socket.send("ready".into()).await?;
    loop {
        tokio::select! {
            Ok(end) = receiver.recv() => socket.send(end.into()).await?,
            message = socket.next() => if message.transpose()?.is_none() { return Ok(()) },
        }
    }
}

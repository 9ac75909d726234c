//! Answers to a handshake that do not open a connection.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    connection::rst,
    record::{End, Record},
    response::{Response, drain},
};

/// The time that a client is left waiting.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A way in which no connection opens.
pub enum Fault {
    Stall,
    Status(u16),
    Garbage,
    Hangup,
    Reset,
}

impl Fault {
    /// Plays the fault to a client, and records the client's end.
    pub async fn play(self, mut stream: TcpStream, record: &Record) {
        let end = match self {
            Self::Stall => timeout(PATIENCE, until_closed(&mut stream))
                .await
                .unwrap_or_else(|_| End::Error("still open after 120 s".into())),
            Self::Status(status) => {
                let address = stream.local_addr();
                status_response(status, address.ok()).send(&mut stream).await;
                End::Fin
            }
            Self::Garbage => hang_up(&mut stream, b"\x16\x03 This is not HTTP.\r\n\r\n").await,
            Self::Hangup => hang_up(&mut stream, b"").await,
            Self::Reset => rst(&stream),
        };
        record.end(end);
    }
}

async fn hang_up(stream: &mut TcpStream, bytes: &[u8]) -> End {
    let result: io::Result<()> = async {
        stream.write_all(bytes).await?;
        stream.shutdown().await?;
        drain(stream).await
    }
    .await;
    result.map_or_else(End::from, |()| End::Fin)
}

/// Reads until the client has closed its side.
pub async fn until_closed(stream: &mut TcpStream) -> End {
    let mut bytes = [0; 1024];
    loop {
        match stream.read(&mut bytes).await {
            Ok(0) => return End::Fin,
            Ok(_) => {}
            Err(error) => return error.into(),
        }
    }
}

fn status_response(status: u16, address: Option<std::net::SocketAddr>) -> Response {
    let response = match status {
        204 | 304 => Response::empty(status),
        _ => Response::text(status, format!("the status {status}, as asked for\n")),
    };
    match (status, address) {
        (301 | 302 | 303 | 307 | 308, Some(address)) => response.header("Location", format!("ws://{address}/echo")),
        (401, _) => response.header("WWW-Authenticate", "Basic realm=\"test\""),
        (503, _) => response.header("Retry-After", "1"),
        _ => response,
    }
}

//! One client, from its handshake to the end of its connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use crate::address::Pass;
use crate::chat::{Chat, Seat};
use crate::limits::Limits;
use crate::message::Request;
use crate::pace::{self, Pace};
use crate::picture::{self, Picture};
use crate::queue::Exit;
use crate::refusal::{self, Refusal};

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A buffer for each of thousands.
const BUFFER: usize = 4 << 10;

const CONNECTION_LOST: &str = "The connection was lost.";
const NO_ANSWER: &str = "The client no longer answered.";

/// How a connection ends.
#[derive(Debug)]
enum End {
    /// By the client: the code and reason of its close frame.
    Closed(u16, Utf8Bytes),
    /// Without a close frame, and why.
    Lost(&'static str),
    /// By the server.
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::Capacity(_) => refusal::MESSAGE_TOO_LONG.into(),
            Error::Utf8(_) => refusal::NOT_UTF8.into(),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Lost(CONNECTION_LOST),
            Error::Protocol(_) => refusal::NOT_WEBSOCKET.into(),
            _ => Self::Lost(CONNECTION_LOST),
        }
    }
}

impl End {
    /// What the others in the room are told; nothing where all of them go.
    fn told(&self) -> Option<(u16, &str)> {
        match self {
            Self::Closed(code, reason) => Some((*code, reason)),
            Self::Lost(why) => Some((1006, why)),
            Self::Refused(refusal) if *refusal == refusal::GOING_AWAY => None,
            Self::Refused(refusal) => Some((refusal.code, refusal.reason)),
        }
    }
}

/// Serves a client until its connection has ended, or the server does.
pub async fn serve(upgraded: Upgraded, pass: &Pass, chat: &Arc<Chat>, limits: &Limits, stopped: &CancellationToken) {
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(Some(picture::LARGEST))
        .max_frame_size(Some(picture::LARGEST));
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let (mut sink, mut stream) = socket.split();

    let joined = tokio::select! {
        joined = timeout(limits.join_within, join(&mut stream, pass, chat)) => {
            joined.unwrap_or_else(|_| Err(refusal::JOIN_LATE.into()))
        }
        () = stopped.cancelled() => Err(refusal::GOING_AWAY.into()),
    };
    let end = match joined {
        Ok((seat, mut queue)) => {
            let end = talk(&mut sink, &mut stream, &seat, &mut queue, limits, stopped).await;
            seat.leave(end.told());
            if matches!(end, End::Refused(refusal) if refusal != refusal::TOO_SLOW) {
                // What the client was to get before it is told to go; how long that may take is limited.
                let _ = timeout(limits.close_within, send_rest(&mut sink, queue)).await;
            }
            end
        }
        Err(end) => end,
    };
    if let Ok(socket) = stream.reunite(sink) {
        let _ = timeout(limits.close_within, close(socket, end)).await;
    }
}

/// Waits for the join.
async fn join(stream: &mut SplitStream<Socket>, pass: &Pass, chat: &Arc<Chat>) -> Result<(Seat, Exit), End> {
    while let Some(message) = stream.next().await {
        match message? {
            Message::Text(text) => {
                let Request::Join { name, room } = Request::parse(&text)? else {
                    return Err(refusal::NOT_JOINED.into());
                };
                if !pass.may_join(Instant::now()) {
                    return Err(refusal::JOINS_TOO_FAST.into());
                }
                return Ok(chat.join(&name, &room, pass.address)?);
            }
            Message::Binary(_) => return Err(refusal::NOT_JOINED.into()),
            Message::Close(frame) => return Err(closed(frame)),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Err(End::Lost(CONNECTION_LOST))
}

/// Takes what the client sends and sends what its queue has, until one of them, or something else, ends it.
async fn talk(
    sink: &mut SplitSink<Socket, Message>,
    stream: &mut SplitStream<Socket>,
    seat: &Seat,
    queue: &mut Exit,
    limits: &Limits,
    stopped: &CancellationToken,
) -> End {
    let heard = AtomicBool::new(true);
    tokio::select! {
        end = hear(stream, seat, &heard) => end,
        end = send(sink, queue, limits, &heard) => end,
        () = seat.overflowed() => refusal::TOO_SLOW.into(),
        () = stopped.cancelled() => refusal::GOING_AWAY.into(),
    }
}

async fn hear(stream: &mut SplitStream<Socket>, seat: &Seat, heard: &AtomicBool) -> End {
    let mut pace = Pace::new(Instant::now());
    while let Some(message) = stream.next().await {
        heard.store(true, Ordering::Relaxed);
        let taken = match message {
            Ok(Message::Text(text)) => take_text(&text, seat, &mut pace),
            Ok(Message::Binary(bytes)) => take_picture(&bytes, seat, &mut pace),
            Ok(Message::Close(frame)) => return closed(frame),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(()),
            Err(error) => return error.into(),
        };
        if let Err(refusal) = taken {
            return refusal.into();
        }
    }
    End::Lost(CONNECTION_LOST)
}

fn take_text(text: &str, seat: &Seat, pace: &mut Pace) -> Result<(), Refusal> {
    if !pace.allows(pace::TEXT, Instant::now()) {
        return Err(refusal::TOO_FAST);
    }
    match Request::parse(text)? {
        Request::Join { .. } => Err(refusal::JOINED_ALREADY),
        Request::Say { text } => {
            seat.say(&text);
            Ok(())
        }
    }
}

fn take_picture(bytes: &[u8], seat: &Seat, pace: &mut Pace) -> Result<(), Refusal> {
    if !pace.allows(pace::PICTURE, Instant::now()) {
        return Err(refusal::TOO_FAST);
    }
    seat.show(Picture::new(bytes)?);
    Ok(())
}

/// Sends what the queue has, and a ping from time to time. What was taken from the queue has been handed over to the sink
/// wherever this is dropped.
async fn send(sink: &mut SplitSink<Socket, Message>, queue: &mut Exit, limits: &Limits, heard: &AtomicBool) -> End {
    let mut pings = interval(limits.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once.
    pings.tick().await;
    loop {
        match timeout(limits.send_within, ready(sink, queue.is_empty())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return refusal::TOO_SLOW.into(),
        }
        let message = tokio::select! {
            Some(message) = queue.take() => Message::Text(message),
            _ = pings.tick() => match heard.swap(false, Ordering::Relaxed) {
                true => Message::Ping(Bytes::new()),
                false => return End::Lost(NO_ANSWER),
            },
        };
        if let Err(error) = sink.start_send_unpin(message) {
            return error.into();
        }
    }
}

/// Waits until the sink takes another message, or has sent all it took.
async fn ready(sink: &mut SplitSink<Socket, Message>, all: bool) -> Result<(), Error> {
    match all {
        true => sink.flush().await,
        false => poll_fn(|context| sink.poll_ready_unpin(context)).await,
    }
}

/// Sends what is left in a queue that gets nothing more.
async fn send_rest(sink: &mut SplitSink<Socket, Message>, mut queue: Exit) -> Result<(), Error> {
    while let Some(message) = queue.take().await {
        sink.feed(Message::Text(message)).await?;
    }
    sink.flush().await
}

fn closed(frame: Option<CloseFrame>) -> End {
    match frame {
        Some(CloseFrame { code, reason }) => End::Closed(code.into(), reason),
        None => End::Closed(1005, Utf8Bytes::default()),
    }
}

/// Ends the connection: the close frames, then the end of the stream. From a client that does not answer, what it still
/// sends is read, for a connection that is closed on unread bytes is reset, and its close frame may be lost with it.
async fn close(mut socket: Socket, end: End) -> Result<(), Error> {
    let Refusal { code, reason } = match end {
        End::Refused(refusal) => refusal,
        End::Closed(..) => {
            // The library answers a close frame before it says that there is nothing more.
            while socket.next().await.transpose()?.is_some() {}
            return Ok(());
        }
        End::Lost(_) => return Ok(()),
    };
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    socket.send(Message::Close(Some(frame))).await?;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_close() {
            return Ok(());
        }
    }
    // After an error there are no more messages, but there may be more bytes.
    let mut stream = socket.into_inner();
    stream.shutdown().await?;
    let mut rest = [0; BUFFER];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

//! One client, from its handshake to the end of its connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
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
use crate::meter::{Meter, Metered};
use crate::pace;
use crate::picture::{self, Picture};
use crate::queue::Receiver;
use crate::refusal::{self, Refusal};

type Socket<S> = WebSocketStream<Metered<S>>;

/// The size of a buffer, in bytes. It is small, because there are thousands of connections.
const BUFFER: usize = 4 << 10;

const CONNECTION_LOST: &str = "The connection was lost.";
const NO_ANSWER: &str = "The client no longer answered.";

/// The end of a connection.
#[derive(Debug)]
enum End {
    /// By the client, with the code and reason of its close frame.
    Closed(u16, Utf8Bytes),
    /// Without a close frame, for this reason.
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
    /// The code and reason that the others in the room receive. `None` if all connections end.
    fn reported(&self) -> Option<(u16, &str)> {
        match self {
            Self::Closed(code, reason) => Some((*code, reason)),
            Self::Lost(why) => Some((1006, why)),
            Self::Refused(refusal) if *refusal == refusal::GOING_AWAY => None,
            Self::Refused(refusal) => Some((refusal.code, refusal.reason)),
        }
    }
}

/// Serves a client until its connection or the server ends.
pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    pass: &Pass,
    chat: &Arc<Chat>,
    limits: &Limits,
    stopped: &CancellationToken,
) {
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(Some(picture::LARGEST))
        .max_frame_size(Some(picture::LARGEST));
    let meter = Arc::new(Meter::new(Instant::now()));
    let stream = Metered::new(stream, meter.clone());
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (mut sink, mut stream) = socket.split();

    let joined = tokio::select! {
        joined = timeout(limits.join_within, join(&mut stream, &meter, pass, chat)) => {
            joined.unwrap_or_else(|_| Err(refusal::JOIN_LATE.into()))
        }
        () = stopped.cancelled() => Err(refusal::GOING_AWAY.into()),
    };
    let end = match joined {
        Ok((seat, mut queue)) => {
            let end = exchange(&mut sink, &mut stream, &meter, &seat, &mut queue, limits, stopped).await;
            seat.leave(end.reported());
            if matches!(end, End::Refused(refusal) if refusal != refusal::TOO_SLOW) {
                // The queued messages are sent before the close frame, for a limited time.
                let _ = timeout(limits.close_within, send_rest(&mut sink, queue)).await;
            }
            end
        }
        Err(end) => end,
    };
    if let Ok(socket) = stream.reunite(sink) {
        let _ = timeout(limits.close_within, close(socket, &meter, end)).await;
    }
}

/// Waits for the join.
async fn join<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut SplitStream<Socket<S>>,
    meter: &Meter,
    pass: &Pass,
    chat: &Arc<Chat>,
) -> Result<(Seat, Receiver), End> {
    while let Some(message) = stream.next().await {
        match message.map_err(|error| failed(error, meter))? {
            Message::Text(text) => {
                let Request::Join(join) = Request::parse(&text)? else {
                    return Err(refusal::NOT_JOINED.into());
                };
                if !pass.may_join(Instant::now()) {
                    return Err(refusal::JOINS_TOO_FAST.into());
                }
                return Ok(chat.join(join, pass.address)?);
            }
            Message::Binary(_) => return Err(refusal::NOT_JOINED.into()),
            Message::Close(frame) => return Err(closed(frame)),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Err(End::Lost(CONNECTION_LOST))
}

/// Receives the client's messages and sends those of its queue, until either of them ends or a limit is exceeded.
async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<Socket<S>, Message>,
    stream: &mut SplitStream<Socket<S>>,
    meter: &Meter,
    seat: &Seat,
    queue: &mut Receiver,
    limits: &Limits,
    stopped: &CancellationToken,
) -> End {
    let is_alive = AtomicBool::new(true);
    tokio::select! {
        end = receive(stream, meter, seat, &is_alive) => end,
        end = send(sink, queue, limits, &is_alive) => end,
        () = seat.overflowed() => refusal::TOO_SLOW.into(),
        () = seat.replaced() => refusal::REPLACED.into(),
        () = meter.late(limits.message_within) => refusal::MESSAGE_LATE.into(),
        () = stopped.cancelled() => refusal::GOING_AWAY.into(),
    }
}

async fn receive<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut SplitStream<Socket<S>>,
    meter: &Meter,
    seat: &Seat,
    is_alive: &AtomicBool,
) -> End {
    while let Some(message) = stream.next().await {
        is_alive.store(true, Ordering::Relaxed);
        let taken = match message {
            Ok(Message::Text(text)) => take_text(&text, seat, meter),
            Ok(Message::Binary(bytes)) => take_picture(&bytes, seat, meter),
            Ok(Message::Close(frame)) => return closed(frame),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(()),
            Err(error) => return failed(error, meter),
        };
        if let Err(refusal) = taken {
            return refusal.into();
        }
    }
    End::Lost(CONNECTION_LOST)
}

fn take_text(text: &str, seat: &Seat, meter: &Meter) -> Result<(), Refusal> {
    if !meter.allows(pace::TEXT, Instant::now()) {
        return Err(refusal::TOO_FAST);
    }
    match Request::parse(text)? {
        Request::Join(_) => Err(refusal::JOINED_ALREADY),
        Request::Say { text } => {
            seat.say(&text);
            Ok(())
        }
        Request::Ping => {
            seat.pong();
            Ok(())
        }
    }
}

fn take_picture(bytes: &[u8], seat: &Seat, meter: &Meter) -> Result<(), Refusal> {
    if !meter.allows(pace::PICTURE, Instant::now()) {
        return Err(refusal::TOO_FAST);
    }
    seat.show(Picture::new(bytes)?);
    Ok(())
}

/// Sends the messages of the queue, and pings. Wherever this future is dropped, each message taken from the queue has
/// been passed to the sink.
async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<Socket<S>, Message>,
    queue: &mut Receiver,
    limits: &Limits,
    is_alive: &AtomicBool,
) -> End {
    let mut pings = interval(limits.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is immediate.
    pings.tick().await;
    loop {
        match timeout(limits.send_within, ready(sink, queue.is_empty())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return refusal::TOO_SLOW.into(),
        }
        let message = tokio::select! {
            Some(message) = queue.take() => Message::Text(message),
            _ = pings.tick() => match is_alive.swap(false, Ordering::Relaxed) {
                true => Message::Ping(Bytes::new()),
                false => return End::Lost(NO_ANSWER),
            },
        };
        if let Err(error) = sink.start_send_unpin(message) {
            return error.into();
        }
    }
}

/// Waits until the sink accepts another message or, if `all` is set, until it has sent all messages.
async fn ready<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<Socket<S>, Message>,
    all: bool,
) -> Result<(), Error> {
    match all {
        true => sink.flush().await,
        false => poll_fn(|context| sink.poll_ready_unpin(context)).await,
    }
}

/// Sends the messages left in a queue that receives no more.
async fn send_rest<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<Socket<S>, Message>,
    mut queue: Receiver,
) -> Result<(), Error> {
    while let Some(message) = queue.take().await {
        sink.feed(Message::Text(message)).await?;
    }
    sink.flush().await
}

/// Returns the end of a connection from which reading failed.
fn failed(error: Error, meter: &Meter) -> End {
    meter.refusal().map_or_else(|| error.into(), End::Refused)
}

fn closed(frame: Option<CloseFrame>) -> End {
    match frame {
        Some(CloseFrame { code, reason }) => End::Closed(code.into(), reason),
        None => End::Closed(1005, Utf8Bytes::default()),
    }
}

/// Ends the connection: first the close frames, then the stream. Further bytes of a client that does not answer are
/// read. A connection that is closed with unread bytes is reset, and its close frame may be lost.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(mut socket: Socket<S>, meter: &Meter, end: End) -> Result<(), Error> {
    let Refusal { code, reason } = match end {
        End::Refused(refusal) => refusal,
        End::Closed(..) => {
            // The library answers a close frame before it reports the end.
            while socket.next().await.transpose()?.is_some() {}
            return Ok(());
        }
        End::Lost(_) => return Ok(()),
    };
    let frame = CloseFrame { code: code.into(), reason: reason.into() };
    socket.send(Message::Close(Some(frame))).await?;
    // The frames of a refused client are no longer assembled.
    while meter.refusal().is_none() {
        match socket.next().await {
            Some(Ok(message)) if message.is_close() => return Ok(()),
            Some(Ok(_)) => {}
            _ => break,
        }
    }
    // There are no more messages, but there may be more bytes.
    let mut stream = socket.into_inner().into_inner();
    stream.shutdown().await?;
    let mut rest = [0; BUFFER];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;
    use serde_json::json;
    use tokio::io::duplex;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

    use super::*;
    use crate::address::Addresses;
    use crate::message::Join;
    use crate::sample::{self, frame};

    /// Serves a client that sends these bytes and no more. Returns the bytes that the client receives.
    fn sent_to(bytes: Vec<u8>) -> Vec<u8> {
        let limits = Limits::default();
        let chat = Arc::new(Chat::new(limits.clone()));
        let addresses = Arc::new(Addresses::new(&limits));
        let pass = addresses.admit(Ipv4Addr::LOCALHOST.into(), Instant::now()).expect("a pass");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let (client, server) = duplex(1 << 20);
            let (mut reading, mut writing) = tokio::io::split(client);
            let client = async {
                let _ = writing.write_all(&bytes).await;
                let _ = writing.shutdown().await;
                let mut sent = Vec::new();
                let _ = reading.read_to_end(&mut sent).await;
                sent
            };
            let stopped = CancellationToken::new();
            let serving = serve(server, &pass, &chat, &limits, &stopped);
            let ((), sent) = timeout(std::time::Duration::from_secs(20), async { tokio::join!(serving, client) })
                .await
                .expect("an end");
            let eve = Join { name: "Eve".to_owned(), room: "lobby".to_owned(), ..Join::default() };
            let seat = chat.join(eve, Ipv4Addr::LOCALHOST.into());
            assert!(seat.is_ok(), "nobody stays in a room");
            sent
        })
    }

    fn text(message: &serde_json::Value) -> Vec<u8> {
        frame(OpCode::Data(Data::Text), true, message.to_string().into_bytes())
    }

    fn join() -> Vec<u8> {
        text(&json!({ "kind": "join", "name": "Eve", "room": "lobby" }))
    }

    /// Bytes that a client may send, and bytes that no client sends.
    fn anything() -> impl Strategy<Value = Vec<u8>> {
        let payload = || prop::collection::vec(any::<u8>(), 0..300);
        let opcode = prop_oneof![
            Just(OpCode::Data(Data::Text)),
            Just(OpCode::Data(Data::Binary)),
            Just(OpCode::Data(Data::Continue)),
            Just(OpCode::Control(Control::Ping)),
            Just(OpCode::Control(Control::Pong)),
            Just(OpCode::Control(Control::Close)),
        ];
        prop_oneof![
            payload(),
            (opcode, any::<bool>(), payload()).prop_map(|(opcode, is_final, payload)| frame(opcode, is_final, payload)),
            any::<String>().prop_map(|content| text(&json!({ "kind": "say", "text": content }))),
            Just(join()),
            Just(frame(OpCode::Data(Data::Binary), true, sample::gif(9, 9))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn whatever_a_client_sends_its_connection_ends_and_its_seat_is_free(
            is_joined: bool,
            sent in prop::collection::vec(anything(), 0..12),
        ) {
            let first = if is_joined { join() } else { Vec::new() };
            sent_to([first, sent.concat()].concat());
        }

        #[test]
        fn what_is_said_comes_back_as_it_was_said(content in "[^\\pC\\pZ]{1,100}") {
            prop_assume!(crate::glyph::shows_something(&content));
            // A refused client receives the earlier messages first.
            let wrong = text(&json!([]));
            let sent = sent_to([join(), text(&json!({ "kind": "say", "text": content })), wrong].concat());
            let member = serde_json::to_string(&content).expect("JSON");
            let member = format!("\"text\":{member}}}");
            prop_assert!(sent.windows(member.len()).any(|part| part == member.as_bytes()));
        }
    }
}

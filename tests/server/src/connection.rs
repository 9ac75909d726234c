//! An open WebSocket connection on the server.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::TcpStream,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    frame::{self, BINARY, CLOSE, CONTINUATION, Frame, Head, PING, PONG, TEXT},
    record::{End, Record},
    response::drain,
    script::BATCH,
};

const MAX_MESSAGE: u64 = 1 << 30;
const CLOSE_TIME: Duration = Duration::from_secs(5);
const SMALL_BUFFER: usize = 64 * 1024;
const READ: usize = 16 * 1024;

/// Data received from the client.
pub enum Event {
    Message { opcode: u8, payload: Bytes },
    Ping(Bytes),
    Pong,
    Close,
}

/// A violation of the protocol by the client, and its close code.
struct Violation(u16, &'static str);

/// A rate of reading. It is kept on average: a read that is late is made up for at once.
struct Pace {
    bytes_per_second: NonZeroU32,
    /// The time at which the data read so far was due.
    due: Instant,
}

/// The server's end of a connection. Every read is recorded. The connection only answers in the methods that say so.
pub struct Connection {
    stream: TcpStream,
    record: Arc<Record>,
    buffer: BytesMut,
    /// The incomplete message: opcode, payload, number of fragments.
    fragments: Option<(u8, BytesMut, usize)>,
    pace: Option<Pace>,
    mute: bool,
    close_sent: bool,
    /// The payload of the client's close frame.
    close_received: Option<Bytes>,
}

impl Connection {
    /// `buffer` has the bytes that were received after the handshake.
    pub fn new(stream: TcpStream, buffer: BytesMut, record: Arc<Record>) -> Self {
        Self {
            stream,
            record,
            buffer,
            fragments: None,
            pace: None,
            mute: false,
            close_sent: false,
            close_received: None,
        }
    }

    /// The next event. Violations of the protocol are answered with a close frame, and end the connection. The future
    /// may be dropped while it waits.
    async fn next(&mut self) -> Result<Event, End> {
        loop {
            match self.decode() {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => self.fill().await?,
                Err(Violation(code, reason)) => {
                    if !self.mute && !self.close_sent {
                        self.send(Frame::close(Some(code), reason)).await?;
                    }
                    return Err(End::Error(reason.to_owned()));
                }
            }
        }
    }

    async fn fill(&mut self) -> Result<(), End> {
        let read = match &mut self.pace {
            None => {
                self.buffer.reserve(READ);
                self.stream.read_buf(&mut self.buffer).await?
            }
            Some(pace) => {
                let idle = Instant::now();
                self.stream.readable().await?;
                pace.due += idle.elapsed();
                let limit = (pace.bytes_per_second.get() as usize / 100).max(1);
                self.buffer.reserve(limit);
                let read = self.stream.read_buf(&mut (&mut self.buffer).limit(limit)).await?;
                pace.due += Duration::from_secs_f64(read as f64 / f64::from(pace.bytes_per_second.get()));
                sleep_until(pace.due).await;
                read
            }
        };
        if read == 0 { Err(End::Fin) } else { Ok(()) }
    }

    /// Decodes an event from the received bytes. Returns `None` if it is incomplete.
    fn decode(&mut self) -> Result<Option<Event>, Violation> {
        while let Some(head) = Head::parse(&self.buffer) {
            check(&head)?;
            let length = head.payload as usize;
            if self.buffer.len() < head.length + length {
                // The buffer grows with the received bytes, not with the length in a head.
                let missing = head.length + length - self.buffer.len();
                self.buffer.reserve(missing.min(self.buffer.len()));
                return Ok(None);
            }
            self.buffer.advance(head.length);
            let mut payload = self.buffer.split_to(length);
            if let Some(mask) = head.mask {
                frame::apply_mask(&mut payload, mask);
            }
            match head.opcode {
                CLOSE => return self.closed(payload.freeze()).map(Some),
                PING | PONG => {
                    self.record.control(head.opcode, &payload);
                    return Ok(Some(match head.opcode {
                        PING => Event::Ping(payload.freeze()),
                        _ => Event::Pong,
                    }));
                }
                _ => {}
            }
            if let Some((opcode, payload, fragments)) = self.assemble(&head, payload)? {
                if opcode == TEXT && str::from_utf8(&payload).is_err() {
                    return Err(Violation(1007, "text that is not UTF-8"));
                }
                self.record.message(opcode, &payload, fragments);
                return Ok(Some(Event::Message { opcode, payload }));
            }
        }
        Ok(None)
    }

    fn closed(&mut self, payload: Bytes) -> Result<Event, Violation> {
        let (code, reason) = match payload.split_first_chunk() {
            Some((code, reason)) => (Some(u16::from_be_bytes(*code)), reason),
            None => (None, &payload[..0]),
        };
        self.record.close(code, reason);
        if payload.len() == 1 {
            return Err(Violation(1002, "a close frame of one byte"));
        }
        if code.is_some_and(|code| !frame::is_close_code(code)) {
            return Err(Violation(1002, "a close code that must not be sent"));
        }
        if str::from_utf8(reason).is_err() {
            return Err(Violation(1007, "a close reason that is not UTF-8"));
        }
        self.close_received = Some(payload);
        Ok(Event::Close)
    }

    /// Adds a fragment. Returns the whole message if the fragment was the last one.
    fn assemble(&mut self, head: &Head, payload: BytesMut) -> Result<Option<(u8, Bytes, usize)>, Violation> {
        let (opcode, whole, fragments) = match (head.opcode, self.fragments.take()) {
            (CONTINUATION, Some((opcode, mut whole, fragments))) => {
                if (whole.len() + payload.len()) as u64 > MAX_MESSAGE {
                    return Err(Violation(1009, "a message of more than 1 GiB"));
                }
                whole.extend_from_slice(&payload);
                (opcode, whole, fragments + 1)
            }
            (CONTINUATION, None) => return Err(Violation(1002, "a continuation of nothing")),
            (_, Some(_)) => return Err(Violation(1002, "a message inside of another")),
            (opcode, None) => (opcode, payload, 1),
        };
        if head.fin {
            return Ok(Some((opcode, whole.freeze(), fragments)));
        }
        self.fragments = Some((opcode, whole, fragments));
        Ok(None)
    }

    /// The next message, or `None` after the client's close frame. Pings are answered.
    pub async fn receive(&mut self) -> Result<Option<(u8, Bytes)>, End> {
        loop {
            match self.next().await? {
                Event::Message { opcode, payload } => return Ok(Some((opcode, payload))),
                Event::Close => return Ok(None),
                Event::Ping(payload) => self.send(Frame::new(PONG, payload)).await?,
                Event::Pong => {}
            }
        }
    }

    /// Writes a frame.
    pub async fn send(&mut self, frame: Frame) -> Result<(), End> {
        self.close_sent |= frame.opcode == CLOSE;
        // The chain is written in one vectored write, without a copy of the payload.
        let mut bytes = frame.head().chain(frame.body());
        Ok(self.stream.write_all_buf(&mut bytes).await?)
    }

    /// Writes a frame in pieces of `split` bytes.
    pub async fn send_split(&mut self, frame: Frame, split: usize) -> Result<(), End> {
        self.close_sent |= frame.opcode == CLOSE;
        let mut bytes = frame.head().chain(frame.body());
        let bytes = bytes.copy_to_bytes(bytes.remaining());
        self.write(&bytes, split).await
    }

    /// Writes bytes unchanged, in pieces of `split`.
    pub async fn write(&mut self, bytes: &[u8], split: usize) -> Result<(), End> {
        for piece in bytes.chunks(split.max(1)) {
            self.stream.write_all(piece).await?;
            // With TCP_NODELAY, every piece is a segment. Yielding lets the client read it separately.
            if piece.len() < bytes.len() {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// `true` if a close frame was sent or received.
    pub fn is_closing(&self) -> bool {
        self.close_sent || self.close_received.is_some()
    }

    /// Completes the closing handshake (section 7.1.2).
    pub async fn finish(&mut self) -> Result<(), End> {
        match self.close_received.clone() {
            Some(payload) if !self.close_sent => self.send(Frame::new(CLOSE, payload)).await?,
            Some(_) => {}
            None => {
                let answer = async {
                    while !matches!(self.next().await?, Event::Close) {}
                    Ok(())
                };
                timeout(CLOSE_TIME, answer)
                    .await
                    .unwrap_or_else(|_| Err(End::Error("no answer to the close frame".into())))?;
            }
        }
        Ok(())
    }

    /// Sends every message back until the client closes.
    pub async fn echo(&mut self) -> Result<(), End> {
        while let Some((opcode, payload)) = self.receive().await? {
            self.send(Frame::new(opcode, payload)).await?;
        }
        self.finish().await
    }

    /// Reads until the client closes.
    pub async fn sink(&mut self) -> Result<(), End> {
        while self.receive().await?.is_some() {}
        self.finish().await
    }

    /// For each text with a number, sends a message that many times, many of them in one write, so that the server does
    /// not limit a measurement.
    pub async fn burst(&mut self, frame: &Frame) -> Result<(), End> {
        while let Some((_, asked)) = self.receive().await? {
            let count = number(&asked)?;
            let mut one = frame.head();
            one.put(frame.body());
            let batch = one.repeat((BATCH / one.len()).clamp(1, count.max(1)));
            let mut left = count * one.len();
            while left > 0 {
                let bytes = &batch[..left.min(batch.len())];
                self.write(bytes, bytes.len()).await?;
                left -= bytes.len();
            }
        }
        self.finish().await
    }

    /// For each text with a number, receives that many messages, and then sends their number of bytes.
    pub async fn tally(&mut self) -> Result<(), End> {
        while let Some((_, asked)) = self.receive().await? {
            let count = number(&asked)?;
            let mut bytes = 0;
            for _ in 0..count {
                let Some((_, payload)) = self.receive().await? else {
                    return self.finish().await;
                };
                bytes += payload.len();
            }
            self.send(Frame::text(format!("[{count},{bytes}]"))).await?;
        }
        self.finish().await
    }

    /// `sink` at a rate of `bytes_per_second`.
    pub async fn sink_slowly(&mut self, bytes_per_second: NonZeroU32) -> Result<(), End> {
        self.pace = Some(Pace { bytes_per_second, due: Instant::now() });
        self.shrink_buffer();
        self.sink().await
    }

    /// Reads and never writes, until the client has closed its side.
    pub async fn silence(&mut self) -> End {
        self.mute = true;
        self.listen().await
    }

    async fn listen(&mut self) -> End {
        loop {
            if let Err(end) = self.next().await {
                return end;
            }
        }
    }

    /// Neither reads nor writes, until the client has closed its side. The kernel does not report a FIN behind bytes
    /// that it cannot buffer.
    pub async fn deafness(&mut self) -> End {
        self.mute = true;
        self.shrink_buffer();
        loop {
            match self.stream.ready(Interest::READABLE).await {
                Err(error) => return error.into(),
                Ok(ready) if ready.is_read_closed() => {
                    return match self.stream.take_error() {
                        Ok(None) => End::Fin,
                        Ok(Some(error)) | Err(error) => error.into(),
                    };
                }
                // The socket stays readable, because nothing is read.
                Ok(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Sends a FIN and reads until the client has closed its side, for at most 5 s.
    pub async fn fin(&mut self) -> End {
        self.mute = true;
        if let Err(error) = self.stream.shutdown().await {
            return error.into();
        }
        timeout(CLOSE_TIME, self.listen()).await.unwrap_or(End::Fin)
    }

    /// Makes the drop of this connection send a RST.
    pub fn rst(&mut self) -> End {
        self.mute = true;
        rst(&self.stream)
    }

    /// Records the end and closes the TCP connection.
    pub async fn end(mut self, end: End) {
        if matches!(end, End::Reset) && !self.mute {
            // A write has failed. There may still be frames to read, among them the client's close frame.
            self.mute = true;
            let _ = timeout(CLOSE_TIME, self.listen()).await;
        }
        self.record.end(end);
        if !self.mute && self.stream.shutdown().await.is_ok() {
            let _ = drain(&mut self.stream).await;
        }
    }

    fn shrink_buffer(&self) {
        // Otherwise the kernel grows the buffer to many MiB. A failure only makes the buffer larger.
        let _ = SockRef::from(&self.stream).set_recv_buffer_size(SMALL_BUFFER);
    }
}

/// The number in a text message.
fn number(text: &[u8]) -> Result<usize, End> {
    let number = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| End::Error("the message is not a number".into()))
}

/// Makes the drop of a stream send a RST.
pub fn rst(stream: &TcpStream) -> End {
    match stream.set_zero_linger() {
        Ok(()) => End::Reset,
        Err(error) => error.into(),
    }
}

/// The rules for a client's frame that need no state: sections 5.1, 5.2 and 5.5.
fn check(head: &Head) -> Result<(), Violation> {
    let violation = match head.opcode {
        _ if head.rsv != 0 => "a reserved bit",
        _ if head.mask.is_none() => "a frame without a mask",
        CLOSE | PING | PONG if !head.fin => "a control frame in fragments",
        CLOSE | PING | PONG if head.payload > 125 => "a control frame of more than 125 bytes",
        CLOSE | PING | PONG => return Ok(()),
        CONTINUATION | TEXT | BINARY if head.payload > MAX_MESSAGE => {
            return Err(Violation(1009, "a message of more than 1 GiB"));
        }
        CONTINUATION | TEXT | BINARY => return Ok(()),
        _ => "a reserved opcode",
    };
    Err(Violation(1002, violation))
}

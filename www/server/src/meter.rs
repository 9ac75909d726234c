//! Measures the bytes of a client before they are assembled into messages: their amount, pace and duration.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::frame::{Frame, Frames};
use crate::message::LONGEST_FRAME;
use crate::pace::{self, Pace};
use crate::refusal::{self, Refusal};

/// A part of a message that is shorter, in bytes, and not the last one, costs as much as a message. No client needs
/// such parts.
const SHORT_PART: u64 = 1 << 10;

/// The measures of one connection.
#[derive(Debug)]
pub struct Meter {
    measures: Mutex<Measures>,
    /// Notified when an incomplete message has begun.
    begun: Notify,
}

#[derive(Debug)]
struct Measures {
    frames: Frames,
    pace: Pace,
    /// The time at which the incomplete frame or message began.
    since: Option<Instant>,
    refusal: Option<Refusal>,
}

impl Meter {
    pub fn new(now: Instant) -> Self {
        let measures = Measures { frames: Frames::default(), pace: Pace::new(now), since: None, refusal: None };
        Self { measures: Mutex::new(measures), begun: Notify::new() }
    }

    /// Returns whether the pace allows a message. Its superfluous frames are already counted.
    pub fn allows(&self, cost: f64, now: Instant) -> bool {
        self.measures().pace.allows(cost, now)
    }

    /// The reason why the client is no longer read, if there is one.
    pub fn refusal(&self) -> Option<Refusal> {
        self.measures().refusal
    }

    /// Returns when a message has been incomplete for this long.
    pub async fn late(&self, within: Duration) {
        loop {
            let begun = self.begun.notified();
            let Some(since) = self.since() else {
                begun.await;
                continue;
            };
            sleep_until((since + within).into()).await;
            if self.since() == Some(since) {
                return;
            }
        }
    }

    fn since(&self) -> Option<Instant> {
        self.measures().since
    }

    fn take(&self, bytes: &[u8], now: Instant) {
        let mut measures = self.measures();
        let before = measures.since;
        measures.take(bytes, now);
        if measures.since.is_some() && measures.since != before {
            self.begun.notify_one();
        }
    }

    fn measures(&self) -> MutexGuard<'_, Measures> {
        self.measures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measures {
    fn take(&mut self, bytes: &[u8], now: Instant) {
        let Self { frames, pace, since, refusal } = self;
        let messages = frames.messages();
        frames.read(bytes, |frame| {
            if refusal.is_none() {
                *refusal = check(frame, pace, now).err();
            }
        });
        *since = match since {
            _ if !frames.is_unfinished() => None,
            Some(since) if frames.messages() == messages => Some(*since),
            _ => Some(now),
        };
    }
}

/// Checks a frame. The first message is a join, so that a longer one is refused before it is buffered.
fn check(frame: Frame, pace: &mut Pace, now: Instant) -> Result<(), Refusal> {
    if frame.messages == 0 && frame.message_length > LONGEST_FRAME as u64 {
        return Err(refusal::FRAME_TOO_LONG);
    }
    let is_short_part = !frame.is_final && frame.length < SHORT_PART;
    match (frame.is_control || is_short_part) && !pace.allows(pace::TEXT, now) {
        true => Err(refusal::TOO_FAST),
        false => Ok(()),
    }
}

/// A measured connection. Nothing more is read from it when its client is refused.
#[derive(Debug)]
pub struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    pub fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }

    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let refused = || Poll::Ready(Err(io::ErrorKind::PermissionDenied.into()));
        if self.meter.refusal().is_some() {
            return refused();
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.meter.take(&buffer.filled()[before..], Instant::now());
        // No memory is reserved for a frame that is too long. The bytes before too many frames are still read.
        if self.meter.refusal() == Some(refusal::FRAME_TOO_LONG) {
            buffer.set_filled(before);
            return refused();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, bytes: &[u8]) -> Measures {
        let mut measures = Measures { frames: Frames::default(), pace: Pace::new(start), since: None, refusal: None };
        measures.take(bytes, start);
        measures
    }

    /// A frame that is masked with zeros.
    fn frame(first_byte: u8, length: u16) -> Vec<u8> {
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![first_byte, 0xFE, high, low, 0, 0, 0, 0];
        bytes.resize(bytes.len() + usize::from(length), 0);
        bytes
    }

    #[test]
    fn the_first_message_is_no_longer_than_a_join_and_the_next_may_be() {
        let now = Instant::now();
        let join = frame(0x81, 32 << 10);
        assert_eq!(after(now, &join).refusal, None);
        assert_eq!(after(now, &frame(0x81, (32 << 10) + 1)[..8]).refusal, Some(refusal::FRAME_TOO_LONG));
        let parts = [frame(0x01, 20_000), frame(0x80, 20_000)].concat();
        assert_eq!(after(now, &parts).refusal, Some(refusal::FRAME_TOO_LONG));
        assert_eq!(after(now, &[join, frame(0x82, 60_000)].concat()).refusal, None);
    }

    #[test]
    fn frames_that_nobody_has_to_send_have_a_pace() {
        let now = Instant::now();
        for frames in [frame(0x89, 0), frame(0x8A, 9), frame(0x00, 0), frame(0x00, 1000)] {
            let measures = after(now, &frames.repeat(20));
            assert_eq!(measures.refusal, None);
            let measures = after(now, &frames.repeat(21));
            assert_eq!(measures.refusal, Some(refusal::TOO_FAST));
        }
        assert_eq!(after(now, &frame(0x00, 1024).repeat(31)).refusal, None, "a part that is worth a frame");
        assert_eq!(after(now, &frame(0x81, 2).repeat(100)).refusal, None, "messages are counted elsewhere");
    }

    #[test]
    fn what_is_unfinished_is_measured_from_its_own_beginning() {
        let start = Instant::now();
        let [second, third, fourth] = [1, 2, 3].map(|seconds| start + Duration::from_secs(seconds));
        let mut measures = after(start, &frame(0x81, 2));
        assert_eq!(measures.since, None);
        measures.take(&frame(0x01, 5), second);
        measures.take(&frame(0x89, 0), third);
        assert_eq!(measures.since, Some(second), "a ping in between changes nothing");
        let message = frame(0x80, 9);
        measures.take(&[&message[..], &message[..3]].concat(), third);
        assert_eq!(measures.since, Some(third), "the next message has its own time");
        measures.take(&message[3..], fourth);
        assert_eq!(measures.since, None);
    }
}

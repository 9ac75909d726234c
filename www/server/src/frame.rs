//! The frames of a connection, read while their bytes pass: their lengths, and whether one is incomplete.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The head of a frame, and its place in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// A ping, a pong or a close frame.
    pub is_control: bool,
    /// `true` for the last frame of a message.
    pub is_final: bool,
    /// The length of the payload in bytes, as the head announces it.
    pub length: u64,
    /// The length of the message so far, including this frame.
    pub message_length: u64,
    /// The number of complete messages before this frame.
    pub messages: u64,
}

/// A reader of heads. It skips payloads and keeps nothing of them.
#[derive(Debug, Default)]
pub struct Frames {
    /// The received bytes of a head.
    head: Vec<u8>,
    /// The missing bytes of a payload.
    rest: u64,
    /// A message has begun, and its last frame is incomplete.
    is_within_message: bool,
    /// The current payload is the last one of its message.
    is_last: bool,
    message_length: u64,
    messages: u64,
    /// The received bytes are not WebSocket. The library reports the error.
    is_broken: bool,
}

impl Frames {
    /// Takes the next bytes, and calls `on_frame` for each frame when its head is complete.
    pub fn read(&mut self, mut bytes: &[u8], mut on_frame: impl FnMut(Frame)) {
        while !bytes.is_empty() && !self.is_broken {
            if self.rest > 0 {
                let skipped = usize::try_from(self.rest).unwrap_or(usize::MAX).min(bytes.len());
                bytes = &bytes[skipped..];
                self.rest -= skipped as u64;
                self.finish();
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            match FrameHeader::parse(&mut Cursor::new(&self.head)) {
                Ok(Some((header, length))) => {
                    self.head.clear();
                    on_frame(self.begin(&header, length));
                    self.finish();
                }
                Ok(None) => {}
                Err(_) => self.is_broken = true,
            }
        }
    }

    /// The number of complete messages.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Returns whether a frame or a message is incomplete.
    pub fn is_unfinished(&self) -> bool {
        !self.head.is_empty() || self.rest > 0 || self.is_within_message
    }

    fn begin(&mut self, header: &FrameHeader, length: u64) -> Frame {
        let is_control = matches!(header.opcode, OpCode::Control(_));
        if !is_control {
            let before = if header.opcode == OpCode::Data(Data::Continue) { self.message_length } else { 0 };
            self.message_length = before.saturating_add(length);
            self.is_within_message = true;
        }
        self.rest = length;
        self.is_last = !is_control && header.is_final;
        let Self { message_length, messages, .. } = *self;
        Frame { is_control, is_final: header.is_final, length, message_length, messages }
    }

    /// Counts a message when its last payload is complete.
    fn finish(&mut self) {
        if self.is_last && self.rest == 0 {
            self.is_last = false;
            self.is_within_message = false;
            self.message_length = 0;
            self.messages += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

    use super::*;
    use crate::sample;

    fn bytes(opcode: OpCode, is_final: bool, length: usize) -> Vec<u8> {
        sample::frame(opcode, is_final, vec![7; length])
    }

    fn opcode(number: u8) -> OpCode {
        match number {
            0 => OpCode::Data(Data::Text),
            1 => OpCode::Data(Data::Binary),
            2 => OpCode::Data(Data::Continue),
            3 => OpCode::Control(Control::Ping),
            _ => OpCode::Control(Control::Pong),
        }
    }

    fn read(frames: &mut Frames, bytes: &[u8]) -> Vec<Frame> {
        let mut found = Vec::new();
        frames.read(bytes, |frame| found.push(frame));
        found
    }

    #[test]
    fn a_message_is_unfinished_until_the_last_byte_of_its_last_frame() {
        let mut frames = Frames::default();
        assert!(!frames.is_unfinished());
        let message = [
            bytes(OpCode::Data(Data::Text), false, 5),
            bytes(OpCode::Control(Control::Ping), true, 3),
            bytes(OpCode::Data(Data::Continue), false, 0),
            bytes(OpCode::Data(Data::Continue), true, 200),
        ]
        .concat();
        let (last, before) = message.split_last().expect("bytes");
        for byte in before {
            frames.read(&[*byte], |_| {});
            assert!(frames.is_unfinished());
        }
        assert_eq!(frames.messages(), 0);
        frames.read(&[*last], |_| {});
        assert_eq!((frames.is_unfinished(), frames.messages()), (false, 1));
        let [empty] = read(&mut frames, &bytes(OpCode::Data(Data::Text), true, 0))[..] else { panic!("no frame") };
        assert_eq!((empty.message_length, empty.messages), (0, 1));
        assert_eq!((frames.is_unfinished(), frames.messages()), (false, 2));
    }

    #[test]
    fn a_length_is_told_before_its_payload_comes() {
        let head = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
        let mut frames = Frames::default();
        let found = read(&mut frames, &head);
        assert_eq!(found.iter().map(|frame| frame.length).collect::<Vec<_>>(), [i64::MAX as u64]);
        assert!(frames.is_unfinished());
    }

    proptest! {
        #[test]
        fn whatever_comes_in_whatever_pieces_is_read_as_at_once(bytes: Vec<u8>, size in 1..20_usize) {
            let (mut whole, mut pieces) = (Frames::default(), Frames::default());
            let at_once = read(&mut whole, &bytes);
            let in_pieces: Vec<_> = bytes.chunks(size).flat_map(|piece| read(&mut pieces, piece)).collect();
            prop_assert_eq!(at_once, in_pieces);
            prop_assert_eq!(whole.is_unfinished(), pieces.is_unfinished());
        }

        #[test]
        fn what_was_written_is_read(
            written in prop::collection::vec((0..5_u8, any::<bool>(), 0..70_000_usize), 0..8),
            size in 1..9000_usize,
        ) {
            // Control frames are short and not fragmented.
            let written = written.into_iter().map(|(number, is_final, length)| match opcode(number) {
                control @ OpCode::Control(_) => (control, true, length % 126),
                data => (data, is_final, length),
            });
            let written: Vec<_> = written.collect();
            let bytes: Vec<_> =
                written.iter().flat_map(|(opcode, is_final, length)| bytes(*opcode, *is_final, *length)).collect();
            let mut frames = Frames::default();
            let found: Vec<_> = bytes.chunks(size).flat_map(|piece| read(&mut frames, piece)).collect();
            let heads: Vec<_> =
                found.iter().map(|frame| (frame.is_control, frame.is_final, frame.length as usize)).collect();
            let expected: Vec<_> = written
                .iter()
                .map(|(opcode, is_final, length)| (matches!(opcode, OpCode::Control(_)), *is_final, *length))
                .collect();
            prop_assert_eq!(heads, expected);
            let last = written.iter().rfind(|(opcode, ..)| matches!(opcode, OpCode::Data(_)));
            prop_assert_eq!(frames.is_unfinished(), last.is_some_and(|(_, is_final, _)| !is_final));
        }
    }
}

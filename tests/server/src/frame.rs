//! Frames of RFC 6455, section 5.2, valid or not.

use bytes::{BufMut, Bytes, BytesMut};

pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

// Any key is sufficient, because clients have to refuse masked frames.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame to write. Nothing is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub fin: bool,
    pub rsv: u8,
    pub opcode: u8,
    pub masked: bool,
    pub payload: Bytes,
}

impl Frame {
    pub fn new(opcode: u8, payload: impl Into<Bytes>) -> Self {
        Self { fin: true, rsv: 0, opcode, masked: false, payload: payload.into() }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::new(TEXT, text.into())
    }

    /// A close frame. Without a code, its payload is empty, and the reason is dropped.
    pub fn close(code: Option<u16>, reason: &str) -> Self {
        let mut payload = BytesMut::new();
        if let Some(code) = code {
            payload.put_u16(code);
            payload.put_slice(reason.as_bytes());
        }
        Self::new(CLOSE, payload)
    }

    /// The bytes before the payload.
    pub fn head(&self) -> BytesMut {
        let mut head = BytesMut::with_capacity(14);
        head.put_u8(u8::from(self.fin) << 7 | (self.rsv & 7) << 4 | self.opcode & 15);
        let mask = u8::from(self.masked) << 7;
        match self.payload.len() {
            length @ 0..=125 => head.put_u8(mask | length as u8),
            length @ 126..=0xffff => {
                head.put_u8(mask | 126);
                head.put_u16(length as u16);
            }
            length => {
                head.put_u8(mask | 127);
                head.put_u64(length as u64);
            }
        }
        if self.masked {
            head.put_slice(&MASK);
        }
        head
    }

    /// The payload as it is written, masked if the frame is.
    pub fn body(&self) -> Bytes {
        if !self.masked {
            return self.payload.clone();
        }
        let mut payload = self.payload.to_vec();
        apply_mask(&mut payload, MASK);
        payload.into()
    }
}

/// The part of a frame before its payload, as it was read.
#[derive(Debug, PartialEq)]
pub struct Head {
    pub fin: bool,
    pub rsv: u8,
    pub opcode: u8,
    pub mask: Option<[u8; 4]>,
    /// The length of the head.
    pub length: usize,
    /// The length of the payload.
    pub payload: u64,
}

impl Head {
    /// Decodes a head at the start of `bytes`. Returns `None` if it is incomplete.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[first, second, ref rest @ ..] = bytes else {
            return None;
        };
        let (payload, rest) = match second & 127 {
            126 => {
                let (length, rest) = rest.split_first_chunk()?;
                (u16::from_be_bytes(*length).into(), rest)
            }
            127 => {
                let (length, rest) = rest.split_first_chunk()?;
                (u64::from_be_bytes(*length), rest)
            }
            length => (length.into(), rest),
        };
        let (mask, rest) = if second & 128 == 0 {
            (None, rest)
        } else {
            let (mask, rest) = rest.split_first_chunk()?;
            (Some(*mask), rest)
        };
        Some(Self {
            fin: first & 128 != 0,
            rsv: first >> 4 & 7,
            opcode: first & 15,
            mask,
            length: bytes.len() - rest.len(),
            payload,
        })
    }
}

/// Masks or unmasks a payload (section 5.3).
pub fn apply_mask(payload: &mut [u8], mask: [u8; 4]) {
    // Eight bytes at a time: messages have up to 64 MiB, and tests run without optimization.
    let word = u32::from_ne_bytes(mask);
    let wide = u64::from(word) << 32 | u64::from(word);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// `true` if a close frame may have this code: section 7.4, and IANA's registry for 1012 to 1014.
pub fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            for masked in [false, true] {
                let frame = Frame { fin: length % 2 == 0, rsv: 5, opcode: 3, masked, payload: vec![7; length].into() };
                let bytes = frame.head();
                for short in 0..bytes.len() {
                    assert_eq!(Head::parse(&bytes[..short]), None);
                }
                let head = Head {
                    fin: frame.fin,
                    rsv: 5,
                    opcode: 3,
                    mask: masked.then_some(MASK),
                    length: bytes.len(),
                    payload: length as u64,
                };
                assert_eq!(Head::parse(&bytes), Some(head));
            }
        }
    }

    #[test]
    fn the_mask_is_its_own_inverse_at_every_length() {
        for length in 0..40 {
            let payload: Vec<u8> = (0..length).collect();
            let mut masked = payload.clone();
            apply_mask(&mut masked, MASK);
            for (index, (plain, masked)) in payload.iter().zip(&masked).enumerate() {
                assert_eq!(plain ^ MASK[index % 4], *masked);
            }
        }
    }
}

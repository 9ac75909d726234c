//! Samples for tests: frames, and pictures with a head and almost no pixels.

use png::{BitDepth, ColorType, Encoder};
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

/// The number of frames of a picture that is not animated.
const STILL: u32 = 0;

pub fn png(width: u32, height: u32) -> Vec<u8> {
    apng(width, height, STILL)
}

/// A PNG that announces this number of frames.
pub fn apng(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    if frames != STILL {
        encoder.set_animated(frames, 0).expect("frames");
    }
    let mut writer = encoder.write_header().expect("a head");
    writer.write_chunk(png::chunk::IDAT, &[]).expect("no pixels");
    drop(writer);
    bytes
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let [[_, _, h1, h0], [_, _, w1, w0]] = [height, width].map(u32::to_be_bytes);
    let start = [0xFF, 0xD8];
    let frame = [0xFF, 0xC0, 0, 11, 8, h1, h0, w1, w0, 1, 1, 0x11, 0];
    let scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
    [&start[..], &frame, &scan, &[0xFF, 0xD9]].concat()
}

pub fn gif(width: u32, height: u32) -> Vec<u8> {
    moving_gif((width, height), (1, 1), 1)
}

/// A GIF with this screen, and with this number of equal frames.
pub fn moving_gif(screen: (u32, u32), frame: (u32, u32), frames: usize) -> Vec<u8> {
    let size = |(width, height): (u32, u32)| {
        let [[w0, w1, ..], [h0, h1, ..]] = [width, height].map(u32::to_le_bytes);
        [w0, w1, h0, h1]
    };
    // The palette has two colours.
    let head = [b"GIF89a", &size(screen)[..], &[0x80, 0, 0], &[0, 0, 0, 255, 255, 255]].concat();
    let image = [&[b',', 0, 0, 0, 0], &size(frame)[..], &[0], &[2, 2, 0x4C, 0x01, 0]].concat();
    [&head[..], &image.repeat(frames), b";"].concat()
}

pub fn webp(width: u32, height: u32) -> Vec<u8> {
    let size = (width - 1) | (height - 1) << 14;
    riff(&chunk(b"VP8L", &[&[0x2F], &size.to_le_bytes()[..], &[0; 3]].concat()))
}

pub fn moving_webp(width: u32, height: u32, frames: usize) -> Vec<u8> {
    const ANIMATION: u8 = 2;
    let size = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let head = [&[ANIMATION, 0, 0, 0], &size(width)[..], &size(height)].concat();
    let still = webp(width, height);
    let frame = [&[0; 6][..], &size(width), &size(height), &[0; 4], &still[12..]].concat();
    riff(&[chunk(b"VP8X", &head), chunk(b"ANIM", &[0; 6]), chunk(b"ANMF", &frame).repeat(frames)].concat())
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short one").to_le_bytes();
    [name, &length[..], data].concat()
}

fn riff(chunks: &[u8]) -> Vec<u8> {
    chunk(b"RIFF", &[b"WEBP", chunks].concat())
}

/// A frame as a client sends it.
pub fn frame(opcode: OpCode, is_final: bool, payload: Vec<u8>) -> Vec<u8> {
    let header = FrameHeader { opcode, is_final, mask: Some([1, 2, 3, 4]), ..FrameHeader::default() };
    let mut bytes = Vec::new();
    Frame::from_payload(header, payload.into()).format(&mut bytes).expect("a buffer");
    bytes
}

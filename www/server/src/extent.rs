//! The size of a picture in pixels, read from its file without decoding a pixel.

use std::io::Cursor;

use gif::DecodingError;
use image_webp::WebPDecoder;
use png::Limits;
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The longest side, in pixels. A browser needs 64 MiB for a picture with two such sides, and phone cameras make
/// smaller ones.
const LONGEST_SIDE: u32 = 4096;

/// The most pixels of all frames together. 200 frames of 800 by 600 pixels have fewer.
const MOST_PIXELS: u64 = 100_000_000;

/// The memory that a reader may use beside the file itself, in bytes.
const READER_BYTES: usize = 1 << 20;

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub width: u32,
    pub height: u32,
    /// 1 if the picture is not animated.
    pub frames: u64,
}

/// The limit that a picture exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    Side,
    Frames,
}

impl Extent {
    /// Reads a file of this media type. Returns `None` if the file cannot be read: a browser may show anything for it.
    pub fn read(kind: &str, bytes: &[u8]) -> Option<Self> {
        match kind {
            "image/png" => png(bytes),
            "image/jpeg" => jpeg(bytes),
            "image/gif" => gif(bytes),
            "image/webp" => webp(bytes),
            _ => None,
        }
    }

    pub fn excess(self) -> Option<Excess> {
        let pixels = u64::from(self.width) * u64::from(self.height);
        match self.width.max(self.height) > LONGEST_SIDE {
            true => Some(Excess::Side),
            false => (pixels.saturating_mul(self.frames) > MOST_PIXELS).then_some(Excess::Frames),
        }
    }
}

/// Reads the chunks before the first pixels.
fn png(bytes: &[u8]) -> Option<Extent> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: READER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // The size is needed even if the picture exceeds the reader's own limits.
    let header = decoder.read_header_info().ok()?;
    let still = Extent { width: header.width, height: header.height, frames: 1 };
    if still.excess().is_some() {
        return Some(still);
    }
    let reader = decoder.read_info().ok()?;
    let frames = reader.info().animation_control().map_or(1, |control| control.num_frames);
    Some(Extent { frames: frames.max(1).into(), ..still })
}

fn jpeg(bytes: &[u8]) -> Option<Extent> {
    let options = DecoderOptions::default().set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    Some(Extent { width: info.width.into(), height: info.height.into(), frames: 1 })
}

/// Reads every frame, because a frame may be larger than the screen in the head of the file.
fn gif(bytes: &[u8]) -> Option<Extent> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(bytes).ok()?;
    let (mut width, mut height, mut frames) = (decoder.width().into(), decoder.height().into(), 0);
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                width = u32::max(width, u32::from(frame.left) + u32::from(frame.width));
                height = u32::max(height, u32::from(frame.top) + u32::from(frame.height));
                frames += 1;
            }
            // Browsers show a truncated file up to its end.
            Ok(None) | Err(DecodingError::UnexpectedEof) => {
                return Some(Extent { width, height, frames: frames.max(1) });
            }
            Err(_) => return None,
        }
    }
}

fn webp(bytes: &[u8]) -> Option<Extent> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).ok()?;
    let (width, height) = decoder.dimensions();
    Some(Extent { width, height, frames: decoder.num_frames().max(1).into() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample;

    const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    #[test]
    fn the_size_of_every_type_is_read_from_its_head() {
        for (kind, make) in [
            ("image/png", sample::png as fn(u32, u32) -> Vec<u8>),
            ("image/jpeg", sample::jpeg),
            ("image/gif", sample::gif),
            ("image/webp", sample::webp),
        ] {
            for (width, height) in [(1, 1), (640, 480), (4096, 4096), (16_000, 3), (3, 16_000)] {
                let bytes = make(width, height);
                assert_eq!(Extent::read(kind, &bytes), Some(Extent { width, height, frames: 1 }), "{kind}");
            }
        }
        // The largest height that a PNG can have.
        let most = Extent { width: 20_000, height: 0x7FFF_FFFF, frames: 1 };
        assert_eq!(Extent::read("image/png", &sample::png(most.width, most.height)), Some(most));
    }

    #[test]
    fn frames_are_counted() {
        let apng = Extent::read("image/png", &sample::apng(600, 400, 7));
        let gif = Extent::read("image/gif", &sample::moving_gif((600, 400), (600, 400), 7));
        let webp = Extent::read("image/webp", &sample::moving_webp(600, 400, 7));
        for extent in [apng, gif, webp] {
            assert_eq!(extent, Some(Extent { width: 600, height: 400, frames: 7 }));
        }
    }

    #[test]
    fn a_frame_that_is_larger_than_its_screen_counts() {
        let bytes = sample::moving_gif((1, 1), (20_000, 9_000), 1);
        assert_eq!(Extent::read("image/gif", &bytes), Some(Extent { width: 20_000, height: 9_000, frames: 1 }));
    }

    #[test]
    fn a_file_that_is_cut_off_has_the_size_of_its_head() {
        let bytes = sample::moving_gif((600, 400), (600, 400), 7);
        let extent = Extent::read("image/gif", &bytes[..bytes.len() / 2]).expect("a size");
        assert!((1..7).contains(&extent.frames), "{extent:?}");
    }

    #[test]
    fn what_is_too_large_exceeds() {
        for (width, height, frames, excess) in [
            (4096, 4096, 1, None),
            (4097, 1, 1, Some(Excess::Side)),
            (1, 4097, 1, Some(Excess::Side)),
            (u32::MAX, u32::MAX, u64::MAX, Some(Excess::Side)),
            (1000, 1000, 100, None),
            (1000, 1000, 101, Some(Excess::Frames)),
            (4096, 4096, u64::MAX, Some(Excess::Frames)),
        ] {
            assert_eq!(Extent { width, height, frames }.excess(), excess, "{width} {height} {frames}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_a_reader_panic(kind in 0..KINDS.len(), at: prop::sample::Index, bytes: Vec<u8>) {
            // Random bytes, alone and in place of a part of a valid file.
            Extent::read(KINDS[kind], &bytes);
            let mut file = match KINDS[kind] {
                "image/png" => sample::apng(9, 9, 3),
                "image/jpeg" => sample::jpeg(9, 9),
                "image/gif" => sample::moving_gif((9, 9), (9, 9), 3),
                _ => sample::moving_webp(9, 9, 3),
            };
            let at = at.index(file.len());
            let end = file.len().min(at + bytes.len());
            file.splice(at..end, bytes);
            Extent::read(KINDS[kind], &file);
        }
    }
}

//! Pictures: their types, and those that the chat remembers.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::extent::{Excess, Extent};
use crate::refusal::{self, Refusal};

/// The largest picture, in bytes.
pub const LARGEST: usize = 2 << 20;

/// A picture of the chat.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The media type.
    pub kind: &'static str,
    /// The size in pixels.
    pub width: u32,
    pub height: u32,
    pub bytes: Bytes,
}

impl Picture {
    /// Checks a picture: every browser has to support its type and its size.
    pub fn new(bytes: &[u8]) -> Result<Self, Refusal> {
        let kind = kind(bytes).ok_or(refusal::NOT_A_PICTURE)?;
        let extent = Extent::read(kind, bytes).ok_or(refusal::NOT_A_PICTURE)?;
        match extent.excess() {
            Some(Excess::Side) => Err(refusal::PICTURE_TOO_LARGE),
            Some(Excess::Frames) => Err(refusal::PICTURE_TOO_LONG),
            // Copied, because the received bytes are a part of a larger buffer.
            None => {
                let Extent { width, height, .. } = extent;
                Ok(Self { kind, width, height, bytes: Bytes::copy_from_slice(bytes) })
            }
        }
    }
}

/// Returns the media type by the signatures of the [MIME Sniffing
/// Standard](https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern).
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The pictures that the chat remembers, the oldest first.
#[derive(Debug)]
pub struct Pictures {
    by_id: BTreeMap<u64, (u128, Picture)>,
    bytes: usize,
    /// The most bytes of all pictures together.
    most_bytes: usize,
}

impl Pictures {
    pub fn new(most_bytes: usize) -> Self {
        Self { by_id: BTreeMap::new(), bytes: 0, most_bytes }
    }

    /// Remembers a picture, and forgets the oldest ones if there are too many bytes. Returns the path on the server,
    /// which cannot be guessed.
    pub fn add(&mut self, id: u64, picture: Picture) -> String {
        let secret: u128 = rand::random();
        self.bytes += picture.bytes.len();
        self.by_id.insert(id, (secret, picture));
        while self.bytes > self.most_bytes {
            let Some((oldest, _)) = self.by_id.first_key_value() else { break };
            self.forget(*oldest);
        }
        format!("/pictures/{}", file_name(id, secret))
    }

    /// Forgets the picture with this id, if there is one.
    pub fn forget(&mut self, id: u64) {
        if let Some((_, picture)) = self.by_id.remove(&id) {
            self.bytes -= picture.bytes.len();
        }
    }

    /// The picture with this file name.
    pub fn get(&self, name: &str) -> Option<Picture> {
        let id = name.split_once('-')?.0.parse().ok()?;
        let (secret, picture) = self.by_id.get(&id)?;
        (file_name(id, *secret) == name).then(|| picture.clone())
    }
}

fn file_name(id: u64, secret: u128) -> String {
    format!("{id}-{secret:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn gif(length: usize) -> Picture {
        let mut bytes = sample::gif(1, 1);
        bytes.resize(length, 0);
        Picture::new(&bytes).expect("a GIF")
    }

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some("image/png")),
            (b"\xFF\xD8\xFF\xE0", Some("image/jpeg")),
            (b"GIF87a", Some("image/gif")),
            (b"GIF89a;", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"", None),
            (b"GIF88a", None),
            (b"\x89PNG\r\n\x1a", None),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"BM\0\0\0\0", None),
            (b" GIF89a", None),
        ] {
            assert_eq!(super::kind(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn a_picture_is_refused_for_what_is_wrong_with_it() {
        for (bytes, refusal) in [
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), refusal::NOT_A_PICTURE),
            (b"GIF89a".to_vec(), refusal::NOT_A_PICTURE),
            (b"\xFF\xD8\xFF\xD9".to_vec(), refusal::NOT_A_PICTURE),
            (sample::png(20_000, 20_000), refusal::PICTURE_TOO_LARGE),
            (sample::jpeg(4097, 1), refusal::PICTURE_TOO_LARGE),
            (sample::webp(1, 4097), refusal::PICTURE_TOO_LARGE),
            (sample::moving_gif((1, 1), (5000, 5000), 1), refusal::PICTURE_TOO_LARGE),
            (sample::apng(4096, 4096, 6), refusal::PICTURE_TOO_LONG),
            (sample::moving_gif((4096, 4096), (1, 1), 6), refusal::PICTURE_TOO_LONG),
            (sample::moving_webp(4096, 4096, 6), refusal::PICTURE_TOO_LONG),
        ] {
            assert_eq!(Picture::new(&bytes).err(), Some(refusal));
        }
    }

    #[test]
    fn the_oldest_is_forgotten_for_a_new_one() {
        let mut pictures = Pictures::new(1000);
        let names: Vec<_> = (0..4)
            .map(|id| pictures.add(id, gif(300)).strip_prefix("/pictures/").map(str::to_owned).expect("a path"))
            .collect();
        let there: Vec<_> = names.iter().map(|name| pictures.get(name).is_some()).collect();
        assert_eq!(there, [false, true, true, true]);
        pictures.forget(2);
        pictures.add(9, gif(300));
        assert!(pictures.get(&names[1]).is_some(), "one that was forgotten counts no more");
    }

    #[test]
    fn an_id_alone_finds_nothing() {
        let mut pictures = Pictures::new(100);
        let path = pictures.add(7, gif(50));
        assert_eq!(pictures.get(&path["/pictures/".len()..]).map(|picture| picture.bytes.len()), Some(50));
        for name in ["7", "7-", "7-0", "", "-", "seven-0", &format!("07{}", &path["/pictures/7".len()..])] {
            assert!(pictures.get(name).is_none(), "{name}");
        }
    }
}

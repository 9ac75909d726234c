//! Pictures, from one client to the others.

use chat_server::{Limits, refusal};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, came, said, went};
use crate::server::Running;

/// The smallest picture of each type: one pixel, according to its head.
pub const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x01\0\0\0\0\x37\x6E\xF9\x24\0\0\0\0IDAT\x35\xAF\x06\x1E";
pub const JPEG: &[u8] = b"\xFF\xD8\xFF\xC0\0\x0B\x08\0\x01\0\x01\x01\x01\x11\0\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\xFF\xD9";
pub const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\x01\0\x01\0\0\x02\x02\x4C\x01\0;";
pub const WEBP: &[u8] = b"RIFF\x1A\0\0\0WEBPVP8L\x0D\0\0\0\x2F\0\0\0\x10\x07\x10\x11\x11\x88\x88\xFE\x07\0";

const LARGEST: usize = 2 << 20;

/// A picture with this start and this length.
fn picture(start: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = start.to_vec();
    bytes.extend((0..=255_u8).cycle().take(length - start.len()));
    bytes
}

impl Client {
    /// Sends a picture. Returns the message about it.
    async fn show(&mut self, bytes: Vec<u8>) -> Value {
        self.send_raw(Message::Binary(bytes.into())).await;
        let message = self.next().await;
        assert_eq!(message["kind"], "picture");
        message
    }
}

fn url(message: &Value) -> &str {
    message["url"].as_str().expect("a URL")
}

#[tokio::test]
async fn a_picture_is_told_to_everybody_and_served_byte_for_byte() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    assert_eq!(ada.message().await, came("Bob"));
    for (start, media_type) in [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")] {
        let bytes = picture(start, 1000);
        let message = bob.show(bytes.clone()).await;
        assert_eq!(ada.next().await, message);
        assert_eq!(
            (&message["name"], &message["type"], &message["size"]),
            (&json!("Bob"), &json!(media_type), &json!(1000))
        );
        let answer = server.get(url(&message)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("Content-Type"), media_type);
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
        let policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
        assert_eq!(answer.header("Content-Security-Policy"), policy);
        assert_eq!(answer.header("Cross-Origin-Opener-Policy"), "same-origin");
        assert_eq!(answer.header("Cross-Origin-Resource-Policy"), "same-origin");
        assert!(answer.body == bytes);
    }
}

#[tokio::test]
async fn a_picture_of_2_mib_passes_and_one_byte_more_does_not() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    let bytes = picture(PNG, LARGEST);
    let message = bob.show(bytes.clone()).await;
    assert!(server.get(url(&message)).await.body == bytes);
    bob.send_raw(Message::Binary(picture(PNG, LARGEST + 1).into())).await;
    assert_eq!(bob.end().await, (4005, refusal::MESSAGE_TOO_LONG.reason.to_owned()));
    assert_eq!(ada.message().await, came("Bob"));
    assert_eq!(ada.next().await, message);
    assert_eq!(ada.message().await, went("Bob", 4005, refusal::MESSAGE_TOO_LONG.reason));
}

#[tokio::test]
async fn a_newcomer_gets_pictures_in_the_history() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    ada.say("look").await;
    assert_eq!(ada.message().await, said("Ada", "look"));
    let message = ada.show(picture(PNG, 100)).await;
    let mut bob = Client::connect(&server).await;
    bob.ask("Bob", "lobby").await;
    let history = bob.next().await["history"].clone();
    assert_eq!(history[1], message);
    assert_eq!(server.get(url(&history[1])).await.body, picture(PNG, 100));
}

#[tokio::test]
async fn the_oldest_pictures_go_when_all_together_are_too_large() {
    let server = Running::with(Limits { picture_bytes: 2500, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "one").await;
    let mut bob = Client::join(&server, "Bob", "two").await;
    let first = ada.show(picture(PNG, 1000)).await;
    let second = bob.show(picture(PNG, 1000)).await;
    assert_eq!(server.get(url(&first)).await.status, 200);
    let third = ada.show(picture(PNG, 1000)).await;
    assert_eq!(server.get(url(&first)).await.status, 404);
    assert_eq!(server.get(url(&second)).await.status, 200);
    assert_eq!(server.get(url(&third)).await.status, 200);
}

#[tokio::test]
async fn a_picture_goes_with_its_entry() {
    let server = Running::with(Limits { history: 2, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let first = ada.show(picture(PNG, 100)).await;
    let second = ada.show(picture(PNG, 100)).await;
    ada.say("a").await;
    ada.next().await;
    assert_eq!(server.get(url(&first)).await.status, 404);
    assert_eq!(server.get(url(&second)).await.status, 200);
    ada.say("b").await;
    ada.next().await;
    assert_eq!(server.get(url(&second)).await.status, 404);
}

#[tokio::test]
async fn a_picture_goes_with_its_room() {
    let server = Running::with(Limits { rooms: 1, ..Limits::default() });
    let mut ada = Client::join(&server, "Ada", "one").await;
    let message = ada.show(picture(PNG, 100)).await;
    ada.leave(1000, "").await;
    assert_eq!(server.get(url(&message)).await.status, 200, "an empty room remembers");
    Client::join(&server, "Ada", "two").await;
    assert_eq!(server.get(url(&message)).await.status, 404);
}

#[tokio::test]
async fn a_picture_cannot_be_found_by_guessing() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let message = ada.show(picture(PNG, 100)).await;
    let id = message["id"].to_string();
    let zeros = format!("{id}-{}", "0".repeat(32));
    for name in [&id, &zeros, "", "-", "x", "..%2F..%2Fsecret.txt"] {
        let answer = server.get(&format!("/pictures/{name}")).await;
        assert_eq!(answer.status, 404, "{name}");
    }
}

/// The smallest PNG with another size in its head.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[tokio::test]
async fn a_picture_of_too_many_pixels_is_refused_and_nobody_gets_it() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    assert_eq!(ada.message().await, came("Eve"));
    // A small file with a large picture would be on every screen of the room at once.
    eve.send_raw(Message::Binary(picture(&png(20_000, 20_000), 48_000).into())).await;
    let refusal = refusal::PICTURE_TOO_LARGE;
    assert_eq!(eve.end().await, (4009, refusal.reason.to_owned()));
    assert_eq!(ada.message().await, went("Eve", 4009, refusal.reason));
    ada.show(png(4096, 4096)).await;
}

#[tokio::test]
async fn a_picture_that_moves_for_too_long_is_refused() {
    let server = Running::start();
    let mut eve = Client::join(&server, "Eve", "lobby").await;
    // Each frame counts with the size of the GIF's screen.
    let mut bytes = GIF.to_vec();
    bytes[6..10].copy_from_slice(&[0, 16, 0, 16]);
    let frame = bytes[19..GIF.len() - 1].to_vec();
    eve.show(bytes.clone()).await;
    bytes.splice(19..19, frame.repeat(5));
    eve.send_raw(Message::Binary(bytes.into())).await;
    assert_eq!(eve.end().await, (4009, refusal::PICTURE_TOO_LONG.reason.to_owned()));
}

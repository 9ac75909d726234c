//! Pictures, from one client to the others.

use chat_server::{Limits, refusal};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, came, said, went};
use crate::server::Running;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const LARGEST: usize = 2 << 20;

/// A picture by its first bytes, of this length.
fn picture(signature: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = signature.to_vec();
    bytes.extend((0..=255_u8).cycle().take(length - signature.len()));
    bytes
}

impl Client {
    /// Sends a picture; gives what is told of it.
    async fn show(&mut self, bytes: Vec<u8>) -> Value {
        self.send_raw(Message::Binary(bytes.into())).await;
        let told = self.next().await;
        assert_eq!(told["kind"], "picture");
        told
    }
}

fn url(told: &Value) -> &str {
    told["url"].as_str().expect("a URL")
}

#[tokio::test]
async fn a_picture_is_told_to_everybody_and_served_byte_for_byte() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let mut bob = Client::join(&server, "Bob", "lobby").await;
    assert_eq!(ada.told().await, came("Bob"));
    for (signature, media_type) in [
        (PNG, "image/png"),
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x1A\0\0\0WEBPVP8L", "image/webp"),
    ] {
        let bytes = picture(signature, 1000);
        let told = bob.show(bytes.clone()).await;
        assert_eq!(ada.next().await, told);
        assert_eq!((&told["name"], &told["type"], &told["size"]), (&json!("Bob"), &json!(media_type), &json!(1000)));
        let answer = server.get(url(&told)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("Content-Type"), media_type);
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
        assert_eq!(answer.header("Content-Security-Policy"), "default-src 'none'; sandbox");
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
    let told = bob.show(bytes.clone()).await;
    assert!(server.get(url(&told)).await.body == bytes);
    bob.send_raw(Message::Binary(picture(PNG, LARGEST + 1).into())).await;
    assert_eq!(bob.end().await, (4005, refusal::MESSAGE_TOO_LONG.reason.to_owned()));
    assert_eq!(ada.told().await, came("Bob"));
    assert_eq!(ada.next().await, told);
    assert_eq!(ada.told().await, went("Bob", 4005, refusal::MESSAGE_TOO_LONG.reason));
}

#[tokio::test]
async fn a_newcomer_gets_pictures_in_the_history() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    ada.say("look").await;
    assert_eq!(ada.told().await, said("Ada", "look"));
    let told = ada.show(picture(PNG, 100)).await;
    let mut bob = Client::connect(&server).await;
    bob.ask("Bob", "lobby").await;
    let history = bob.next().await["history"].clone();
    assert_eq!(history[1], told);
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
    let told = ada.show(picture(PNG, 100)).await;
    ada.leave(1000, "").await;
    assert_eq!(server.get(url(&told)).await.status, 200, "an empty room remembers");
    Client::join(&server, "Ada", "two").await;
    assert_eq!(server.get(url(&told)).await.status, 404);
}

#[tokio::test]
async fn a_picture_cannot_be_found_by_guessing() {
    let server = Running::start();
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    let told = ada.show(picture(PNG, 100)).await;
    let id = told["id"].to_string();
    let zeros = format!("{id}-{}", "0".repeat(32));
    for name in [&id, &zeros, "", "-", "x", "..%2F..%2Fsecret.txt"] {
        let answer = server.get(&format!("/pictures/{name}")).await;
        assert_eq!(answer.status, 404, "{name}");
    }
}

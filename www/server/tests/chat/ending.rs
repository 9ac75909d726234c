//! Connections that do not end by themselves: clients that do not read or answer, and the end of the server.

use std::time::{Duration, Instant};

use chat_server::{Limits, refusal};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Client, Received, came, said, went};
use crate::server::{PATIENCE, Running};

/// The number of clients in a crowd, and of the texts that each of them may send at once.
const CLIENTS: usize = 10;
const ROUNDS: usize = 20;

/// Clients that send the longest texts and read all messages.
struct Crowd {
    clients: Vec<Client>,
    /// The texts that all of them received.
    texts: Vec<Value>,
    /// The messages about people who left.
    gone: Vec<Value>,
}

impl Crowd {
    async fn gather(server: &Running) -> Self {
        let mut clients = Vec::new();
        for client in 0..CLIENTS {
            clients.push(Client::join(server, &format!("Talker {client}"), "lobby").await);
        }
        Self { clients, texts: Vec::new(), gone: Vec::new() }
    }

    /// Everybody sends a text and reads the texts of all.
    async fn exchange(&mut self) {
        let texts: Vec<_> = (0..CLIENTS).map(|client| format!("{client} {}", "\u{1}".repeat(1990))).collect();
        for (client, text) in self.clients.iter_mut().zip(&texts) {
            client.say(text).await;
        }
        let mut rounds = Vec::new();
        for (number, client) in self.clients.iter_mut().enumerate() {
            let mut round = Vec::new();
            while round.len() < CLIENTS {
                let message = client.next().await;
                match message["kind"].as_str() {
                    Some("said") => round.push(message),
                    Some("went") if number == 0 => self.gone.push(message),
                    _ => {}
                }
            }
            rounds.push(round);
        }
        assert!(rounds.iter().all(|round| *round == rounds[0]));
        let mut received: Vec<_> = rounds[0].iter().map(|entry| entry["text"].as_str().expect("a text")).collect();
        received.sort_unstable();
        assert!(received == texts);
        self.texts.append(&mut rounds[0]);
    }
}

#[tokio::test]
async fn who_does_not_read_is_dropped_and_the_others_get_everything_in_time() {
    let server = Running::with(Limits { queued_bytes: 256 << 10, close_within: PATIENCE, ..Limits::default() });
    let mut slow = Client::narrow(&server).await;
    slow.ask("Slow", "lobby").await;
    assert_eq!(slow.next().await["kind"], "joined");
    let mut crowd = Crowd::gather(&server).await;
    for _ in 0..ROUNDS {
        crowd.exchange().await;
    }
    let [gone] = &crowd.gone[..] else { panic!("{:?} went", crowd.gone) };
    assert_eq!((&gone["name"], &gone["code"]), (&json!("Slow"), &json!(4010)));
    assert_eq!(gone["reason"], refusal::TOO_SLOW.reason);

    // When the slow client reads at last, it receives the first messages without a gap, and the reason of the end.
    let mut late = Vec::new();
    let end = loop {
        match slow.receive().await {
            Received::Message(message) if message["kind"] == "said" => late.push(message),
            Received::Message(_) => {}
            end => break end,
        }
    };
    assert_eq!(end, Received::Close(4010, refusal::TOO_SLOW.reason.to_owned()));
    assert!(!late.is_empty() && late.len() < crowd.texts.len(), "{} of {}", late.len(), crowd.texts.len());
    assert!(late == crowd.texts[..late.len()]);
}

#[tokio::test]
async fn who_takes_too_long_to_read_is_dropped_though_there_is_room_for_more() {
    let server = Running::with(Limits { send_within: Duration::from_millis(500), ..Limits::default() });
    let mut slow = Client::narrow(&server).await;
    slow.ask("Slow", "lobby").await;
    assert_eq!(slow.next().await["kind"], "joined");
    let mut crowd = Crowd::gather(&server).await;
    // The messages are fewer than a queue holds, and more than the buffers hold.
    for _ in 0..ROUNDS {
        crowd.exchange().await;
    }
    while crowd.gone.is_empty() {
        let message = crowd.clients[0].next().await;
        assert_eq!(message["kind"], "went");
        crowd.gone.push(message);
    }
    assert_eq!((&crowd.gone[0]["name"], &crowd.gone[0]["code"]), (&json!("Slow"), &json!(4010)));
}

#[tokio::test]
async fn who_no_longer_answers_pings_is_gone() {
    let limits = Limits { ping_every: Duration::from_secs(1), ..Limits::default() };
    let server = Running::with(limits);
    let mut ada = Client::join(&server, "Ada", "lobby").await;
    // This connection is open, but nobody reads from it.
    let _dead = Client::join(&server, "Dead", "lobby").await;
    assert_eq!(ada.message().await, came("Dead"));
    assert_eq!(ada.message().await, went("Dead", 1006, "The client no longer answered."));
    // A client that answers pings stays without sending a message.
    for _ in 0..2 {
        let ping = timeout(PATIENCE, ada.0.next()).await.expect("a ping");
        assert!(matches!(ping, Some(Ok(Message::Ping(_)))), "{ping:?}");
    }
    ada.say("still here").await;
    assert_eq!(ada.message().await, said("Ada", "still here"));
}

#[tokio::test]
async fn everybody_is_told_1001_after_what_was_said() {
    let server = Running::with(Limits { close_within: PATIENCE, ..Limits::default() });
    let mut clients = Vec::new();
    for number in 0..20 {
        clients.push(Client::join(&server, &format!("Client {number}"), "lobby").await);
    }
    let mut waiting = Client::connect(&server).await;
    clients[0].say("the last word").await;
    assert_eq!(
        loop {
            let message = clients[0].message().await;
            if message["kind"] == "said" {
                break message;
            }
        },
        said("Client 0", "the last word")
    );
    let address = server.address;
    let readers = tokio::spawn(async move {
        for (number, mut client) in clients.into_iter().enumerate() {
            for later in number + 1..20 {
                if number > 0 {
                    assert_eq!(client.message().await, came(&format!("Client {later}")));
                }
            }
            if number > 0 {
                assert_eq!(client.message().await, said("Client 0", "the last word"));
            }
            assert_eq!(client.end().await, (1001, refusal::GOING_AWAY.reason.to_owned()));
        }
        assert_eq!(waiting.end().await.0, 1001, "who has not joined, too");
    });
    server.stop().await;
    readers.await.expect("everybody was told");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn what_waits_for_a_client_is_sent_before_it_is_told_1001() {
    let limits = Limits { send_within: PATIENCE, close_within: PATIENCE, ..Limits::default() };
    let server = Running::with(limits);
    let mut late = Client::narrow(&server).await;
    late.ask("Late", "lobby").await;
    assert_eq!(late.next().await["kind"], "joined");
    let mut crowd = Crowd::gather(&server).await;
    for _ in 0..ROUNDS {
        crowd.exchange().await;
    }
    let texts = crowd.texts.clone();
    let reading = tokio::spawn(async move {
        for client in 0..CLIENTS {
            assert_eq!(late.message().await, came(&format!("Talker {client}")));
        }
        for entry in texts {
            assert!(late.next().await == entry);
        }
        assert_eq!(late.end().await, (1001, refusal::GOING_AWAY.reason.to_owned()));
    });
    for mut client in crowd.clients {
        tokio::spawn(async move { client.end().await });
    }
    server.stop().await;
    reading.await.expect("all of it");
}

#[tokio::test]
async fn the_end_waits_for_nobody_without_end() {
    let limits = Limits { send_within: PATIENCE, close_within: Duration::from_millis(200), ..Limits::default() };
    let server = Running::with(limits);
    // Clients that are connected without a request, within a request, within a message, joined and silent, or joined
    // and not reading.
    let _idle = TcpStream::connect(server.address).await.expect("the server listens");
    let mut half = TcpStream::connect(server.address).await.expect("the server listens");
    half.write_all(b"GET /chat HTTP/1.1\r\nHost:").await.expect("it reads");
    let mut partial = Client::join(&server, "Partial", "lobby").await;
    partial.send_bytes(&[0x81, 0x85, 0, 0, 0, 0, b'h']).await;
    let _silent = Client::join(&server, "Silent", "lobby").await;
    let mut narrow = Client::narrow(&server).await;
    narrow.ask("Narrow", "lobby").await;
    assert_eq!(narrow.next().await["kind"], "joined");
    let mut crowd = Crowd::gather(&server).await;
    for _ in 0..ROUNDS {
        crowd.exchange().await;
    }
    assert!(crowd.gone.is_empty(), "there is room in every queue");
    let started = Instant::now();
    let mut ada = crowd.clients.remove(0);
    let end = tokio::spawn(async move { ada.receive().await });
    server.stop().await;
    assert_eq!(end.await.expect("an end"), Received::Close(1001, refusal::GOING_AWAY.reason.to_owned()));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

//! Two thousand clients at once, with the program as users start it. None of them misses a message.

mod program;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// The number of people in each room, 2,000 in all.
const ROOMS: [usize; 21] = [95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 100];

/// The number of handshakes at once.
const HANDSHAKES: usize = 100;

/// The time limit of the test. An idle machine needs a tenth of it.
const LIMIT: Duration = Duration::from_secs(120);

/// The state that all clients share.
struct Load {
    address: String,
    handshakes: Semaphore,
    /// Reached when everybody has joined, and again when everybody has received everything.
    stages: Barrier,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_clients_get_every_message_of_their_room_once_and_in_one_order() {
    #[cfg(unix)]
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files that can be raised");
    // All clients have one address.
    let (_server, address) = program::start(&["--clients-per-address", "4000"]).await;
    let people: usize = ROOMS.iter().sum();
    // The test itself also waits at the stages, to take the time.
    let load = Arc::new(Load { address, handshakes: Semaphore::new(HANDSHAKES), stages: Barrier::new(people + 1) });

    let started = Instant::now();
    let mut clients = JoinSet::new();
    for (room, people) in ROOMS.into_iter().enumerate() {
        for person in 0..people {
            let load = load.clone();
            clients.spawn(async move { (room, visit(&load, room, person, people).await) });
        }
    }
    let stages = async {
        load.stages.wait().await;
        let joined = started.elapsed();
        load.stages.wait().await;
        (joined, started.elapsed())
    };
    tokio::pin!(stages);
    let (mut times, mut seen) = (None, vec![Vec::new(); ROOMS.len()]);
    let run = async {
        // The failure of a client is reported immediately, not after the others have waited for the client.
        while times.is_none() || !clients.is_empty() {
            tokio::select! {
                reached = &mut stages, if times.is_none() => times = Some(reached),
                Some(client) = clients.join_next() => {
                    let (room, entries): (usize, Vec<Utf8Bytes>) = client.expect("a client");
                    seen[room].push(entries);
                }
            }
        }
    };
    timeout(LIMIT, run).await.expect("everybody gets everything in time");
    let (joined, received) = times.expect("the stages");

    let mut delivered = 0;
    for (room, seen) in seen.iter().enumerate() {
        assert_eq!(seen.len(), ROOMS[room]);
        assert!(seen.iter().all(|entries| *entries == seen[0]), "one order in room {room}");
        let entries: Vec<Value> = seen[0].iter().map(|entry| serde_json::from_str(entry).expect("JSON")).collect();
        let texts: HashSet<_> =
            entries.iter().map(|entry| entry["text"].as_str().expect("a text").to_owned()).collect();
        assert_eq!(texts, (0..ROOMS[room]).map(|person| text_of(room, person)).collect());
        assert!(entries.is_sorted_by_key(|entry| entry["id"].as_u64()));
        delivered += seen.iter().map(Vec::len).sum::<usize>();
    }
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    println!(
        "{people} clients: all joined after {}; {delivered} messages delivered in {}; all gone after {}",
        seconds(joined),
        seconds(received - joined),
        seconds(started.elapsed())
    );
}

fn text_of(room: usize, person: usize) -> String {
    format!("Person {person} of room {room}: the quick brown fox jumps over the lazy dog")
}

/// Joins, sends a text when everybody has joined, and returns all texts of the room.
async fn visit(load: &Load, room: usize, person: usize, people: usize) -> Vec<Utf8Bytes> {
    let permit = load.handshakes.acquire().await.expect("a turn");
    let stream = TcpStream::connect(&load.address).await.expect("the server listens");
    let handshake = tokio_tungstenite::client_async(format!("ws://{}/chat", load.address), stream);
    let (mut socket, _) = handshake.await.expect("a handshake");
    let join = json!({ "kind": "join", "name": format!("Person {person}"), "room": format!("Room {room}") });
    socket.send(Message::Text(join.to_string().into())).await.expect("a connection");
    let joined = next(&mut socket).await.expect("an answer");
    assert!(is(&joined, "joined"), "{joined}");
    drop(permit);
    load.stages.wait().await;

    let say = json!({ "kind": "say", "text": text_of(room, person) });
    socket.send(Message::Text(say.to_string().into())).await.expect("a connection");
    let mut messages = Vec::new();
    while messages.len() < people {
        let message = next(&mut socket).await.expect("a message");
        if is(&message, "said") {
            messages.push(message);
        } else {
            assert!(is(&message, "came"), "{message}");
        }
    }
    load.stages.wait().await;

    socket.send(Message::Close(None)).await.expect("a connection");
    while let Some(message) = next(&mut socket).await {
        assert!(is(&message, "went"), "{message}");
    }
    messages
}

/// Waits for the next text frame. Returns `None` when the connection has ended in order.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Utf8Bytes> {
    loop {
        match socket.next().await?.expect("no error") {
            Message::Text(text) => return Some(text),
            Message::Close(frame) => assert_eq!(frame, None, "the client's own close frame comes back"),
            _ => {}
        }
    }
}

fn is(message: &str, kind: &str) -> bool {
    message.starts_with(&format!(r#"{{"kind":"{kind}","#))
}

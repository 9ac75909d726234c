//! The server is restarted under two thousand clients, with the program as users start it. They come back at the times
//! that the package's settings of retries allow, and miss nothing.

mod program;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fourd_websocket::RetrySettings;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A room remembers 50 entries, so that 40 people who say something each while others are away are not too many.
const ROOMS: usize = 50;
const PEOPLE: usize = 40;

/// The number of handshakes at once before the restart.
const HANDSHAKES: usize = 100;

/// The time limit of the test.
const LIMIT: Duration = Duration::from_secs(120);

struct Load {
    address: String,
    handshakes: Semaphore,
    /// Reached when everybody has received the texts from before the restart, and again after it.
    stages: Barrier,
}

/// The observations of a client: the texts of its room in order, and when the attempt that succeeded started and ended.
struct Seen {
    texts: Vec<String>,
    asked: Instant,
    joined: Instant,
    attempts: u32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_clients_that_come_back_after_a_restart_miss_nothing_and_are_spread() {
    #[cfg(unix)]
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files that can be raised");
    let (mut server, address) = program::start(&["--clients-per-address", "4000"]).await;
    let port = address.rsplit(':').next().expect("a port").to_owned();
    let stages = Barrier::new(ROOMS * PEOPLE + 1);
    let load = Arc::new(Load { address, handshakes: Semaphore::new(HANDSHAKES), stages });
    let mut clients = JoinSet::new();
    for room in 0..ROOMS {
        for person in 0..PEOPLE {
            let load = load.clone();
            clients.spawn(async move { (room, visit(&load, room, person).await) });
        }
    }

    let restart = async {
        load.stages.wait().await;
        drop(server.stdin.take());
        assert!(server.wait().await.expect("an end").success());
        let stopped = Instant::now();
        let server = program::start(&["--clients-per-address", "4000", "--port", &port]).await;
        load.stages.wait().await;
        (server, stopped)
    };
    let (_server, stopped) = timeout(LIMIT, restart).await.expect("everybody is back in time");

    let mut rooms = vec![Vec::new(); ROOMS];
    let (mut asked, mut joined, mut attempts) = (Vec::new(), Vec::new(), 0);
    while let Some(client) = clients.join_next().await {
        let (room, seen) = client.expect("a client");
        rooms[room].push(seen.texts);
        asked.push(seen.asked);
        joined.push(seen.joined);
        attempts += seen.attempts;
    }
    for (room, seen) in rooms.iter().enumerate() {
        assert!(seen.iter().all(|texts| *texts == seen[0]), "one order in room {room}");
        let received: HashSet<_> = seen[0].iter().cloned().collect();
        let expected = (0..PEOPLE).flat_map(|person| ["before", "after"].map(|when| text_of(person, when)));
        assert_eq!((received, seen[0].len()), (expected.collect(), 2 * PEOPLE), "everything once in room {room}");
    }
    let last = joined.iter().max().expect("clients").saturating_duration_since(stopped);
    let (came, joins) = (most_in_a_second(&asked), most_in_a_second(&joined));
    println!(
        "{} clients: all back {:.1} s after the stop, in {attempts} attempts; at most {came} came and {joins} joined in a second",
        joined.len(),
        last.as_secs_f64(),
    );
    // All of them come in the same second if they are not spread.
    assert!(came < joined.len() * 3 / 4, "{came} clients came in a second");
}

fn most_in_a_second(times: &[Instant]) -> usize {
    let within = |start: Instant| {
        let second = start..start + Duration::from_secs(1);
        times.iter().filter(|time| second.contains(time)).count()
    };
    times.iter().map(|start| within(*start)).max().unwrap_or_default()
}

fn text_of(person: usize, when: &str) -> String {
    format!("Person {person} says this {when} the restart")
}

/// Sends a text before and after the restart. Returns the texts of the room, and the times of the return.
async fn visit(load: &Load, room: usize, person: usize) -> Seen {
    let mut client = Client { texts: Vec::new(), last: None, join: json!({}) };
    client.join = json!({
        "kind": "join", "name": format!("Person {person}"), "room": format!("Room {room}"),
        "token": format!("the token of person {person}"),
    });
    let permit = load.handshakes.acquire().await.expect("a turn");
    let mut socket = client.enter(&load.address).await.expect("the server listens");
    drop(permit);
    client.say(&mut socket, &text_of(person, "before")).await;
    while client.texts.len() < PEOPLE {
        assert!(client.receive(&mut socket).await, "the server is there");
    }
    load.stages.wait().await;

    while client.receive(&mut socket).await {}
    drop(socket);
    let RetrySettings { first_delay, max_delay, .. } = RetrySettings::default();
    let mut attempts = 0;
    let (asked, mut socket) = loop {
        let longest = max_delay.min(first_delay * 2_u32.pow(attempts));
        attempts += 1;
        sleep(longest.mul_f64(rand::random())).await;
        let asked = Instant::now();
        if let Some(socket) = client.enter(&load.address).await {
            break (asked, socket);
        }
    };
    let joined = Instant::now();
    client.say(&mut socket, &text_of(person, "after")).await;
    while client.texts.len() < 2 * PEOPLE {
        assert!(client.receive(&mut socket).await, "the server is there");
    }
    load.stages.wait().await;
    Seen { texts: client.texts, asked, joined, attempts }
}

struct Client {
    texts: Vec<String>,
    /// The id of the last entry.
    last: Option<Value>,
    join: Value,
}

impl Client {
    /// Connects and joins. Returns `None` if the server cannot be reached.
    async fn enter(&mut self, address: &str) -> Option<WebSocketStream<TcpStream>> {
        let stream = TcpStream::connect(address).await.ok()?;
        let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/chat"), stream).await.ok()?;
        if let Some(id) = &self.last {
            self.join["after"] = id.clone();
        }
        socket.send(Message::Text(self.join.to_string().into())).await.ok()?;
        let Message::Text(answer) = socket.next().await?.ok()? else { return None };
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!((&answer["kind"], &answer["complete"]), (&json!("joined"), &json!(true)), "{answer}");
        answer["history"].as_array().expect("a history").iter().for_each(|entry| self.take(entry));
        Some(socket)
    }

    async fn say(&self, socket: &mut WebSocketStream<TcpStream>, text: &str) {
        let say = json!({ "kind": "say", "text": text });
        socket.send(Message::Text(say.to_string().into())).await.expect("a connection");
    }

    /// Takes a message. Returns `false` after the server's close frame.
    async fn receive(&mut self, socket: &mut WebSocketStream<TcpStream>) -> bool {
        match socket.next().await.expect("no end without a close frame").expect("no error") {
            Message::Text(message) => self.take(&serde_json::from_str(&message).expect("JSON")),
            Message::Close(frame) => {
                assert_eq!(frame.map(|frame| frame.code), Some(CloseCode::Away));
                return false;
            }
            _ => {}
        }
        true
    }

    fn take(&mut self, message: &Value) {
        if message["kind"] == "said" {
            self.last = Some(message["id"].clone());
            self.texts.push(message["text"].as_str().expect("a text").to_owned());
        }
    }
}

//! The server under all attacks at once: the delay for well-behaved clients, and the memory that remains in use.
//!
//! The test takes twenty seconds beside the other tests. `cargo xtask soak` runs it for ten minutes with the server as
//! users start it.
#![cfg(target_os = "linux")]

mod attack;
mod program;

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{interval, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use attack::{Attack, CROWDED, QUIET, Target, escapes, join, say};

/// The duration of the attacks, unless [`LENGTH`] is set.
const SHORT: Duration = Duration::from_secs(20);

/// The environment variable with another duration, in seconds.
const LENGTH: &str = "SOAK_SECONDS";

/// The limit of the median time in which a message arrives in a room. Without optimization and beside other tests, a
/// message takes longer. This test then finds only an error that delays everybody. `cargo xtask soak` finds the others.
const DELAY: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 20 });

/// The memory that may remain in use, in KiB.
const MEMORY: u64 = 32 << 10;

/// The time that may pass after the attacks. The longest limits of the server are 60 s.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attacks_hold_up_no_other_room_and_leave_nothing_in_memory() {
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit of open files that can be raised");
    let length = std::env::var(LENGTH).map_or(SHORT, |seconds| Duration::from_secs(seconds.parse().expect("seconds")));
    let (server, address) = program::start(&[]).await;
    let address: SocketAddr = address.parse().expect("an address");
    let process = server.id().expect("it runs");

    let (end, ended) = oneshot::channel();
    let (begun, begin) = oneshot::channel();
    let quiet = thread::spawn(move || converse(address, begun, ended));
    begin.await.expect("two people who talk");
    crowd(address).await;
    let before = memory(process);

    let over = Instant::now() + length;
    let attack = Target::new(address).attack(sleep(length));
    let ends = timeout(length + PATIENCE, attack).await.expect("every end in time");
    let most = memory(process);
    let back = async {
        while memory(process) > before + MEMORY {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let is_back = timeout(PATIENCE, back).await.is_ok();
    let after = memory(process);
    let _ = end.send(());
    let timings = quiet.join().expect("everything that was said");

    let mut delays: Vec<_> = timings.iter().filter(|(started, _)| *started < over).map(|(_, delay)| *delay).collect();
    delays.sort();
    let median = delays[delays.len() / 2];
    println!(
        "{} s: memory {before} KiB before, {most} KiB at the end of the attacks, {after} KiB after them; of {} messages \
         in another room the median took {:.1} ms, the slowest {:.1} ms",
        length.as_secs(),
        delays.len(),
        median.as_secs_f64() * 1e3,
        delays.last().map_or(0.0, Duration::as_secs_f64) * 1e3,
    );
    for attack in Attack::ALL {
        println!("{attack:?}: {:?}", ends.get(&attack));
    }
    for attack in Attack::ALL {
        let met = ends.get(&attack).and_then(|ends| ends.get(&attack.end()));
        assert!(met.is_some(), "no connection of {attack:?} ended with {:?}", attack.end());
    }
    assert!(is_back, "{before} KiB have become {after} KiB");
    assert!(median < DELAY, "{median:?}");
}

/// The resident memory of a process, in KiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

async fn connect(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    tokio_tungstenite::client_async(format!("ws://{address}/chat"), stream).await.expect("a handshake").0
}

/// Fills the history of a room with the longest entries.
async fn crowd(address: SocketAddr) {
    for number in 0..3 {
        let mut socket = connect(address).await;
        let answer = join(&mut socket, &format!("crowd {number}"), CROWDED).await.expect("an answer");
        assert_eq!(answer, None);
        for _ in 0..20 {
            say(&mut socket, &escapes()).await.expect("a connection");
            next(&mut socket).await;
        }
    }
}

/// Two people exchange texts in a room of their own, on a thread of their own, from an address without attackers. One
/// of them sends a text four times a second until `ended`, and both receive it. Returns the time of each text, and how
/// long it took.
#[tokio::main(flavor = "current_thread")]
async fn converse(
    address: SocketAddr,
    begun: oneshot::Sender<()>,
    mut ended: oneshot::Receiver<()>,
) -> Vec<(Instant, Duration)> {
    let (mut ada, mut bob) = (connect(address).await, connect(address).await);
    for (socket, name) in [(&mut ada, "Ada"), (&mut bob, "Bob")] {
        assert_eq!(join(socket, name, QUIET).await.expect("an answer"), None);
    }
    assert_eq!(next(&mut ada).await["kind"], "came");
    begun.send(()).expect("somebody waits");
    let mut delays = Vec::new();
    let mut times = interval(Duration::from_millis(250));
    while ended.try_recv().is_err() {
        times.tick().await;
        let text = delays.len().to_string();
        let started = Instant::now();
        say(&mut ada, &text).await.expect("a connection");
        for socket in [&mut ada, &mut bob] {
            assert_eq!(next(socket).await["text"], text.as_str());
        }
        delays.push((started, started.elapsed()));
    }
    delays
}

/// Waits for the next message. Pings are answered meanwhile.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Value {
    loop {
        match socket.next().await.expect("a message").expect("a connection") {
            Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("the server sends no {other:?}"),
        }
    }
}

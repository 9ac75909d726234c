//! Attacks on the chat's server by clients that can reach it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

type Socket = WebSocketStream<TcpStream>;

/// An attack, which attackers of one address repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// Connects and sends nothing.
    Idle,
    /// Sends half of a request.
    HalfRequest,
    /// Sends two mebibytes without a join.
    LongJoin,
    /// Starts a message and does not finish it.
    Unfinished,
    /// Sends pings as fast as it can.
    Pings,
    /// Sends empty parts of a message as fast as it can.
    EmptyParts,
    /// Joins a room with a long history, sends the longest text, leaves, and joins again.
    JoinStorm,
    /// Sends a file of 48 kB that announces a picture of 20,000 × 20,000 pixels.
    LargePicture,
    /// Sends a small picture with very many frames.
    LongPicture,
    /// Takes a name that looks like another one, or is invisible.
    HiddenName,
    /// Sends an invisible text.
    HiddenText,
    /// Makes a room of its own and stays in it.
    Rooms,
    /// Sends bytes that are not WebSocket.
    BrokenFrames,
    /// Joins the same room and reads nothing.
    Deaf,
    /// Fills rooms with the longest texts, and leaves them.
    FullRooms,
}

/// The end of an attacker's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// By a close frame of the server, with this code.
    Closed(u16),
    /// By the server, without a close frame.
    Dropped,
    /// By the attacker itself.
    Left,
    /// The server refused the connection that the attacker needs, with 503 or without an answer.
    Refused,
}

/// The server that is attacked.
pub struct Target {
    address: SocketAddr,
    rooms: AtomicU64,
    /// The frame of [`Attack::LongJoin`], which is made once.
    long_join: Vec<u8>,
    /// Cancelled when no attack starts any more.
    over: CancellationToken,
    ends: Mutex<BTreeMap<Attack, BTreeMap<End, u64>>>,
}

/// The longest text in JSON. Each of its characters is an escape, except the visible one.
pub fn escapes() -> String {
    "\u{1}".repeat(1999) + "."
}

/// The room with a long history.
pub const CROWDED: &str = "crowded";

/// The room of well-behaved clients.
pub const QUIET: &str = "quiet";

impl Attack {
    pub const ALL: [Self; 15] = [
        Self::Idle,
        Self::HalfRequest,
        Self::LongJoin,
        Self::Unfinished,
        Self::Pings,
        Self::EmptyParts,
        Self::JoinStorm,
        Self::LargePicture,
        Self::LongPicture,
        Self::HiddenName,
        Self::HiddenText,
        Self::Rooms,
        Self::BrokenFrames,
        Self::Deaf,
        Self::FullRooms,
    ];

    /// The number of attackers at once.
    fn attackers(self) -> usize {
        match self {
            Self::Idle | Self::HalfRequest => 250,
            Self::LongJoin => 300,
            Self::Rooms => 200,
            Self::JoinStorm => 60,
            Self::Pings | Self::EmptyParts | Self::Unfinished => 50,
            Self::Deaf => 20,
            Self::LargePicture | Self::LongPicture | Self::HiddenName | Self::HiddenText | Self::BrokenFrames => 10,
            Self::FullRooms => 12,
        }
    }

    /// The time from one connection of an attacker to the next, if the first has ended. The attackers use the same
    /// machine as the server. Without optimization, both take a multiple of their time.
    fn pace(self) -> Duration {
        let is_slow = cfg!(debug_assertions);
        Duration::from_millis(match self {
            // The joins have to exceed their pace.
            Self::JoinStorm if is_slow => 1000,
            Self::JoinStorm => 250,
            Self::LongJoin if is_slow => 20_000,
            Self::LongJoin => 5000,
            _ if is_slow => 8000,
            _ => 1000,
        })
    }

    /// The end of the attack, if the server does what it has to.
    pub fn end(self) -> End {
        match self {
            Self::Idle | Self::HalfRequest | Self::Deaf => End::Dropped,
            Self::BrokenFrames => End::Closed(1002),
            Self::HiddenText => End::Closed(4000),
            Self::HiddenName => End::Closed(4003),
            Self::Rooms => End::Closed(4004),
            Self::LongJoin => End::Closed(4005),
            Self::Pings | Self::EmptyParts | Self::JoinStorm | Self::FullRooms => End::Closed(4006),
            Self::LargePicture | Self::LongPicture => End::Closed(4009),
            Self::Unfinished => End::Closed(4011),
        }
    }

    /// The address of an attacker. Each attack has its own, so that the limits of one do not limit another. Rooms are
    /// filled from several addresses, because the server remembers some of each.
    fn address(self, number: usize) -> Ipv4Addr {
        let addresses = if self == Self::FullRooms { self.attackers() } else { 1 };
        Ipv4Addr::new(127, 0, self as u8 + 1, (number % addresses) as u8 + 1)
    }
}

impl Target {
    pub fn new(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            address,
            rooms: AtomicU64::new(0),
            long_join: frame(LAST | TEXT, &vec![b' '; 2 << 20]),
            over: CancellationToken::new(),
            ends: Mutex::default(),
        })
    }

    /// Attacks until `over` is ready, and waits for the end of every connection. Returns how they ended.
    pub async fn attack(self: Arc<Self>, over: impl Future<Output = ()>) -> BTreeMap<Attack, BTreeMap<End, u64>> {
        let mut attackers = JoinSet::new();
        for attack in Attack::ALL {
            for number in 0..attack.attackers() {
                let target = self.clone();
                attackers.spawn(async move {
                    let mut rounds = interval(attack.pace());
                    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
                    while !target.over.is_cancelled() {
                        rounds.tick().await;
                        let end = target.connect(attack, number).await.unwrap_or(End::Dropped);
                        target.count(attack, end);
                    }
                });
            }
        }
        over.await;
        self.over.cancel();
        while let Some(ended) = attackers.join_next().await {
            ended.expect("an attacker");
        }
        self.ends.lock().expect("no panic").clone()
    }

    fn count(&self, attack: Attack, end: End) {
        *self.ends.lock().expect("no panic").entry(attack).or_default().entry(end).or_default() += 1;
    }

    /// Connects as an attacker, and returns how the connection ends. An error is the end of the connection, too.
    async fn connect(&self, attack: Attack, number: usize) -> Result<End, Error> {
        let socket = TcpSocket::new_v4()?;
        if attack == Attack::Deaf {
            socket.set_recv_buffer_size(4096)?;
        }
        socket.bind((attack.address(number), 0).into())?;
        let mut stream = socket.connect(self.address).await?;
        match attack {
            Attack::Idle => return until_end(stream).await,
            Attack::HalfRequest => {
                stream.write_all(b"GET / HTTP/1.1\r\nHost:").await?;
                return until_end(stream).await;
            }
            _ => {}
        }
        let url = format!("ws://{}/chat", self.address);
        let Ok((mut socket, _)) = tokio_tungstenite::client_async(url, stream).await else {
            return Ok(End::Refused);
        };
        self.run(attack, number, &mut socket).await
    }

    async fn run(&self, attack: Attack, number: usize, socket: &mut Socket) -> Result<End, Error> {
        const NAMES: [&str; 5] = ["Ada\u{2800}", "\u{2800}", "\u{200B}", "\u{1D159}", "\u{16FE4}\u{13441}"];
        let name = match attack {
            Attack::HiddenName => NAMES[number % NAMES.len()].to_owned(),
            _ => format!("{attack:?} {number}"),
        };
        let room = match attack {
            Attack::HiddenName => QUIET.to_owned(),
            Attack::JoinStorm | Attack::Deaf => CROWDED.to_owned(),
            Attack::Rooms | Attack::FullRooms => format!("room {}", self.rooms.fetch_add(1, Ordering::Relaxed)),
            _ => format!("{attack:?}"),
        };
        match attack {
            Attack::LongJoin => write(socket, &self.long_join).await,
            Attack::Deaf => {
                ask(socket, &name, &room).await?;
                // A client that does not read can notice the end only when it sends.
                let mut pings = interval(Duration::from_secs(1));
                while !self.over.is_cancelled() {
                    pings.tick().await;
                    socket.send(Message::Ping("".into())).await?;
                }
                return Ok(End::Left);
            }
            _ => {
                if let Some(end) = join(socket, &name, &room).await? {
                    return Ok(end);
                }
            }
        }
        match attack {
            Attack::Unfinished => write(socket, &frame(BINARY, &[0; 20 << 10])).await,
            Attack::Pings => write(socket, &frame(LAST | PING, b"").repeat(1000)).await,
            Attack::EmptyParts => {
                let parts = [frame(TEXT, b""), frame(PART, b"").repeat(1000)];
                write(socket, &parts.concat()).await;
            }
            Attack::LargePicture => write(socket, &frame(LAST | BINARY, &large_picture())).await,
            Attack::LongPicture => write(socket, &frame(LAST | BINARY, &long_picture())).await,
            Attack::HiddenText => say(socket, "\u{200B}\u{2800}\u{13442}").await?,
            Attack::BrokenFrames => {
                let unmasked = [LAST | TEXT, 1, b'a'].to_vec();
                let frames = [unmasked, frame(LAST | 3, b""), frame(LAST | 0x40 | TEXT, b""), frame(LAST | PART, b"")];
                write(socket, &frames[number % frames.len()]).await;
            }
            Attack::JoinStorm => {
                say(socket, &escapes()).await?;
                return leave(socket).await;
            }
            Attack::Rooms => {
                self.over.cancelled().await;
                return leave(socket).await;
            }
            Attack::FullRooms => loop {
                say(socket, &escapes()).await?;
                if let Some(end) = next(socket).await? {
                    return Ok(end);
                }
            },
            Attack::Idle | Attack::HalfRequest | Attack::LongJoin | Attack::HiddenName | Attack::Deaf => {}
        }
        loop {
            if let Some(end) = next(socket).await? {
                return Ok(end);
            }
        }
    }
}

/// Reads until the server ends the connection.
async fn until_end(mut stream: TcpStream) -> Result<End, Error> {
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await?;
    Ok(if read.starts_with(b"HTTP/1.1 503") { End::Refused } else { End::Dropped })
}

async fn ask(socket: &mut Socket, name: &str, room: &str) -> Result<(), Error> {
    let join = json!({ "kind": "join", "name": name, "room": room });
    socket.send(Message::Text(join.to_string().into())).await
}

/// Joins. Returns the end of the connection, if that is the answer.
pub async fn join(socket: &mut Socket, name: &str, room: &str) -> Result<Option<End>, Error> {
    ask(socket, name, room).await?;
    next(socket).await
}

pub async fn say(socket: &mut Socket, text: &str) -> Result<(), Error> {
    let say = json!({ "kind": "say", "text": text });
    socket.send(Message::Text(say.to_string().into())).await
}

/// Waits for a message, or for the end of the connection.
async fn next(socket: &mut Socket) -> Result<Option<End>, Error> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(_))) => return Ok(None),
            Some(Ok(Message::Close(Some(frame)))) => {
                // The connection ends in order.
                while socket.next().await.transpose()?.is_some() {}
                return Ok(Some(End::Closed(frame.code.into())));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            None => return Ok(Some(End::Dropped)),
        }
    }
}

async fn leave(socket: &mut Socket) -> Result<End, Error> {
    socket.send(Message::Close(None)).await?;
    while socket.next().await.transpose()?.is_some() {}
    Ok(End::Left)
}

const PART: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PING: u8 = 9;
/// The first bit of a message's last frame.
const LAST: u8 = 0x80;

/// A frame as it is sent. It is masked with zeros, because masking would take the attackers the most time.
fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first_byte];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0xFF);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// Sends bytes past the library, which would refuse some of them. The next read reports an error, because the answer
/// may already be there.
async fn write(socket: &mut Socket, bytes: &[u8]) {
    let _ = socket.get_mut().write_all(bytes).await;
}

/// A PNG with a valid head and no valid pixels.
fn large_picture() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4E\x20\0\0\x4E\x20\x08\x06\0\0\0".to_vec();
    let sum = !bytes[12..].iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    });
    bytes.extend(sum.to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xAF\x06\x1E");
    bytes.resize(48_000, 0);
    bytes
}

/// A GIF of 4,096 × 4,096 pixels, with 1,000 frames of one pixel.
fn long_picture() -> Vec<u8> {
    let head = b"GIF89a\0\x10\0\x10\x80\0\0\0\0\0\xFF\xFF\xFF";
    let frame = b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x4C\x01\0";
    [&head[..], &frame.repeat(1000), b";"].concat()
}

//! What the peers are, and what those in Rust share. A peer is a small server made with one library as its manual has
//! it; all of them do the same, so that one suite (`tests/contract/cases/servers.js`) speaks with each:
//!
//! - it listens on a free port of 127.0.0.1 and prints `listening on http://ADDRESS`; it exits when its stdin ends;
//! - it sends every message back, text as text and binary as binary, up to [`LIMIT`] bytes;
//! - a text `close CODE REASON` makes it close the connection so;
//! - of the subprotocols that it is offered it chooses [`PROTOCOL`];
//! - at `/ends` it sends the text `ready` instead, and then tells how each other connection ended: a text with the JSON
//!   of an [`End`].

#![forbid(unsafe_code)]

pub mod authority;

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast::{Receiver, Sender};

/// How long a message may be. What the libraries allow by themselves begins at 1 MiB.
pub const LIMIT: usize = 64 << 20;

/// The one subprotocol that peers speak.
pub const PROTOCOL: &str = "echo";

/// Where to be told how connections ended.
pub const ENDS: &str = "/ends";

/// A connection that ended, as the server saw it.
#[derive(Default, Serialize)]
pub struct End {
    /// The path and query of its address.
    pub target: String,
    /// How many text messages came.
    pub texts: usize,
    /// How many binary ones.
    pub binaries: usize,
    /// The code of the client's close frame, where there was one.
    pub code: Option<u16>,
    /// And its reason.
    pub reason: String,
}

/// Tells those at `/ends` of each end.
#[derive(Clone)]
pub struct Ends(Sender<String>);

impl Default for Ends {
    fn default() -> Self {
        Self(Sender::new(100))
    }
}

impl Ends {
    /// Reports an end. There may be no receiver.
    pub fn tell(&self, end: &End) {
        let _ = serde_json::to_string(end).map(|json| self.0.send(json));
    }

    /// The events from now on.
    pub fn listen(&self) -> Receiver<String> {
        self.0.subscribe()
    }
}

/// The code and reason of a message that asks for a close.
pub fn close_asked_by(text: &str) -> Option<(u16, &str)> {
    let (code, reason) = text.strip_prefix("close ")?.split_once(' ')?;
    Some((code.parse().ok()?, reason))
}

/// A listener on a free port, which has told where. The process ends with its stdin.
pub async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    tell_address(listener.local_addr()?)?;
    std::thread::spawn(|| {
        wait_for_end_of_stdin();
        std::process::exit(0);
    });
    Ok(listener)
}

/// The one line that a peer prints.
pub fn tell_address(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()
}

/// Returns when who started this process has closed its stdin, or is gone.
pub fn wait_for_end_of_stdin() {
    // An error is an end too.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

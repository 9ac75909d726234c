//! The behaviour of the peers, and the code that those in Rust share. A peer is a small server made with one library,
//! as the library's manual recommends. All of them do the same, so that one suite (`tests/contract/cases/servers.js`)
//! tests each:
//!
//! - It listens on a free port of 127.0.0.1 and prints `listening on http://ADDRESS`. It exits when its stdin ends.
//! - It sends every message back, text as text and binary as binary, up to [`LIMIT`] bytes.
//! - A text `close CODE REASON` makes it close the connection with that code and reason.
//! - It chooses [`PROTOCOL`] among the offered subprotocols.
//! - At `/ends`, it sends the text `ready`, and then a text with the JSON of an [`End`] for each other connection that
//!   ends.

#![forbid(unsafe_code)]

pub mod authority;

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast::{Receiver, Sender};

/// The maximum length of a message. The defaults of the libraries begin at 1 MiB.
pub const LIMIT: usize = 64 << 20;

/// The only subprotocol of the peers.
pub const PROTOCOL: &str = "echo";

/// The path for reports of ended connections.
pub const ENDS: &str = "/ends";

/// The server's record of a connection that has ended.
#[derive(Default, Serialize)]
pub struct End {
    /// The path and query of its address.
    pub target: String,
    /// The number of text messages.
    pub texts: usize,
    /// The number of binary messages.
    pub binaries: usize,
    /// The code of the client's close frame, if there was one.
    pub code: Option<u16>,
    /// The reason of the client's close frame.
    pub reason: String,
}

/// Reports each end to the clients at `/ends`.
#[derive(Clone)]
pub struct Ends(Sender<String>);

impl Default for Ends {
    fn default() -> Self {
        Self(Sender::new(100))
    }
}

impl Ends {
    /// Reports an end. There may be no receiver.
    pub fn report(&self, end: &End) {
        let _ = serde_json::to_string(end).map(|json| self.0.send(json));
    }

    /// The events from now on.
    pub fn listen(&self) -> Receiver<String> {
        self.0.subscribe()
    }
}

/// The code and reason of a message that requests a close.
pub fn close_asked_by(text: &str) -> Option<(u16, &str)> {
    let (code, reason) = text.strip_prefix("close ")?.split_once(' ')?;
    Some((code.parse().ok()?, reason))
}

/// A listener on a free port. Prints its address. The process ends with its stdin.
pub async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    print_address(listener.local_addr()?)?;
    std::thread::spawn(|| {
        wait_for_end_of_stdin();
        std::process::exit(0);
    });
    Ok(listener)
}

/// Prints the only line of a peer's output.
pub fn print_address(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()
}

/// Returns when the parent process has closed this process's stdin, or has ended.
pub fn wait_for_end_of_stdin() {
    // An error is an end, too.
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
}

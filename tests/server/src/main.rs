//! The test server as a program. The library documents its behaviour.

#![forbid(unsafe_code)]

use std::{
    error::Error,
    io::{self, Write},
    time::Duration,
};

use clap::Parser;
use test_server::{PATHS, Root, Server};
use tokio::{sync::oneshot, time::sleep};

/// The WebSocket server for the tests of fourd-websocket. When it is ready, it prints one line, `listening on
/// http://127.0.0.1:PORT`. It exits when its stdin ends, so that it does not outlive its parent process.
#[derive(Parser)]
#[command(after_help = PATHS)]
struct Arguments {
    /// The port to listen on (0: a free one)
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Serves the directory DIR under /files/NAME/ (repeatable)
    #[arg(long = "root", value_name = "NAME=DIR")]
    roots: Vec<Root>,

    /// Exits after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    lifetime: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    // Thousands of connections need more than the usual 1024 descriptors. If the limit cannot be raised, fewer are
    // possible.
    #[cfg(unix)]
    let _ = rlimit::increase_nofile_limit(u64::MAX);

    let server = Server::bind(arguments.port, arguments.roots)?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", server.address()?)?;
    stdout.flush()?;

    tokio::select! {
        () = server.run() => {}
        () = sleep(Duration::from_secs(arguments.lifetime)) => {}
        _ = end_of_stdin() => {}
    }
    Ok(())
}

/// On its own thread, because tokio's stdin would keep the runtime from ending.
fn end_of_stdin() -> oneshot::Receiver<()> {
    let (ended, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        // An error is an end, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = ended.send(());
    });
    receiver
}

//! `cargo xtask demo`: the chat, from the built package to a page in the reader's own browser.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::chat_server::{self, Build};
use crate::repo::Repo;
use crate::{package, step};

#[derive(Args)]
pub struct Options {
    /// The port to listen on; a free one by itself
    #[arg(long)]
    port: Option<u16>,
}

/// Builds the package, starts the chat's server and prints its address, the only line on stdout. Waits until it is told to
/// end, and ends the server in order.
pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    package::build(repo)?;
    // Before the server starts, so that no signal leaves it without its end.
    let stopped = stopped()?;
    let mut server = chat_server::start(repo, Build::Demo, options.port)?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}/", server.http()).and_then(|()| stdout.flush()).context("printing the address")?;
    step::say("open this address in two windows; Ctrl-C ends it");
    tokio::select! {
        () = stopped => {}
        // Ctrl-C in a terminal reaches the server, too.
        () = server.ended() => {}
    }
    server.stop()?;
    Ok(ExitCode::SUCCESS)
}

/// Ready on Ctrl-C and SIGTERM, and when the terminal is closed.
fn stopped() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("listening for signals");
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let mut hangup = listen(SignalKind::hangup())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

//! `cargo xtask demo`: builds the package and serves the chat for your browser.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::repo::Repo;
use crate::server::Server;
use crate::{pkg, step};

/// The profile of Cargo.toml for the demo.
pub const PROFILE: &str = "demo";

#[derive(Args)]
pub struct Options {
    /// The port to listen on. Default: a free port
    #[arg(long)]
    port: Option<u16>,
}

/// Builds the package and runs the chat's server until a signal. stdout has one line, the server's address.
pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    pkg::build(repo)?;
    // Before the server starts, so that it is ended on every signal.
    let stopped = stopped()?;
    step::say("building and starting the chat's server (1 to 2 minutes, the first time)");
    let mut server = Server::listen("the chat's server", &mut command(repo, build(repo, PROFILE)?, options.port))?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}/", server.http()).and_then(|()| stdout.flush()).context("printing the address")?;
    step::say("open this address in two windows. Ctrl-C stops the server");
    tokio::select! {
        () = stopped => {}
        // Ctrl-C in a terminal also reaches the server.
        () = server.ended() => {}
    }
    server.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn command(repo: &Repo, program: PathBuf, port: Option<u16>) -> Command {
    let mut command = Command::new(program);
    command.arg("--page").arg(repo.path("www/page")).arg("--package").arg(repo.pkg());
    command.args(port.map(|port| format!("--port={port}")));
    command
}

/// Builds the chat's server with a profile: `demo` is optimised, which takes a minute or two the first time. `dev` has
/// checks for tests, such as those for overflow.
pub fn build(repo: &Repo, profile: &str) -> Result<PathBuf> {
    repo.build(&format!("--package chat-server --profile {profile}"))?;
    Ok(repo.binary(profile, "chat-server"))
}

/// A future that is ready on Ctrl-C, on SIGTERM, and when the terminal is closed.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_optimised_and_has_the_limits_that_people_have() {
        let repo = Repo::open().expect("the checkout");
        let command = command(&repo, repo.binary(PROFILE, "chat-server"), Some(80));
        assert!(command.get_program().to_string_lossy().replace('\\', "/").contains("/demo/chat-server"));
        assert!(command.get_args().any(|argument| argument == "--port=80"));
        assert!(command.get_args().all(|argument| !argument.to_string_lossy().contains("clients")));
    }
}

//! `cargo xtask demo`: the chat, from the built package to a page in the reader's own browser.

use std::io::{self, Write};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::chat_server::{self, Build};
use crate::limited::{self, Group, LIMIT};
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

/// Runs it as a user does: it prints its address and no more, serves the page there, and ends well when it is told to, with
/// its server.
pub async fn check(repo: &Repo) -> Result<()> {
    // How long the compiler takes the first time says nothing of the demo.
    chat_server::build(repo, Build::Demo)?;
    let mut command = Command::new(std::env::current_exe().context("finding this command's own file")?);
    let mut group = Group::start(command.arg("demo").stderr(Stdio::piped()))?;
    let stderr = tokio::spawn(limited::collect(group.stderr()?));
    let result = timeout(LIMIT, watch(&mut group)).await.unwrap_or_else(|_| Err(anyhow!("it does not end")));
    drop(group);
    let said = stderr.await.unwrap_or_default();
    result.with_context(|| format!("it said\n{said}"))
}

async fn watch(demo: &mut Group) -> Result<()> {
    let mut stdout = demo.stdout()?;
    let line = stdout.next_line().await?.context("it ended without an address")?;
    let address = line.strip_prefix("http://").and_then(|line| line.strip_suffix('/'));
    let address = address.with_context(|| format!("{line:?} is not an address"))?;
    let mut stream = TcpStream::connect(address).await.context("its server does not listen")?;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut page = String::new();
    stream.read_to_string(&mut page).await?;
    ensure!(page.starts_with("HTTP/1.1 200") && page.contains("<!doctype html>"), "its page is {page:?}");
    demo.terminate()?;
    let status = demo.ended().await?;
    ensure!(status.success(), "told to end, it fails ({status})");
    ensure!(stdout.next_line().await?.is_none(), "it prints more than its address");
    ensure!(TcpStream::connect(address).await.is_err(), "its server goes on without it");
    Ok(())
}

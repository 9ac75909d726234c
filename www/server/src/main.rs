//! The chat's server as a program. The documentation of the library describes it.

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chat_server::{Limits, Server};
use clap::Parser;
use mimalloc::MiMalloc;
use tokio::sync::oneshot;

/// Returns memory to the operating system when clients have gone. glibc's allocator keeps a hundred megabytes of it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The chat that demonstrates fourd-websocket. When it is ready, it prints its address in one line. It ends on Ctrl-C,
/// SIGTERM and the end of its stdin, with close code 1001 for every client, so that it does not outlive its parent.
#[derive(Parser)]
struct Arguments {
    /// The directory of the page, served at /
    #[arg(long, value_name = "DIR")]
    page: PathBuf,

    /// The directory of the npm package, served at /package/
    #[arg(long, value_name = "DIR")]
    package: PathBuf,

    /// The port to listen on (0: a free one)
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// The most clients of one address, and of its joins at once (default: 256, at most half of all)
    #[arg(long, value_name = "N")]
    clients_per_address: Option<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let Arguments { page, package, port, clients_per_address } = arguments;
    for (dir, file, next) in [
        (&page, "index.html", "Pass the directory www/page to --page"),
        (&package, "index.js", "Pass the directory pkg, which `cargo xtask pkg` builds, to --package"),
    ] {
        if !dir.join(file).is_file() {
            return Err(format!("there is no {file} in {}. {next}", dir.display()));
        }
    }
    let limits = clients_per_address.into_iter().fold(limits(), Limits::for_clients_of_an_address);

    // Set up before the address is printed: a reader of the address may stop the server immediately.
    let stop = stop().map_err(|error| format!("signals cannot be caught: {error}"))?;
    let server = Server::bind(port, &page, &package, limits).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            format!("port {port} is in use. Choose another with --port, or omit --port to use a free port")
        }
        ErrorKind::PermissionDenied => {
            format!("port {port} needs more rights. Choose one above 1023, or omit --port to use a free port")
        }
        _ => format!("port {port} cannot be used: {error}"),
    })?;
    let mut stdout = io::stdout();
    let printed = writeln!(stdout, "http://{}/", server.address()).and_then(|()| stdout.flush());
    printed.map_err(|error| format!("the address cannot be printed: {error}"))?;
    server.run(stop).await;
    Ok(())
}

/// Raises the limit of descriptors, usually 1024, for thousands of connections. A lower limit reduces the limits of the
/// server.
#[cfg(unix)]
fn limits() -> Limits {
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    descriptors.into_iter().fold(Limits::default(), Limits::within)
}

#[cfg(not(unix))]
fn limits() -> Limits {
    Limits::default()
}

/// Returns a future that is ready on Ctrl-C, SIGTERM, or when stdin ends.
fn stop() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    };
    #[cfg(not(unix))]
    let signals = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(async {
        tokio::select! {
            () = signals => {}
            _ = end_of_stdin() => {}
        }
    })
}

/// Reads stdin on a thread of its own, because tokio's stdin would keep the runtime from ending.
fn end_of_stdin() -> oneshot::Receiver<()> {
    let (ended, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        // An error counts as the end, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = ended.send(());
    });
    receiver
}

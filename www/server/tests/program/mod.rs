//! The server as a program, as users start it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The time that the program may take to listen on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the program with a page and a package of a few bytes. It ends when the child is dropped. Also returns its
/// address, without a scheme.
pub async fn start(options: &[&str]) -> (Child, String) {
    let dir = env!("CARGO_TARGET_TMPDIR");
    for file in ["index.html", "index.js"] {
        std::fs::write(format!("{dir}/{file}"), "").expect("a file");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(["--page", dir, "--package", dir]).args(options);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("the program starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("a line in time").expect("a line");
    let address = line.strip_prefix("http://").and_then(|line| line.strip_suffix("/\n")).expect("its address");
    (child, address.to_owned())
}

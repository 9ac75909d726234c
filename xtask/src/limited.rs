//! A program with a time limit, which also applies to its child processes.

use std::io::IsTerminal;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, Command};
use tokio::time::timeout_at;

/// The time limit of the tests of one host.
pub const LIMIT: Duration = Duration::from_secs(300);

/// The process group of each child, so that a browser ends with its driver. Ctrl-C does not reach these groups.
static GROUPS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends every child when the user presses Ctrl-C.
pub fn end_children_on_interrupt() {
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner).clone();
            groups.into_iter().for_each(kill_group);
            std::process::exit(130);
        }
    });
}

/// A child in a process group of its own. Dropping this kills the group.
pub struct Group {
    child: Child,
    id: u32,
}

impl Group {
    pub fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command
            .spawn()
            .with_context(|| format!("`{}` could not be started", command.as_std().get_program().to_string_lossy()))?;
        let id = child.id().context("a child that just started has an id")?;
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        Ok(Self { child, id })
    }

    pub fn stderr(&mut self) -> Result<Lines<BufReader<tokio::process::ChildStderr>>> {
        let stderr = self.child.stderr.take().context("stderr is a pipe, and read once")?;
        Ok(BufReader::new(stderr).lines())
    }

    /// Waits until the child has ended.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.child.wait().await.context("waiting for a child")
    }

    pub fn stdout(&mut self) -> Result<Lines<BufReader<tokio::process::ChildStdout>>> {
        let stdout = self.child.stdout.take().context("stdout is read once")?;
        Ok(BufReader::new(stdout).lines())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        kill_group(self.id);
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| *id != self.id);
    }
}

/// Kills a group by its leader's id, which stays the group's id while a process of the group runs.
fn kill_group(id: u32) {
    if cfg!(unix) {
        let mut kill = std::process::Command::new("kill");
        kill.args(["-KILL", "--", &format!("-{id}")]).stderr(Stdio::null());
        let _ = kill.status();
    }
}

/// The result of a program. `status` is `None` after a timeout.
pub struct Ended {
    pub status: Option<ExitStatus>,
    pub stderr: String,
}

/// Runs a program, and calls `on_line` with each line of its stdout.
pub async fn run(limit: Duration, command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<Ended> {
    let mut group = Group::start(command.stderr(Stdio::piped()))?;
    let mut stdout = group.stdout()?;
    let stderr = tokio::spawn(collect(group.stderr()?));
    let deadline = (Instant::now() + limit).into();
    let lines = async {
        while let Some(line) = next(&mut stdout).await {
            on_line(&line);
        }
        group.ended().await
    };
    let status = match timeout_at(deadline, lines).await {
        Ok(status) => Some(status?),
        Err(_) => None,
    };
    // Remaining child processes of the program hold the pipe open until they are killed.
    drop(group);
    Ok(Ended { status, stderr: stderr.await.unwrap_or_default() })
}

/// The next line. Lines with invalid UTF-8 are skipped.
async fn next<R: AsyncRead + Unpin>(lines: &mut Lines<BufReader<R>>) -> Option<String> {
    loop {
        match lines.next_line().await {
            Ok(line) => return line,
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {}
            Err(_) => return None,
        }
    }
}

/// All lines until the end.
pub async fn collect<R: AsyncRead + Unpin>(mut lines: Lines<BufReader<R>>) -> String {
    let mut all = String::new();
    while let Some(line) = next(&mut lines).await {
        all.push_str(&line);
        all.push('\n');
    }
    all
}

/// Shows a counter on a terminal. The next line overwrites it.
pub fn count(ran: usize, failed: usize) {
    if std::io::stderr().is_terminal() {
        eprint!("\r   {ran} ran, {failed} failed\r");
    }
}

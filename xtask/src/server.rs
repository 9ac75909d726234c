//! The test server and similar servers, as children that end with this command.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::oneshot;

use crate::repo::Repo;
use crate::step;

// Roots of the test server: the name in URLs, and a directory that another step fills.

/// The projects with the package.
pub const PACKAGING: (&str, &str) = ("packaging", "target/packaging");
/// The programs in Rust.
pub const EXAMPLES: (&str, &str) = ("examples", "target/examples");
/// The project of the bench, with its bundles.
pub const BENCH: (&str, &str) = ("bench", "target/suite/bench/bench");
/// The pages of docs/, built.
pub const SITE: (&str, &str) = ("site", "target/docs");

/// A running server.
pub struct Server {
    name: &'static str,
    child: Child,
    /// The server ends when this closes, however this command ends.
    stdin: Option<ChildStdin>,
    /// Completes at the end of the server's stdout.
    end: Option<oneshot::Receiver<()>>,
    address: String,
}

impl Server {
    /// Builds and starts the test server, with all roots under /files/.
    pub fn start(repo: &Repo) -> Result<Self> {
        Self::start_on(repo, 0)
    }

    /// Builds and starts the test server on a port. 0 chooses a free port.
    pub fn start_on(repo: &Repo, port: u16) -> Result<Self> {
        step::say("building and starting the test server");
        repo.build("--package test-server")?;
        repo.build("--package machine --target wasm32-unknown-unknown --release")?;
        let roots = [
            ("pkg", repo.pkg()),
            ("contract", repo.path("tests/contract")),
            ("pages", repo.path("tests/browser/pages")),
            ("machine", repo.wasm_binaries()),
            (PACKAGING.0, repo.path(PACKAGING.1)),
            (EXAMPLES.0, repo.path(EXAMPLES.1)),
            (BENCH.0, repo.path(BENCH.1)),
            (SITE.0, repo.path(SITE.1)),
            ("projects", repo.path("target/suite")),
        ];
        Self::serve(&repo.binary("dev", "test-server"), port, &roots)
    }

    /// Builds and starts the test server with optimisation, for the bench, which does not measure the server.
    pub fn start_optimised(repo: &Repo) -> Result<Self> {
        step::say("building and starting the optimised test server (half a minute, the first time)");
        repo.build("--release --package test-server")?;
        Self::serve(&repo.binary("release", "test-server"), 0, &[(BENCH.0, repo.path(BENCH.1))])
    }

    fn serve(program: &Path, port: u16, roots: &[(&str, PathBuf)]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--lifetime", "86400", "--port", &port.to_string()]);
        for (name, dir) in roots {
            command.arg("--root").arg(format!("{name}={}", dir.display()));
        }
        Self::listen("the test server", &mut command)
    }

    /// Starts a server that prints its address and ends when its stdin closes.
    pub fn listen(name: &'static str, command: &mut Command) -> Result<Self> {
        let (mut server, line) = Self::first_line(name, command)?;
        let line = line.strip_prefix("listening on ").unwrap_or(&line);
        let Some(address) = line.strip_prefix("http://") else {
            bail!("{name} printed {line:?} instead of its address. Run `{}` to see why", step::line(command));
        };
        server.address = address.trim_end_matches('/').to_owned();
        Ok(server)
    }

    /// Starts a server and returns its first line of output.
    pub fn first_line(name: &'static str, command: &mut Command) -> Result<(Self, String)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {name}"))?;
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().context("the server's stdout is a pipe")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        if line.is_empty() {
            drop(stdin);
            bail!("{name} did not start ({}). Its output is above", child.wait()?);
        }
        let (ending, end) = oneshot::channel();
        // Keeps reading, because the server would block on a full pipe.
        thread::spawn(move || {
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
            let _ = ending.send(());
        });
        Ok((Self { name, child, stdin, end: Some(end), address: String::new() }, line.trim().to_owned()))
    }

    /// Waits until the server has ended by itself.
    pub async fn ended(&mut self) {
        if let Some(end) = self.end.take() {
            let _ = end.await;
        }
    }

    /// Ends the server. Fails if it does not end in success.
    pub fn stop(mut self) -> Result<()> {
        drop(self.stdin.take());
        self.wait()
    }

    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Waits until the server ends. Fails if it does not end in success.
    pub fn wait(mut self) -> Result<()> {
        let status = self.child.wait()?;
        ensure!(status.success(), "{} failed ({status}). Its last output is above", self.name);
        Ok(())
    }

    /// Fails if the server ended before its tests did.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended by itself ({status}). Its last output is above", self.name);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

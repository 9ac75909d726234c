//! The test server and others like it, as children that cannot outlive this command.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::oneshot;

use crate::repo::Repo;
use crate::step;

// What the test server calls a directory that others fill.
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
    /// Told at the end of its stdout, which is its own end.
    end: Option<oneshot::Receiver<()>>,
    address: String,
}

impl Server {
    /// Builds and starts it; under /files/ it serves the package, the suite, the pages, and the state machine by itself
    /// (`machine`).
    pub fn start(repo: &Repo) -> Result<Self> {
        Self::start_on(repo, 0)
    }

    /// The same on a port; 0 is a free one.
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

    /// The same server, optimised, for the bench: it is not what is measured.
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

    /// Starts a server that says where it listens and ends when its stdin does.
    pub fn listen(name: &'static str, command: &mut Command) -> Result<Self> {
        let (mut server, said) = Self::first_line(name, command)?;
        let said = said.strip_prefix("listening on ").unwrap_or(&said);
        let Some(address) = said.strip_prefix("http://") else {
            bail!("{name} said {said:?} and not where it listens; run `{}` to see why", step::line(command));
        };
        server.address = address.trim_end_matches('/').to_owned();
        Ok(server)
    }

    /// Starts a server and gives what it says first.
    pub fn first_line(name: &'static str, command: &mut Command) -> Result<(Self, String)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {name}"))?;
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().context("the server's stdout is a pipe")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        if line.is_empty() {
            drop(stdin);
            bail!("{name} did not start ({}); what it said stands above", child.wait()?);
        }
        let (ending, end) = oneshot::channel();
        // Read on, or the server would stop at a full pipe.
        thread::spawn(move || {
            let _ = std::io::copy(&mut stdout, &mut std::io::sink());
            let _ = ending.send(());
        });
        Ok((Self { name, child, stdin, end: Some(end), address: String::new() }, line.trim().to_owned()))
    }

    /// Waits until it has ended, by itself.
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
        ensure!(status.success(), "{} failed ({status}); its last output stands above", self.name);
        Ok(())
    }

    /// Fails if the server ended before its tests did.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended by itself ({status}); its last output stands above", self.name);
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

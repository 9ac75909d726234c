//! The test server, as a child that cannot outlive this command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::step;

/// A running test server.
pub struct Server {
    child: Child,
    /// The server ends when this closes, however this command ends.
    stdin: Option<ChildStdin>,
    address: String,
}

impl Server {
    /// Builds and starts it; it serves the package under /files/pkg/, the suite under /files/suite/, the pages under /files/pages/.
    pub fn start(repo: &Repo) -> Result<Self> {
        step::say("building and starting the test server");
        step::run(
            Command::new("cargo").args(["build", "--package", "test-server"]).current_dir(repo.root()),
            "mend what the compiler names above",
        )?;
        let mut command = Command::new(repo.native_binary("test-server"));
        for (name, dir) in
            [("pkg", repo.pkg()), ("suite", repo.path("tests/suite")), ("pages", repo.path("tests/pages"))]
        {
            command.arg("--root").arg(format!("{name}={}", dir.display()));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("starting the test server")?;
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(child.stdout.take().context("the server's stdout is a pipe")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            drop(stdin);
            let status = child.wait()?;
            bail!(
                "the test server did not start ({status}), it said {line:?}; run `cargo run -p test-server` to see why"
            );
        };
        let address = address.to_owned();
        // Read on, or the server would stop at a full pipe.
        thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        Ok(Self { child, stdin, address })
    }

    pub fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn ws(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Fails if the server ended before its tests did.
    pub fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                bail!("the test server ended by itself ({status}); what it said last stands above")
            }
        }
    }

    /// The status and the body of a page. The server closes the connection after each answer.
    pub fn get(&self, path: &str, patience: Duration) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).context("the test server does not answer")?;
        stream.set_read_timeout(Some(patience))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).with_context(|| format!("reading {path} from the test server"))?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").context("the test server's answer has no end of its head")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Ok((status.context("the test server's answer has no status")?, body.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

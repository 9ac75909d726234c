//! The servers of `tests/peers`.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::files::remove_dir;
use crate::repo::Repo;
use crate::run::trust::Trust;
use crate::server::Server;
use crate::step;
use crate::tools::{Unavailable, system};

/// Running peers.
pub struct Peers {
    /// Their addresses, as arguments of the suite.
    pub given: Value,
    /// The authority that signed nginx's certificate.
    pub trust: Trust,
    server: Server,
}

impl Peers {
    /// Builds and starts the servers, if their tools are available.
    pub fn start(repo: &Repo) -> Result<Result<Self, Unavailable>> {
        let programs = || Ok((system::python(repo)?, system::nginx(repo)?, system::certutil(repo)?));
        let (python, nginx, certutil) = match programs() {
            Ok(programs) => programs,
            Err(missing) => return Ok(Err(missing)),
        };
        step::say("building and starting the peers");
        repo.build("--package peers")?;
        let dir = repo.path("target/peers");
        remove_dir(&dir)?;
        let mut command = Command::new(repo.binary("dev", "all_peers"));
        let (server, line) = Server::first_line("the peers", command.arg(python.join("python")).arg(nginx).arg(&dir))?;
        let given = serde_json::from_str(&line).context("reading the addresses of the peers")?;
        let trust = Trust::new(&dir, dir.join("authority/authority.pem"), &certutil)?;
        Ok(Ok(Self { given, trust, server }))
    }

    /// Stops the servers. Fails if one of them failed.
    pub fn stop(self) -> Result<()> {
        self.server.stop()
    }
}

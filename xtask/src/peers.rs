//! The servers of `tests/peers`, with what the suite `servers` is told of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::files::remove_dir;
use crate::repo::Repo;
use crate::server::Server;
use crate::step;
use crate::tools::{Unavailable, system};
use crate::trust::Trust;

/// What the peers need beside cargo and Node.
struct Programs {
    python: PathBuf,
    nginx: PathBuf,
    certutil: PathBuf,
}

impl Programs {
    fn find(repo: &Repo) -> Result<Self, Unavailable> {
        let python = system::python(repo)?.join("python");
        Ok(Self { python, nginx: system::nginx(repo)?, certutil: system::certutil(repo)? })
    }
}

/// Running peers.
pub struct Peers {
    /// Each with its name in tests/contract/cases/servers.js.
    servers: Vec<(&'static str, Server)>,
    /// nginx with certificates that a client has to refuse, each with why.
    frauds: Vec<(&'static str, Server)>,
    /// The authority that nginx is to be trusted by.
    pub trust: Trust,
}

impl Peers {
    /// Builds and starts them, if what they need can be had.
    pub fn start(repo: &Repo) -> Result<Result<Self, Unavailable>> {
        match Programs::find(repo) {
            Ok(programs) => Self::with(repo, &programs).map(Ok),
            Err(missing) => Ok(Err(missing)),
        }
    }

    fn with(repo: &Repo, programs: &Programs) -> Result<Self> {
        step::say("building and starting the peers");
        step::run(
            Command::new("cargo").args(["build", "--package", "peers"]).current_dir(repo.root()),
            "mend what the compiler names above",
        )?;
        let script = |program: &Path, name: &str| {
            let mut command = Command::new(program);
            command.arg(repo.path("tests/peers").join(name));
            command
        };
        let mut servers = Vec::new();
        for (name, mut command) in [
            ("ws", script(Path::new("node"), "ws_peer.mjs")),
            ("websockets", script(&programs.python, "websockets_peer.py")),
            ("aiohttp", script(&programs.python, "aiohttp_peer.py")),
            ("tungstenite", Command::new(repo.native_binary("tungstenite_peer"))),
            ("axum", Command::new(repo.native_binary("axum_peer"))),
        ] {
            servers.push((name, Server::listen(name, &mut command)?));
        }

        let dir = repo.path("target/peers");
        remove_dir(&dir)?;
        let authority = Authority::new(&make_dir(dir.join("authority"))?, "the authority of a test")?;
        let stranger = Authority::new(&make_dir(dir.join("stranger"))?, "nobody's authority")?;
        let upstream = servers[0].1.address().to_owned();
        let nginx = |name: &'static str, authority: &Authority, names: &[&str], last_year| -> Result<Server> {
            let dir = make_dir(dir.join(name))?;
            authority.issue(&dir, names, last_year)?;
            let mut command = Command::new(repo.native_binary("nginx_peer"));
            Server::listen(name, command.arg(&programs.nginx).arg(dir).arg(&upstream))
        };
        let here = ["localhost", "127.0.0.1"];
        servers.push(("nginx", nginx("nginx", &authority, &here, 2099)?));
        let frauds = vec![
            ("stranger", nginx("stranger-nginx", &stranger, &here, 2099)?),
            ("elsewhere", nginx("elsewhere-nginx", &authority, &["elsewhere.test"], 2099)?),
            ("expired", nginx("expired-nginx", &authority, &here, 2020)?),
        ];
        let trust = Trust::new(&dir, authority.file, &programs.certutil)?;
        Ok(Self { servers, frauds, trust })
    }

    /// Their addresses, as the suite takes them.
    pub fn given(&self) -> Value {
        let addresses = |servers: &[(&'static str, Server)]| -> BTreeMap<&str, String> {
            servers.iter().map(|(name, server)| (*name, server.address().to_owned())).collect()
        };
        json!({ "peers": addresses(&self.servers), "frauds": addresses(&self.frauds) })
    }

    /// Fails if one ended before its tests did.
    pub fn check(&mut self) -> Result<()> {
        self.servers.iter_mut().chain(&mut self.frauds).try_for_each(|(_, server)| server.check())
    }
}

fn make_dir(dir: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
    Ok(dir)
}

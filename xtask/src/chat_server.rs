//! The chat's server, built and started.

use std::process::Command;

use anyhow::Result;

use crate::repo::Repo;
use crate::server::Server;
use crate::step;

/// Where the chat's page stands.
const PAGE: &str = "www/page";

/// Builds and starts the chat's server with the page and the built package (`pkg/`), on this port or on a free one.
pub fn start(repo: &Repo, port: Option<u16>) -> Result<Server> {
    step::say("building and starting the chat's server");
    step::run(
        Command::new("cargo").args(["build", "--package", "chat-server"]).current_dir(repo.root()),
        "mend what the compiler names above",
    )?;
    let mut command = Command::new(repo.native_binary("chat-server"));
    command.arg("--page").arg(repo.path(PAGE)).arg("--package").arg(repo.pkg());
    if let Some(port) = port {
        command.arg(format!("--port={port}"));
    }
    Server::listen("the chat's server", &mut command)
}

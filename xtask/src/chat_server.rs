//! The chat's server, built and started.

use std::process::Command;

use anyhow::Result;

use crate::repo::Repo;
use crate::server::Server;
use crate::step;

/// Where the chat's page stands.
const PAGE: &str = "www/page";

/// As many as a test has come from one address, this machine's: people have fewer windows.
const CLIENTS_OF_A_TEST: &str = "--clients-per-address=4000";

/// How the server is built, and for whom.
#[derive(Clone, Copy)]
pub enum Build {
    /// Optimised, as Cargo.toml's profile `demo` says, for people.
    Demo,
    /// With what tests look for, such as numbers that overflow.
    Test,
}

impl Build {
    pub fn profile(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Test => "dev",
        }
    }
}

/// Builds the chat's server, which takes a minute or two the first time where it is optimised.
pub fn build(repo: &Repo, build: Build) -> Result<()> {
    step::run(
        Command::new("cargo")
            .args(["build", "--package", "chat-server", "--profile", build.profile()])
            .current_dir(repo.root()),
        "mend what the compiler names above",
    )
}

/// Builds and starts the chat's server with the page and the built package (`pkg/`), on this port or on a free one.
pub fn start(repo: &Repo, build: Build, port: Option<u16>) -> Result<Server> {
    step::say("building and starting the chat's server");
    self::build(repo, build)?;
    Server::listen("the chat's server", &mut command(repo, build, port))
}

fn command(repo: &Repo, build: Build, port: Option<u16>) -> Command {
    let mut command = Command::new(repo.binary_of_profile(build.profile(), "chat-server"));
    command.arg("--page").arg(repo.path(PAGE)).arg("--package").arg(repo.pkg());
    if let Some(port) = port {
        command.arg(format!("--port={port}"));
    }
    if let Build::Test = build {
        command.arg(CLIENTS_OF_A_TEST);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_optimised_and_has_the_limits_that_people_have() {
        let repo = Repo::open().expect("the checkout");
        let demo = command(&repo, Build::Demo, Some(80));
        assert!(demo.get_program().to_string_lossy().replace('\\', "/").contains("/demo/chat-server"));
        assert!(demo.get_args().any(|argument| argument == "--port=80"));
        assert!(demo.get_args().all(|argument| argument != CLIENTS_OF_A_TEST));
        let test = command(&repo, Build::Test, None);
        assert!(test.get_program().to_string_lossy().replace('\\', "/").contains("/debug/chat-server"));
        assert!(test.get_args().any(|argument| argument == CLIENTS_OF_A_TEST));
    }
}

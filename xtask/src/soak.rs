//! `cargo xtask soak`: the chat's server, as people start it, under every attack at once for ten minutes.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::demo;
use crate::repo::Repo;
use crate::step;

/// In seconds.
const LENGTH: &str = "600";

/// Prints what it took in memory and time; fails if that is too much, or an attack did not end as it should.
pub fn run(repo: &Repo) -> Result<ExitCode> {
    step::say("attacking the chat's server for ten minutes, after a minute or two of building");
    let mut test = Command::new("cargo");
    test.args(["test", "--package", "chat-server", "--profile", demo::PROFILE, "--test", "soak"]);
    test.args(["--", "--nocapture"]).env("SOAK_SECONDS", LENGTH).current_dir(repo.root());
    step::run(&mut test, "www/server/tests/soak.rs says what it attacks with and what has to hold")?;
    Ok(ExitCode::SUCCESS)
}

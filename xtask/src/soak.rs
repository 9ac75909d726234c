//! `cargo xtask soak`: attacks the chat's server, with the options of the demo, for ten minutes.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::demo;
use crate::repo::Repo;
use crate::step;

/// Prints the memory and latency of the server. Fails if they exceed a limit, or an attack did not end as expected.
pub fn run(repo: &Repo) -> Result<ExitCode> {
    step::say("attacking the chat's server for ten minutes, after a minute or two of building");
    let mut test = Command::new("cargo");
    test.args(["test", "--package", "chat-server", "--profile", demo::PROFILE, "--test", "soak"]);
    test.args(["--", "--nocapture"]).env("SOAK_SECONDS", "600").current_dir(repo.root());
    step::run(&mut test, "www/server/tests/soak.rs describes the attacks and the limits")?;
    Ok(ExitCode::SUCCESS)
}

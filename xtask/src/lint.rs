//! `cargo xtask lint`: what cargo-deny says of the dependencies; deny.toml says what is allowed.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::step;
use crate::tools::{Unavailable, system};

pub fn run(repo: &Repo) -> Result<ExitCode> {
    let programs = match system::python(repo) {
        Ok(programs) => programs,
        Err(Unavailable { reason, command }) => bail!("cargo-deny is missing: {reason}; get it with: {command}"),
    };
    let program = programs.join("cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    // Advisories are fetched from the network, and checked in CI alone.
    let mut deny = Command::new(program);
    deny.args(["check", "bans", "licenses", "sources"]).current_dir(repo.root());
    step::run(&mut deny, "change the dependency, or deny.toml")?;
    Ok(ExitCode::SUCCESS)
}

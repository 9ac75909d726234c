//! `cargo xtask lint`: Biome on JavaScript, CSS and HTML (biome.jsonc), cargo-deny on the dependencies (deny.toml).

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::repo::Repo;
use crate::step;
use crate::tools::{npm, system};

pub fn run(repo: &Repo) -> Result<ExitCode> {
    npm::ensure(repo, "xtask")?;
    let mut biome = Command::new("node");
    biome.arg(npm::package(repo, "xtask", "@biomejs/biome").join("bin/biome")).current_dir(repo.root());
    biome.args(["check", "--error-on-warnings"]);
    step::run(&mut biome, "`npx biome check --write` fixes what it can; biome.jsonc has the rules")?;

    let programs = match system::python(repo) {
        Ok(programs) => programs,
        Err(missing) => bail!("cargo-deny is missing: {missing}"),
    };
    let program = programs.join("cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    // Advisories are fetched from the network, and checked in CI alone.
    let mut deny = Command::new(program);
    deny.args(["check", "bans", "licenses", "sources"]).current_dir(repo.root());
    step::run(&mut deny, "change the dependency, or deny.toml")?;
    Ok(ExitCode::SUCCESS)
}

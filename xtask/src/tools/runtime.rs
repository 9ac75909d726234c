//! The hosts beside Node that run Node's programs, one folder each in target/tools.

use std::path::PathBuf;

use super::{Unavailable, npm};
use crate::repo::Repo;
use crate::step;

/// How a host is installed and started.
pub struct Runtime {
    /// Its npm package, and the word for it everywhere.
    package: &'static str,
    /// The exact version that is installed.
    version: &'static str,
    /// Where the package has its program.
    program: &'static str,
    /// What comes before the name of a script.
    options: &'static [&'static str],
}

pub const DENO: Runtime = Runtime {
    package: "deno",
    version: "2.9.6",
    program: "node_modules/deno/deno",
    options: &["run", "--allow-all", "--no-prompt", "--v8-flags=--expose-gc"],
};

pub const BUN: Runtime =
    Runtime { package: "bun", version: "1.4.5", program: "node_modules/bun/bin/bun.exe", options: &["--expose-gc"] };

/// A host that is there.
pub struct Program {
    pub path: PathBuf,
    /// What comes before the name of a script.
    pub options: &'static [&'static str],
    pub version: String,
}

/// The pinned version, installed where it is missing.
pub fn ensure(repo: &Repo, runtime: &Runtime) -> Result<Program, Unavailable> {
    let Runtime { package, version, program, options } = *runtime;
    let prefix = format!("target/tools/{package}");
    let installed = || {
        let path = repo.path(&prefix).join(program);
        // Deno's first line is `deno 2.9.6 (stable, …)`, Bun's just the version.
        let said = step::version_of(&path)?;
        let found = said.lines().next()?.split(' ').any(|word| word == version);
        found.then(|| Program { path, options, version: version.to_owned() })
    };
    if let Some(program) = installed() {
        return Ok(program);
    }
    npm::install_host(repo, &prefix, package, version)?;
    installed().ok_or_else(|| npm::no_program(&prefix, package, version))
}

//! The hosts beside Node that npm has, one folder each in target/tools.

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
    /// What the program itself calls that version.
    says: &'static str,
    /// Where the package has its program.
    program: &'static str,
    /// What comes before the name of a script, or of workerd's configuration.
    options: &'static [&'static str],
}

pub const DENO: Runtime = Runtime {
    package: "deno",
    version: "2.9.6",
    says: "2.9.6",
    program: "node_modules/deno/deno",
    options: &["run", "--allow-all", "--no-prompt", "--v8-flags=--expose-gc"],
};

pub const BUN: Runtime = Runtime {
    package: "bun",
    version: "1.4.5",
    says: "1.4.5",
    program: "node_modules/bun/bin/bun.exe",
    options: &["--expose-gc"],
};

pub const WORKERD: Runtime = Runtime {
    package: "workerd",
    version: "1.20261117.1",
    says: "2026-11-17",
    program: "node_modules/workerd/bin/workerd",
    options: &["test"],
};

/// A host that is there.
pub struct Program {
    pub path: PathBuf,
    /// What comes before the name of a script.
    pub options: &'static [&'static str],
    pub version: String,
}

/// The pinned version, installed where it is missing.
pub fn ensure(repo: &Repo, runtime: &Runtime) -> Result<Program, Unavailable> {
    let Runtime { package, version, says, program, options } = *runtime;
    let prefix = format!("target/tools/{package}");
    let installed = || {
        let path = repo.path(&prefix).join(program);
        // Deno's first line is `deno 2.9.6 (stable, …)`, workerd's `workerd 2026-11-17`, Bun's just the version.
        let said = step::version_of(&path)?;
        let found = said.lines().next()?.split(' ').any(|word| word == says);
        found.then(|| Program { path, options, version: says.to_owned() })
    };
    if let Some(program) = installed() {
        return Ok(program);
    }
    npm::install_host(repo, &prefix, package, version)?;
    installed().ok_or_else(|| npm::no_program(&prefix, package, version))
}

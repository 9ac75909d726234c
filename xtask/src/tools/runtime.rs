//! The hosts from npm, which `tests/hosts/package.json` pins.

use std::path::PathBuf;

use super::{Unavailable, npm};
use crate::repo::Repo;
use crate::step;

/// The workspace that pins the hosts.
const DIR: &str = "tests/hosts";

/// A host from npm.
#[derive(Clone, Copy, PartialEq)]
pub enum Runtime {
    /// The major version.
    Node(u32),
    Deno,
    Bun,
    Workerd,
}

/// An installed host.
pub struct Program {
    pub path: PathBuf,
    /// The options before the name of a script, or of workerd's configuration.
    pub options: &'static [&'static str],
    pub version: String,
    /// `true` for Node before 22, which has no global WebSocket. Applications install `ws` there.
    pub needs_ws: bool,
}

impl Runtime {
    /// The pinned version. A missing host is installed, with all others.
    pub fn ensure(self, repo: &Repo) -> Result<Program, Unavailable> {
        let unavailable =
            |reason| Unavailable { reason, command: "npm install --no-save --workspace tests/hosts".to_owned() };
        npm::ensure(repo, DIR).map_err(|error| unavailable(format!("{error:#}")))?;
        let program = repo.path("node_modules").join(self.program());
        let path = if self == Self::Bun { program } else { program.with_extension(std::env::consts::EXE_EXTENSION) };
        let version = step::version_of(&path).as_deref().and_then(version_in);
        let version = version.ok_or_else(|| unavailable(format!("{} does not run here", path.display())))?;
        let needs_ws = matches!(self, Self::Node(major) if major < 22);
        Ok(Program { path, options: self.options(), version, needs_ws })
    }

    fn program(self) -> String {
        match self {
            Self::Node(major) => format!("node-{major}/bin/node"),
            Self::Deno => "deno/deno".into(),
            Self::Bun => "bun/bin/bun.exe".into(),
            Self::Workerd => "workerd/bin/workerd".into(),
        }
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Node(_) | Self::Bun => &["--expose-gc"],
            Self::Deno => &["run", "--allow-all", "--no-prompt", "--v8-flags=--expose-gc"],
            Self::Workerd => &["test"],
        }
    }
}

/// The version in `v24.21.0`, `deno 2.9.6 (stable, …)`, `1.4.5` or `workerd 2026-11-17`.
fn version_in(output: &str) -> Option<String> {
    let words = output.split_whitespace().map(|word| word.trim_start_matches('v'));
    words.into_iter().find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

//! The Node versions the package is tested on, one folder each in target/tools.

use std::path::PathBuf;

use super::{Unavailable, npm, on_path};
use crate::repo::Repo;
use crate::step;

/// The exact version that is installed for each major.
const PINNED: [(u32, &str); 4] = [(20, "20.20.2"), (22, "22.23.3"), (24, "24.21.0"), (26, "26.10.0")];

/// A Node that runs tests.
pub struct Node {
    pub program: PathBuf,
    pub version: String,
}

impl Node {
    /// Node 22 brought the global WebSocket; before it, an application installs `ws`.
    pub fn needs_ws(&self) -> bool {
        self.major().is_none_or(|major| major < 22)
    }

    fn major(&self) -> Option<u32> {
        self.version.split('.').next()?.parse().ok()
    }

    fn at(program: PathBuf) -> Option<Self> {
        let version = step::version_of(&program)?.trim_start_matches('v').to_owned();
        Some(Self { program, version })
    }
}

/// The Node on PATH.
pub fn system() -> Option<Node> {
    on_path(&["node"]).and_then(Node::at)
}

/// The Node of this major: the pinned one in target/tools, else one on PATH, else the pinned one is installed.
pub fn ensure(repo: &Repo, major: u32) -> Result<Node, Unavailable> {
    let pinned = PINNED.iter().find(|(known, _)| *known == major).map_or("latest", |(_, version)| version);
    let prefix = format!("target/tools/node{major}");
    let binary = repo.path(&prefix).join("node_modules/node/bin/node").with_extension(std::env::consts::EXE_EXTENSION);
    let installed = || Node::at(binary.clone()).filter(|node| node.version == pinned);
    let on_path = || system().filter(|node| node.major() == Some(major));
    if let Some(node) = installed().or_else(on_path) {
        return Ok(node);
    }

    npm::install_host(repo, &prefix, "node", pinned)?;
    installed().ok_or_else(|| npm::no_program(&prefix, "node", pinned))
}

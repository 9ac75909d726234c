//! The tools that the commands need beside cargo. A missing tool is installed.

pub mod browser;
pub mod npm;
pub mod runtime;
pub mod rust;
pub mod system;

use std::ffi::OsStr;
use std::path::PathBuf;

/// The first of these programs that is in a directory of `path`, a list as in PATH.
fn find(path: &OsStr, names: &[&str]) -> Option<PathBuf> {
    let dirs: Vec<_> = std::env::split_paths(path).collect();
    let files = names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
    files.map(|file| file.with_extension(std::env::consts::EXE_EXTENSION)).find(|file| file.is_file())
}

/// A tool that is not available on this machine, and the command to install it.
pub struct Unavailable {
    pub reason: String,
    pub command: String,
}

impl std::fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}. Install it with: {}", self.reason, self.command)
    }
}

//! What the commands need beside cargo: looked for first, installed where it is missing.

pub mod browser;
pub mod debian;
pub mod nginx;
pub mod node;
pub mod npm;
pub mod nss;
pub mod python;
pub mod runtime;
pub mod rust;

use std::path::PathBuf;

/// A host that cannot be had on this machine, and how to get it.
pub struct Unavailable {
    pub reason: String,
    pub command: String,
}

/// The first program of these names on PATH.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let dirs: Vec<_> = std::env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| dirs.iter().map(move |dir| dir.join(name).with_extension(std::env::consts::EXE_EXTENSION)))
        .find(|file| file.is_file())
}

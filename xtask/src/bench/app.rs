//! Minimal apps in Rust: one with the crate, and one with each alternative (`tests/bench/apps`).

use std::path::Path;

use anyhow::Result;

use crate::repo::Repo;
use crate::{files, step};

/// The names of the apps.
pub const NAMES: [&str; 3] = ["fourd-websocket", "gloo-net", "ws-stream"];

/// The apps that are built for runs that are not timed.
pub const OURS: [&str; 1] = ["fourd-websocket"];

/// Builds the apps with the options of the package, without wasm-opt if the run is not timed.
pub fn build(repo: &Repo, names: &[&str], is_timed: bool) -> Result<()> {
    for name in names {
        step::say(format!("building a minimal app with {name} (half a minute, the first time)"));
        let mut build = repo.command("wasm-pack")?;
        build
            .args("build --release --target web --no-pack --no-typescript --mode no-install --out-name app".split(' '));
        if !is_timed {
            build.arg("--no-opt");
        }
        build.arg("--out-dir").arg(built(repo, name)).arg(format!("tests/bench/apps/{name}"));
        build.args(["--", "--locked"]).env("CARGO_TARGET_DIR", repo.target());
        step::compile(&mut build)?;
    }
    Ok(())
}

/// Copies the built apps beside their sources in a copy of tests/bench.
pub fn copy(repo: &Repo, names: &[&str], bench: &Path) -> Result<()> {
    for name in names {
        files::copy_dir(&built(repo, name), &bench.join("apps").join(name).join("pkg"))?;
    }
    Ok(())
}

fn built(repo: &Repo, name: &str) -> std::path::PathBuf {
    repo.path("target/bench").join(name)
}

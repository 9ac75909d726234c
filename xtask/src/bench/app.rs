//! Minimal apps in Rust: with the crate, and each with what a program in Rust would use instead (`tests/bench/apps`).

use std::path::Path;

use anyhow::Result;

use crate::repo::Repo;
use crate::{files, step};

/// What each is called there.
pub const NAMES: [&str; 3] = ["fourd-websocket", "gloo-net", "ws-stream"];

/// Those that are built where nothing is timed.
pub const OURS: [&str; 1] = ["fourd-websocket"];

/// Builds them as the package is built; where nothing is timed, wasm-opt has no part in it.
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

/// Puts what was built beside the sources in a copy of tests/bench.
pub fn copy(repo: &Repo, names: &[&str], bench: &Path) -> Result<()> {
    for name in names {
        files::copy_dir(&built(repo, name), &bench.join("apps").join(name).join("pkg"))?;
    }
    Ok(())
}

fn built(repo: &Repo, name: &str) -> std::path::PathBuf {
    repo.path("target/bench").join(name)
}

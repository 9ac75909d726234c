//! Plain `wasm-pack build`: the class is whole without the finish of `pkg-template`.

use anyhow::Result;
use tokio::process::Command;

use crate::files::remove_dir;
use crate::limited::LIMIT;
use crate::outcome::Outcome;
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::runtime::Program;
use crate::{step, suite};

/// A target of wasm-pack, the script that loads what it built, and the oldest Node of ours that can.
pub struct Target {
    pub name: &'static str,
    script: &'static str,
    pub node: u32,
}

pub const TARGETS: [Target; 3] = [
    Target { name: "nodejs", script: "tests/plain/nodejs.cjs", node: 22 },
    Target { name: "web", script: "tests/plain/web.mjs", node: 24 },
    // esbuild takes no wasm module as an import; Node does what such bundlers do.
    Target { name: "bundler", script: "tests/plain/bundler.mjs", node: 24 },
];

/// Builds the target and runs its script.
pub async fn run(repo: &Repo, target: &Target, node: &Program, server: &Server, outcome: &mut Outcome) -> Result<()> {
    let dir = format!("target/plain/{}", target.name);
    remove_dir(&repo.path(&dir))?;
    let mut build = repo.command("wasm-pack")?;
    build.args("build --release --mode no-install --target".split(' ')).arg(target.name);
    build.args(["--out-dir", &dir, "--out-name", "fourd_websocket", "."]);
    step::output(&mut build, "mend what the compiler names above")?;
    let mut command = Command::new(&node.path);
    command.arg(repo.path(target.script)).arg(repo.path(&dir)).arg(server.ws()).current_dir(repo.root());
    suite::run_script(&mut command, LIMIT, outcome).await
}

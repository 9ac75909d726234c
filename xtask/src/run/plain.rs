//! Plain `wasm-pack build`: the crate's class works without the class of `pkg-template`.

use anyhow::Result;
use tokio::process::Command;

use crate::files::remove_dir;
use crate::limited::LIMIT;
use crate::repo::Repo;
use crate::run::host::Host;
use crate::run::outcome::Outcome;
use crate::run::script;
use crate::run::table::Table;
use crate::server::Server;
use crate::step;
use crate::tools::runtime::{Program, Runtime};

/// The targets of wasm-pack, the script that loads each build, and the oldest tested Node that can load it.
const TARGETS: [(&str, &str, u32); 3] = [
    ("nodejs", "tests/plain/nodejs.cjs", 22),
    ("web", "tests/plain/web.mjs", 24),
    // esbuild does not support imports of wasm modules. Node resolves them as bundlers do.
    ("bundler", "tests/plain/bundler.mjs", 24),
];

/// Adds a line to the table for each target.
pub async fn run(repo: &Repo, server: &Server, table: &mut Table) {
    for (target, file, node) in TARGETS {
        let node = match Runtime::Node(node).ensure(repo) {
            Ok(node) => node,
            Err(missing) => return table.add_missing(Host::Plain.name(), missing),
        };
        let mut outcome = Outcome::new(Host::Plain.name(), target, format!("Node {}", node.version));
        step::say(format!("{} {}: the {target} tests", outcome.host, outcome.version));
        if let Err(error) = check(repo, server, target, file, &node, &mut outcome).await {
            outcome.fail_run(format!("{error:#}"));
        }
        table.add(outcome);
    }
}

/// Builds the target and runs its script.
async fn check(
    repo: &Repo,
    server: &Server,
    target: &str,
    file: &str,
    node: &Program,
    outcome: &mut Outcome,
) -> Result<()> {
    let dir = format!("target/plain/{target}");
    remove_dir(&repo.path(&dir))?;
    let mut build = repo.command("wasm-pack")?;
    build.args("build --release --mode no-install --target".split(' ')).arg(target);
    build.args(["--out-dir", &dir, "--out-name", "fourd_websocket", "."]);
    step::output(&mut build, "fix what the compiler names above")?;
    let mut command = Command::new(&node.path);
    command.arg(repo.path(file)).arg(repo.path(&dir)).arg(server.ws()).current_dir(repo.root());
    script::run(&mut command, LIMIT, outcome).await
}

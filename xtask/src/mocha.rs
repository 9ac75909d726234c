//! Tests that are programs of Node: mocha runs them, and `tests/harness/report.cjs` writes what a run takes.

use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::Value;
use tokio::process::Command;

use crate::outcome::Outcome;
use crate::repo::Repo;
use crate::suite;
use crate::tools::npm;
use crate::tools::runtime::Runtime;

/// What the programs need that npm has.
const WORKSPACES: [&str; 2] = ["xtask", "tests/browser"];

/// The tools and the tests run in a Node that all of them support.
const NODE: u32 = 24;

/// A run may take so long; mocha has a limit for each test, too.
const LIMIT: Duration = Duration::from_secs(1800);

/// Runs the tests of some files with `filter` in their names. `given` is what they ask for.
pub async fn run(repo: &Repo, files: &[&str], given: Value, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    let mut mocha = script(repo, "node_modules/mocha/bin/mocha.js", &given)?;
    mocha.args(["--exit", "--timeout=60000", "--reporter", "tests/harness/report.cjs"]).args(files);
    if let Some(filter) = filter {
        mocha.args(["--fgrep", filter]);
    }
    suite::run_script(&mut mocha, LIMIT, outcome).await
}

/// A program of this repository in Node.
pub fn script(repo: &Repo, file: &str, given: &Value) -> Result<Command> {
    for workspace in WORKSPACES {
        npm::ensure(repo, workspace)?;
    }
    let node =
        Runtime::Node(NODE).ensure(repo).map_err(|missing| anyhow!("{}; {}", missing.reason, missing.command))?;
    let mut command = repo.command(node.path)?;
    command.arg(file).env("GIVEN", given.to_string());
    Ok(command.into())
}

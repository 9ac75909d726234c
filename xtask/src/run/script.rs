//! Programs that write their results as JSON lines.

use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::Value;
use tokio::process::Command;

use crate::limited;
use crate::repo::Repo;
use crate::run::outcome::Outcome;
use crate::tools::npm;
use crate::tools::runtime::Runtime;

/// What those of this repository need that npm has.
const WORKSPACES: [&str; 2] = ["xtask", "tests/browser"];

/// The tools and the tests run in a Node that all of them support.
const NODE: u32 = 24;

/// How long mocha may take; it has a limit for each test, too.
const LIMIT: Duration = Duration::from_secs(1800);

/// Runs a program to its end, or as long as it may take.
pub async fn run(command: &mut Command, limit: Duration, outcome: &mut Outcome) -> Result<()> {
    let ended = limited::run(limit, command, |line| {
        outcome.line(line);
        limited::count(outcome.ran(), outcome.failures.len());
    })
    .await?;
    outcome.output.push_str(&ended.stderr);
    match ended.status {
        None => outcome.fail_run(format!("not done within {} s, ended", limit.as_secs())),
        Some(status) if !status.success() && outcome.failures.is_empty() => {
            outcome.fail_run(format!("{status}"));
            outcome.check_complete();
        }
        Some(_) => outcome.check_complete(),
    }
    Ok(())
}

/// A program of this repository in Node, with what it asks for.
pub fn program(repo: &Repo, file: &str, given: &Value) -> Result<Command> {
    for workspace in WORKSPACES {
        npm::ensure(repo, workspace)?;
    }
    let node =
        Runtime::Node(NODE).ensure(repo).map_err(|missing| anyhow!("{}; {}", missing.reason, missing.command))?;
    let mut command = repo.command(node.path)?;
    command.arg(file).env("GIVEN", given.to_string());
    Ok(command.into())
}

/// Runs the tests of some files that have `filter` in their names with mocha, whose results `tests/harness/report.cjs`
/// writes.
pub async fn mocha(
    repo: &Repo,
    files: &[&str],
    given: Value,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let file = npm::package(repo, "xtask", "mocha").join("bin/mocha.js");
    let mut mocha = program(repo, &file.to_string_lossy(), &given)?;
    mocha.args(["--exit", "--timeout=60000", "--reporter", "tests/harness/report.cjs"]).args(files);
    if let Some(filter) = filter {
        mocha.args(["--fgrep", filter]);
    }
    run(&mut mocha, LIMIT, outcome).await
}

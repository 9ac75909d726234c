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

/// The npm workspaces of the programs in this repository.
const WORKSPACES: [&str; 2] = ["xtask", "tests/browser"];

/// The version of Node for tools and tests, which all of them support.
const NODE: u32 = 24;

/// The time limit of mocha, which also has a limit for each test.
const LIMIT: Duration = Duration::from_secs(1800);

/// Runs a program until its end or the time limit.
pub async fn run(command: &mut Command, limit: Duration, outcome: &mut Outcome) -> Result<()> {
    let ended = limited::run(limit, command, |line| {
        outcome.line(line);
        limited::count(outcome.ran(), outcome.failures.len());
    })
    .await?;
    outcome.output.push_str(&ended.stderr);
    match ended.status {
        None => outcome.fail_run(format!("not finished within {} s, so it was stopped", limit.as_secs())),
        Some(status) if !status.success() && outcome.failures.is_empty() => {
            outcome.fail_run(format!("{status}"));
            outcome.check_complete();
        }
        Some(_) => outcome.check_complete(),
    }
    Ok(())
}

/// A command that runs a program of this repository in Node, with its arguments in `GIVEN`.
pub fn program(repo: &Repo, file: &str, given: &Value) -> Result<Command> {
    WORKSPACES.iter().try_for_each(|workspace| npm::ensure(repo, workspace))?;
    let node = Runtime::Node(NODE).ensure(repo).map_err(|missing| anyhow!("{missing}"))?;
    let mut command = repo.command(node.path)?;
    command.arg(file).env("GIVEN", given.to_string());
    Ok(command.into())
}

/// Runs the tests of files with mocha, if their names contain `filter`. `tests/harness/report.cjs` prints the results.
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

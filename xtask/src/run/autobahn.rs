//! Autobahn's cases. The package has to get the same verdicts as the host's own class (`tests/peers`).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{BufReader, Lines};
use tokio::process::ChildStdout;
use tokio::time::timeout;

use crate::files::remove_dir;
use crate::limited::Group;
use crate::run::choice::Choice;
use crate::run::contract;
use crate::run::outcome::Outcome;
use crate::run::place::Place;

/// The result of a round.
#[derive(Deserialize)]
struct Round {
    /// The number of cases.
    cases: usize,
    /// The cases with different verdicts, and the verdicts.
    differ: BTreeMap<String, String>,
}

/// Runs the cases on a host. Each case is a result. The data that is sent before a broken frame ends the connection is
/// a race on every host, so a case fails only if its verdicts differ in each round. `programs` is the directory of
/// kosoku.
pub async fn run(programs: &Path, place: &Place, choice: Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    const ROUNDS: usize = 3;
    let repo = choice.repo;
    repo.build("--package peers")?;
    let report = repo.path("target/suite").join(format!("autobahn-{}", outcome.host));
    let mut last: Option<Round> = None;
    for _ in 0..ROUNDS {
        remove_dir(&report)?;
        let mut peer = tokio::process::Command::new(repo.binary("dev", "autobahn_peer"));
        let mut peer = Group::start(peer.arg(programs.join("kosoku")).arg(&report))?;
        let mut lines = peer.stdout()?;
        let given = next(&mut lines).await?;
        let mut played = Outcome::new(outcome.host, outcome.what, outcome.version.clone());
        contract::run(place, &Choice { given, ..choice }, &mut played).await?;
        // If the cases did not complete or were not selected, there are no verdicts to compare.
        if played.passed == 0 || !played.failures.is_empty() {
            outcome.failures = played.failures;
            outcome.output = played.output;
            return Ok(());
        }
        let mut round: Round = next(&mut lines).await?;
        round.differ.retain(|case, _| last.as_ref().is_none_or(|last| last.differ.contains_key(case)));
        let is_over = round.differ.is_empty();
        last = Some(round);
        if is_over {
            break;
        }
    }
    let Round { cases, differ } = last.context("no round was played")?;
    outcome.passed = cases - differ.len();
    for (case, verdicts) in differ {
        outcome.fail(format!("case {case}"), verdicts);
    }
    Ok(())
}

/// The next line of the peer, parsed.
async fn next<T: DeserializeOwned>(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<T> {
    let line =
        timeout(Duration::from_secs(60), lines.next_line()).await.context("the peer of Autobahn is silent")??;
    serde_json::from_str(&line.context("the peer of Autobahn ended")?)
        .context("reading what the peer of Autobahn prints")
}

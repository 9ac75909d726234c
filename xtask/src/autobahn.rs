//! Autobahn's cases, which kosoku plays as a server, and its verdicts on the host's own class and on the package.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::choice::Choice;
use crate::contract;
use crate::files::remove_dir;
use crate::limited::Group;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::repo::Repo;

/// The cases of sections 1 to 10 that kosoku has. A report with fewer proves nothing about the others.
const CASES: usize = 301;

/// Sections that are about compression, which is the host's alone.
const WITHOUT: [&str; 4] = ["-x", "12.*", "-x", "13.*"];

/// What tests/contract/cases/autobahn.js calls the two that play the cases.
const BARE: &str = "bare";
const PACKAGE: &str = "package";

/// Plays the cases on a host, each a result of its own. What still leaves before a broken frame ends the connection is a
/// race on every host: only a case whose verdicts differ each time fails.
pub async fn run(programs: &Path, place: &Place, choice: Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    const ROUNDS: usize = 3;
    let mut differ: Option<BTreeMap<String, String>> = None;
    for _ in 0..ROUNDS {
        let fuzzer = Fuzzer::start(choice.repo, programs, outcome.host).await?;
        let mut round = Outcome::new(outcome.host, outcome.what, outcome.version.clone());
        contract::run(place, &Choice { given: fuzzer.given(), ..choice }, &mut round).await?;
        // Not played to the end, or not chosen at all: there are no verdicts to compare.
        if round.passed == 0 || !round.failures.is_empty() {
            outcome.failures = round.failures;
            outcome.output = round.output;
            return Ok(());
        }
        let found = fuzzer.differences().await?;
        let differ = differ.get_or_insert_with(|| found.clone());
        differ.retain(|case, _| found.contains_key(case));
        if differ.is_empty() {
            break;
        }
    }
    let differ = differ.unwrap_or_default();
    outcome.passed = CASES - differ.len();
    for (case, verdicts) in differ {
        outcome.fail(format!("case {case}"), verdicts);
    }
    Ok(())
}

/// A server with the cases, for one host.
struct Fuzzer {
    group: Group,
    address: String,
    report: PathBuf,
}

/// What kosoku says of one case.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

impl Fuzzer {
    /// Starts kosoku, which stands among the `programs` of the Python environment, on a free port.
    async fn start(repo: &Repo, programs: &Path, host: &str) -> Result<Self> {
        const BEFORE: &str = "fuzzingserver listening on ";
        let report = repo.path("target/suite").join(format!("autobahn-{host}"));
        remove_dir(&report)?;
        let mut command = Command::new(programs.join("kosoku"));
        command.args(["-m", "fuzzingserver", "127.0.0.1:0", "-o"]).arg(&report).args(WITHOUT);
        let mut group = Group::start(command.stderr(Stdio::piped()))?;
        let mut lines = group.stderr()?;
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix(BEFORE) {
                let address = address.trim().to_owned();
                // Read on, or it would stop at a full pipe: it lists what failed.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Self { group, address, report });
            }
        }
        bail!("kosoku ended without naming its port; run `{}/kosoku -m fuzzingserver` to see why", programs.display())
    }

    /// The `given` of tests/contract/cases/autobahn.js.
    fn given(&self) -> Value {
        // Not asked of the server: it closes so soon after its answer that Firefox drops that.
        json!({ "address": self.address, "count": CASES, "agents": { "bare": BARE, "package": PACKAGE } })
    }

    /// The cases with different verdicts, and which they are.
    async fn differences(mut self) -> Result<BTreeMap<String, String>> {
        // It fails if a case does, which is no matter here: engines fail some themselves.
        timeout(Duration::from_secs(60), self.group.ended())
            .await
            .context("kosoku does not write its report; does tests/contract/cases/autobahn.js ask for it?")??;
        let file = self.report.join("index.json");
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let mut agents: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&text)?;
        let mut of = |agent: &str| agents.remove(agent).unwrap_or_default();
        differences(&of(BARE), &of(PACKAGE))
    }
}

fn differences(
    bare: &BTreeMap<String, Verdict>,
    package: &BTreeMap<String, Verdict>,
) -> Result<BTreeMap<String, String>> {
    if bare.len() != CASES || !bare.keys().eq(package.keys()) {
        bail!("kosoku saw {} cases of the host's class and {} of the package, not {CASES}", bare.len(), package.len());
    }
    let both = bare.iter().zip(package.values()).filter(|((_, bare), package)| bare != package);
    Ok(both.map(|((case, bare), package)| (case.clone(), told(bare, package))).collect())
}

fn told(bare: &Verdict, package: &Verdict) -> String {
    format!("the host's own class: {bare}; the package: {package}")
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, its close {}", self.behavior, self.behavior_close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(behavior: &str) -> BTreeMap<String, Verdict> {
        let verdict = |close: &str| Verdict { behavior: behavior.into(), behavior_close: close.into() };
        (0..CASES).map(|case| (format!("1.{case}"), verdict("OK"))).collect()
    }

    #[test]
    fn the_same_verdicts_are_no_difference_whatever_they_are() {
        assert!(differences(&report("NON-STRICT"), &report("NON-STRICT")).unwrap().is_empty());
    }

    #[test]
    fn another_verdict_is_one() {
        let mut package = report("NON-STRICT");
        package.insert("1.7".into(), Verdict { behavior: "OK".into(), behavior_close: "OK".into() });
        package.insert("1.8".into(), Verdict { behavior: "NON-STRICT".into(), behavior_close: "UNCLEAN".into() });
        let found = differences(&report("NON-STRICT"), &package).unwrap();
        assert_eq!(found.into_keys().collect::<Vec<_>>(), ["1.7", "1.8"]);
    }

    #[test]
    fn a_report_without_all_cases_proves_nothing() {
        let mut package = report("OK");
        package.remove("1.7");
        assert!(differences(&report("OK"), &package).is_err());
        assert!(differences(&package, &package).is_err());
    }
}

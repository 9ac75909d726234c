//! Autobahn's cases, with kosoku as the server, and its verdicts on the host's own class and on the package:
//! `autobahn_peer KOSOKU DIRECTORY`. The directory has to be new. The program prints a line of JSON with the input of
//! `tests/contract/cases/autobahn.js`. After all cases, it prints a line with those on which the verdicts differ.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde::Deserialize;
use serde_json::json;

/// The cases of sections 1 to 10 that kosoku has. A report with fewer proves nothing about the others.
const CASES: usize = 301;

/// Sections about compression, which only the host implements.
const WITHOUT: [&str; 4] = ["-x", "12.*", "-x", "13.*"];

/// The names of the two clients in tests/contract/cases/autobahn.js.
const BARE: &str = "bare";
const PACKAGE: &str = "package";

/// kosoku's verdict on one case.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    const BEFORE: &str = "fuzzingserver listening on ";
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [kosoku, dir] = arguments.as_slice() else {
        return Err("usage: autobahn_peer KOSOKU DIRECTORY".into());
    };
    let mut command = Command::new(kosoku);
    command.args(["-m", "fuzzingserver", "127.0.0.1:0", "-o", dir]).args(WITHOUT);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stderr.take().ok_or("kosoku has no stderr")?).lines();
    let address =
        lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.strip_prefix(BEFORE)?.trim().to_owned()));
    let address = address.ok_or_else(|| format!("kosoku ended without naming its port; run `{kosoku}` to see why"))?;
    // The number is not queried from the server. The server closes so soon after its answer that Firefox drops the
    // answer.
    let agents = json!({ "bare": BARE, "package": PACKAGE });
    println!("{}", json!({ "address": address, "count": CASES, "agents": agents }));
    // kosoku lists failed cases, and would stop at a full pipe.
    thread::spawn(move || lines.for_each(drop));
    // The exit status is ignored. kosoku fails if a case fails, and the hosts themselves fail some.
    child.wait()?;
    let text = fs::read_to_string(Path::new(dir).join("index.json"))?;
    let mut agents: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&text)?;
    let mut of = |agent: &str| agents.remove(agent).unwrap_or_default();
    println!("{}", json!({ "cases": CASES, "differ": differences(&of(BARE), &of(PACKAGE))? }));
    Ok(())
}

fn differences(
    bare: &BTreeMap<String, Verdict>,
    package: &BTreeMap<String, Verdict>,
) -> Result<BTreeMap<String, String>, String> {
    if bare.len() != CASES || !bare.keys().eq(package.keys()) {
        return Err(format!(
            "kosoku saw {} cases of the host's class and {} of the package, not {CASES}",
            bare.len(),
            package.len()
        ));
    }
    let both = bare.iter().zip(package.values()).filter(|((_, bare), package)| bare != package);
    Ok(both.map(|((case, bare), package)| (case.clone(), difference(bare, package))).collect())
}

fn difference(bare: &Verdict, package: &Verdict) -> String {
    format!("the host's own class: {bare}; the package: {package}")
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

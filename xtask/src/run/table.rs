//! The report of `cargo xtask test`: the table, then the failures, then one summary line.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::outcome::Outcome;
use crate::tools::Unavailable;

/// The outcomes of all suites, and the missing hosts.
#[derive(Default)]
pub struct Table {
    /// The outcomes with their durations in seconds.
    outcomes: Vec<(Outcome, f64)>,
    missing: Vec<(&'static str, Unavailable)>,
}

impl Table {
    pub fn add(&mut self, outcome: Outcome) {
        let seconds = outcome.seconds();
        let (failed, skipped) = (outcome.failures.len(), outcome.skipped());
        let Outcome { host, what, passed, .. } = &outcome;
        eprintln!("   {host}, {what}: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s");
        self.outcomes.push((outcome, seconds));
    }

    pub fn add_missing(&mut self, host: &'static str, why: Unavailable) {
        eprintln!("   {host} is missing: {}", why.reason);
        if self.missing.iter().all(|(known, _)| *known != host) {
            self.missing.push((host, why));
        }
    }

    /// Adds the results of another table. `place` gives the order of the hosts.
    pub fn join<K: Ord>(&mut self, other: Self, place: impl Fn(&str) -> K) {
        self.outcomes.extend(other.outcomes);
        self.outcomes.sort_by_key(|(outcome, _)| place(outcome.host));
        self.missing.extend(other.missing);
    }

    pub fn failed(&self) -> usize {
        self.sum(|outcome| outcome.failures.len())
    }

    pub fn ran(&self) -> usize {
        self.sum(Outcome::ran)
    }

    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Prints the failures last, so that a truncated output contains them.
    pub fn print(&self) {
        self.failing().for_each(print_output);

        println!(
            "\n{:<16}{:<20}{:<16}{:>7}{:>7}{:>8}{:>9}",
            "host", "version", "what", "passed", "failed", "skipped", "seconds"
        );
        for (outcome, seconds) in &self.outcomes {
            let Outcome { host, version, what, passed, .. } = outcome;
            let (failed, skipped) = (outcome.failures.len(), outcome.skipped());
            println!("{host:<16}{version:<20}{what:<16}{passed:>7}{failed:>7}{skipped:>8}{seconds:>9.1}");
        }
        for (host, missing) in &self.missing {
            println!("{host}: skipped: {missing}");
        }
        self.print_skips();
        self.failing().for_each(print_failures);
        let (passed, skipped) = (self.sum(|outcome| outcome.passed), self.sum(Outcome::skipped));
        println!("\n{passed} passed, {} failed, {skipped} skipped", self.failed());
    }

    /// Prints each reason for skips with its hosts.
    fn print_skips(&self) {
        let skips = self.skips();
        if !skips.is_empty() {
            println!("\nskipped tests, by reason:");
        }
        for (reason, hosts) in skips {
            println!("  {reason}: {}", hosts.into_iter().collect::<Vec<_>>().join(", "));
        }
    }

    /// The reasons for skipped tests, with their hosts.
    fn skips(&self) -> BTreeMap<&str, BTreeSet<&'static str>> {
        let mut skips = BTreeMap::<_, BTreeSet<_>>::new();
        for (outcome, _) in &self.outcomes {
            for reason in outcome.skips.keys() {
                skips.entry(reason.as_str()).or_default().insert(outcome.host);
            }
        }
        skips
    }

    /// The outcomes of a host.
    pub fn of_host(&self, host: &str) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().map(|(outcome, _)| outcome).filter(move |outcome| outcome.host == host)
    }

    fn failing(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().map(|(outcome, _)| outcome).filter(|outcome| !outcome.failures.is_empty())
    }

    fn sum(&self, count: impl Fn(&Outcome) -> usize) -> usize {
        self.outcomes.iter().map(|(outcome, _)| count(outcome)).sum()
    }
}

/// Prints the last lines of a program's other output.
fn print_output(outcome: &Outcome) {
    const LINES: usize = 100;
    let lines: Vec<&str> = outcome.output.trim_end().lines().collect();
    if lines.is_empty() {
        return;
    }
    println!("\n{} {}, {}, the last lines of its output:", outcome.host, outcome.version, outcome.what);
    for line in &lines[lines.len().saturating_sub(LINES)..] {
        println!("    {line}");
    }
}

fn print_failures(outcome: &Outcome) {
    println!("\n{} {}, {}:", outcome.host, outcome.version, outcome.what);
    for failure in &outcome.failures {
        println!(
            "  FAILED {}\n    {}",
            failure.test.as_deref().unwrap_or("the run itself"),
            failure.error.trim_end().replace('\n', "\n    ")
        );
    }
}

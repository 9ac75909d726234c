//! The end of `cargo xtask test`: what failed, then the table, then one plain line.

use crate::outcome::Outcome;
use crate::tools::Unavailable;

/// All that ran, and what could not.
#[derive(Default)]
pub struct Table {
    /// With the seconds each took.
    outcomes: Vec<(Outcome, f64)>,
    missing: Vec<(&'static str, Unavailable)>,
}

impl Table {
    pub fn add(&mut self, outcome: Outcome) {
        let seconds = outcome.seconds();
        let Outcome { passed, skipped, failures, .. } = &outcome;
        eprintln!("   {passed} passed, {} failed, {skipped} skipped in {seconds:.1} s", failures.len());
        self.outcomes.push((outcome, seconds));
    }

    pub fn add_missing(&mut self, host: &'static str, why: Unavailable) {
        eprintln!("   {host} is missing: {}", why.reason);
        if self.missing.iter().all(|(known, _)| *known != host) {
            self.missing.push((host, why));
        }
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

    pub fn print(&self) {
        for outcome in self.outcomes.iter().map(|(outcome, _)| outcome).filter(|outcome| !outcome.failures.is_empty()) {
            println!("\n{} {}, {}:", outcome.host, outcome.version, outcome.what);
            for failure in &outcome.failures {
                println!(
                    "  FAILED {}\n    {}",
                    failure.test.as_deref().unwrap_or("the run itself"),
                    failure.error.trim_end().replace('\n', "\n    ")
                );
            }
            if !outcome.output.is_empty() {
                println!("  its output:\n    {}", outcome.output.trim_end().replace('\n', "\n    "));
            }
        }

        println!(
            "\n{:<16}{:<20}{:<16}{:>7}{:>7}{:>8}{:>9}",
            "host", "version", "what", "passed", "failed", "skipped", "seconds"
        );
        for (Outcome { host, version, what, passed, failures, skipped, .. }, seconds) in &self.outcomes {
            println!("{host:<16}{version:<20}{what:<16}{passed:>7}{:>7}{skipped:>8}{seconds:>9.1}", failures.len());
        }
        for (host, Unavailable { reason, command }) in &self.missing {
            println!("{host}: skipped: {reason}; get it with: {command}");
        }
        let (passed, skipped) = (self.sum(|outcome| outcome.passed), self.sum(|outcome| outcome.skipped));
        println!("\n{passed} passed, {} failed, {skipped} skipped", self.failed());
    }

    fn sum(&self, count: impl Fn(&Outcome) -> usize) -> usize {
        self.outcomes.iter().map(|(outcome, _)| count(outcome)).sum()
    }
}

//! The outcome of a suite on one host.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Deserialize;

/// The outcome of one suite, a line of the table.
pub struct Outcome {
    pub host: &'static str,
    /// The name of the suite.
    pub what: &'static str,
    pub version: String,
    pub passed: usize,
    /// The number of skipped tests by reason.
    pub skips: BTreeMap<String, usize>,
    pub failures: Vec<Failure>,
    /// The program's other output, shown only after a failure.
    pub output: String,
    started: Instant,
    /// The last line of a suite: the number of tests that it ran, and the number that exist.
    announced: Option<(usize, usize)>,
}

pub struct Failure {
    /// `None` if the run itself failed.
    pub test: Option<String>,
    pub error: String,
}

/// A line of a suite that runs in JavaScript.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Test { test: String, ok: Option<bool>, error: Option<String>, skipped: Option<String> },
    Done { done: usize, exist: usize, version: Option<String> },
}

impl Outcome {
    pub fn new(host: &'static str, what: &'static str, version: impl Into<String>) -> Self {
        Self {
            host,
            what,
            version: version.into(),
            passed: 0,
            skips: BTreeMap::new(),
            failures: Vec::new(),
            output: String::new(),
            started: Instant::now(),
            announced: None,
        }
    }

    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The number of tests that ran or were skipped.
    pub fn ran(&self) -> usize {
        let failed = self.failures.iter().filter(|failure| failure.test.is_some());
        self.passed + failed.count() + self.skipped()
    }

    pub fn skipped(&self) -> usize {
        self.skips.values().sum()
    }

    /// Adds skipped tests.
    pub fn skip(&mut self, reason: impl Into<String>, count: usize) {
        if count > 0 {
            *self.skips.entry(reason.into()).or_default() += count;
        }
    }

    pub fn fail(&mut self, test: impl Into<String>, error: impl Into<String>) {
        self.failures.push(Failure { test: Some(test.into()), error: error.into() });
    }

    /// Fails the run itself, not one of its tests.
    pub fn fail_run(&mut self, error: impl Into<String>) {
        self.failures.push(Failure { test: None, error: error.into() });
    }

    /// Reads a line of a JavaScript suite: a result, the end, or other output of the program.
    pub fn line(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Line::Test { skipped: Some(reason), .. }) => self.skip(reason, 1),
            Ok(Line::Test { ok: Some(true), .. }) => self.passed += 1,
            Ok(Line::Test { test, error, .. }) => self.fail(test, error.unwrap_or_else(|| "no error given".into())),
            Ok(Line::Done { done, exist, version }) => {
                self.announced = Some((done, exist));
                self.check_version(version.as_deref().unwrap_or_default());
            }
            Err(_) => {
                self.output.push_str(line);
                self.output.push('\n');
            }
        }
    }

    /// Fails the run if the suite ran on another major version. Browsers report only the major version to pages.
    fn check_version(&mut self, version: &str) {
        let major = |version: &str| version.split('.').next().and_then(|text| text.parse().ok());
        let (ran, wanted): (Option<u32>, Option<u32>) = (major(version), major(&self.version));
        if ran.is_some() && wanted.is_some() && ran != wanted {
            self.fail_run(format!("ran on version {version}"));
        }
    }

    /// Fails the run if the suite did not complete, or fewer tests ran than exist.
    pub fn check_complete(&mut self) {
        let ran = self.ran();
        match self.announced {
            None => self.fail_run(format!("ended after {ran} tests without a final line")),
            Some((done, exist)) if ran < exist || ran != done => {
                self.fail_run(format!("{exist} tests exist, {done} were announced as done, {ran} reported"));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(lines: &[&str]) -> Outcome {
        let mut outcome = Outcome::new("node24", "package", "24.21.0");
        for line in lines {
            outcome.line(line);
        }
        outcome.check_complete();
        outcome
    }

    const PASSED: &str = r#"{"test":"a","ok":true,"ms":1}"#;
    const SKIPPED: &str = r#"{"test":"b","ok":true,"skipped":"no headers in a page"}"#;
    const FAILED: &str = r#"{"test":"c","ok":false,"ms":1,"error":"1 is not 2"}"#;

    #[test]
    fn a_complete_suite_passes() {
        let outcome = outcome(&[PASSED, SKIPPED, "hello", r#"{"done":2,"exist":2,"host":"Node","version":"24.1.0"}"#]);
        assert!(outcome.failures.is_empty());
        assert_eq!(outcome.passed, 1);
        assert_eq!(outcome.skips, BTreeMap::from([("no headers in a page".into(), 1)]));
        assert_eq!(outcome.output, "hello\n");
    }

    #[test]
    fn a_failed_test_keeps_its_error() {
        let outcome = outcome(&[FAILED, r#"{"done":1,"exist":1}"#]);
        assert_eq!(outcome.failures.len(), 1);
        assert_eq!(outcome.failures[0].error, "1 is not 2");
    }

    #[test]
    fn a_suite_that_just_ends_fails() {
        assert_eq!(outcome(&[PASSED]).failures.len(), 1);
    }

    #[test]
    fn a_suite_that_ran_too_few_fails() {
        assert_eq!(outcome(&[PASSED, r#"{"done":1,"exist":2}"#]).failures.len(), 1);
        assert_eq!(outcome(&[PASSED, r#"{"done":2,"exist":2}"#]).failures.len(), 1);
    }

    #[test]
    fn a_suite_on_another_version_fails() {
        let done = r#"{"done":1,"exist":1,"host":"Node","version":"20.20.2"}"#;
        assert_eq!(outcome(&[PASSED, done]).failures.len(), 1);
    }

    #[test]
    fn a_result_without_a_verdict_is_a_failure() {
        assert_eq!(outcome(&[r#"{"test":"a"}"#, r#"{"done":1,"exist":1}"#]).failures.len(), 1);
    }
}

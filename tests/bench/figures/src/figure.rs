//! The samples of one case, and their statistics.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::part::Part;

/// The samples of one case, from tests/bench/bench.js.
#[derive(Deserialize)]
pub struct Taken {
    run: Part,
    case: Map<String, Value>,
    samples: Vec<Sample>,
}

#[derive(Clone, Deserialize, Serialize)]
pub struct Sample {
    pub subject: String,
    round: usize,
    /// The number of messages, connections or imports in the sample.
    count: f64,
    /// Milliseconds, or bytes.
    value: f64,
    /// Milliseconds of work of the thread, if the host reports them.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
    /// The part of the value that is wasm memory, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    wasm: Option<f64>,
}

/// A measured host: its name, and its title for readers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Host {
    pub name: &'static str,
    pub title: &'static str,
}

/// The samples of one case on one host.
pub struct Figure {
    pub host: Host,
    pub part: Part,
    pub case: Map<String, Value>,
    pub samples: Vec<Sample>,
}

/// One of the two times of a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Time {
    Wall,
    Cpu,
}

/// The median of some numbers, and the quartiles.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Figure {
    /// Returns an error if a subject is missing in a round.
    pub fn new(host: Host, Taken { run, case, samples }: Taken) -> Result<Self> {
        let mut rounds = BTreeMap::<&str, Vec<usize>>::new();
        for sample in &samples {
            rounds.entry(&sample.subject).or_default().push(sample.round);
        }
        let first = rounds.values().next().context("a case without samples")?;
        ensure!(
            rounds.contains_key(run.ours()) && rounds.values().all(|rounds| rounds == first),
            "{} {case:?}: the rounds are {rounds:?}",
            run.name()
        );
        Ok(Self { host, part: run, case, samples })
    }

    /// The title of the case: kind and size, or its other parameters.
    pub fn title(&self) -> String {
        let size = |size: u64| match size {
            0..1024 => format!("{size} B"),
            1024..1_048_576 => format!("{} KiB", size >> 10),
            _ => format!("{} MiB", size >> 20),
        };
        let parts = ["kind", "size", "direction", "cache"].into_iter().filter_map(|name| self.case.get(name));
        parts
            .map(|value| value.as_u64().map_or_else(|| value.as_str().unwrap_or_default().to_owned(), size))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The subjects, in the order of the samples.
    pub fn subjects(&self) -> Vec<&str> {
        let mut subjects: Vec<&str> = Vec::new();
        for sample in &self.samples {
            if !subjects.contains(&sample.subject.as_str()) {
                subjects.push(&sample.subject);
            }
        }
        subjects
    }

    /// The cost of one message, connection or import of a subject, by round.
    ///
    /// Kernels count the work of a thread in steps of some milliseconds. Therefore several rounds are taken as one.
    fn each(&self, subject: &str, time: Time) -> BTreeMap<usize, f64> {
        const GROUPS: usize = 8;
        let mut sums = BTreeMap::<usize, (f64, f64)>::new();
        for sample in self.samples.iter().filter(|sample| sample.subject == subject) {
            let (key, taken) = match time {
                Time::Wall => (sample.round, Some(sample.value)),
                Time::Cpu => (sample.round % GROUPS, sample.cpu),
            };
            if let Some(taken) = taken {
                let (sum, count) = sums.entry(key).or_default();
                *sum += taken;
                *count += sample.count;
            }
        }
        sums.into_iter().map(|(key, (sum, count))| (key, sum / count)).collect()
    }

    /// The spread in milliseconds or bytes.
    pub fn spread(&self, subject: &str) -> Option<Spread> {
        Spread::of(self.each(subject, Time::Wall).into_values().collect())
    }

    /// Compares the samples of two subjects in the same round.
    pub fn compared(&self, one: &str, other: &str, time: Time, compare: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let others = self.each(other, time);
        let ones = self.each(one, time);
        ones.iter().filter_map(|(round, one)| Some(compare(*one, *others.get(round)?))).collect()
    }

    /// The wasm memory of each message, connection or import, by round.
    pub fn wasm(&self, subject: &str) -> Vec<f64> {
        let samples = self.samples.iter().filter(|sample| sample.subject == subject);
        samples.filter_map(|sample| Some(sample.wasm? / sample.count)).collect()
    }
}

impl Spread {
    /// Returns `None` without numbers.
    pub fn of(mut numbers: Vec<f64>) -> Option<Self> {
        numbers.sort_by(f64::total_cmp);
        let last = numbers.len().checked_sub(1)?;
        // Interpolates if the quantile is between two numbers.
        let at = |quantile: f64| {
            let place = quantile * last as f64;
            let (below, above) = (numbers[place.floor() as usize], numbers[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Some(Self { low: at(0.25), median: at(0.5), high: at(0.75) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn figure(samples: Value) -> Result<Figure> {
        let taken = json!({ "run": "receive", "case": { "kind": "text", "size": 1024 }, "samples": samples });
        Figure::new(Host { name: "node24", title: "Node 24" }, serde_json::from_value(taken).unwrap())
    }

    fn sample(subject: &str, round: usize, value: f64) -> Value {
        json!({ "subject": subject, "round": round, "count": 10, "value": value, "cpu": value / 2.0 })
    }

    #[test]
    fn a_spread_is_the_median_and_the_quartiles() {
        let spread = |numbers: &[f64]| Spread::of(numbers.to_vec());
        assert_eq!(spread(&[5.0, 1.0, 3.0, 2.0, 4.0]), Some(Spread { low: 2.0, median: 3.0, high: 4.0 }));
        assert_eq!(spread(&[2.0, 1.0]), Some(Spread { low: 1.25, median: 1.5, high: 1.75 }));
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn what_is_compared_is_of_the_same_round() {
        let samples =
            [sample("bare", 0, 10.0), sample("package", 0, 11.0), sample("package", 1, 60.0), sample("bare", 1, 40.0)];
        let figure = figure(json!(samples)).unwrap();
        assert_eq!(figure.compared("package", "bare", Time::Wall, |one, other| one / other), [1.1, 1.5]);
        assert_eq!(
            figure.compared("package", "bare", Time::Wall, |one, other| one - other),
            [0.10000000000000009, 2.0]
        );
        assert_eq!(figure.title(), "text, 1 KiB");
    }

    #[test]
    fn rounds_are_taken_together_where_the_clock_is_coarse() {
        let samples: Vec<_> = (0..16)
            .flat_map(|round| {
                // The work of two rounds is counted in one of them.
                let mut package = sample("package", round, 12.0);
                package["cpu"] = json!(if round < 8 { 0.0 } else { 12.0 });
                [sample("bare", round, 10.0), package]
            })
            .collect();
        let ratios = figure(json!(samples)).unwrap().compared("package", "bare", Time::Cpu, |one, other| one / other);
        assert_eq!(ratios, [1.2; 8]);
    }

    #[test]
    fn a_round_without_a_subject_is_an_error() {
        let short = [sample("bare", 0, 1.0), sample("package", 0, 1.0), sample("bare", 1, 1.0)];
        assert!(figure(json!(short)).is_err());
        assert!(figure(json!([sample("bare", 0, 1.0)])).is_err());
    }
}

//! The results of `cargo xtask bench`: the samples of each case, compared by round and with the goals.
//!
//! Machines are noisy. Two subjects are compared within a round, and the result is the median of all rounds.

#![forbid(unsafe_code)]

pub mod download;
pub mod figure;
pub mod part;
pub mod row;

use std::collections::BTreeMap;
use std::thread::available_parallelism;

use serde_json::{Value, json};

use download::Download;
use figure::Figure;
use row::Row;

/// All measurements, with every sample. `versions` are those of the hosts.
pub fn report(versions: &BTreeMap<&str, String>, figures: &[Figure], downloads: &[Download], rows: &[Row]) -> Value {
    let of = |figure: &Figure| {
        let Figure { host, part, case, samples } = figure;
        json!({ "host": host.name, "run": part.name(), "case": case, "samples": samples })
    };
    let all: Vec<_> = figures.iter().map(of).collect();
    json!({ "machine": machine(), "versions": versions, "rows": rows, "downloads": downloads, "figures": all })
}

/// The machine of the measurement.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let plural = if cores == 1 { "" } else { "s" };
    format!("{cores} core{plural}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

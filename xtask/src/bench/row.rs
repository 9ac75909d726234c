//! The table: what is promised, and what was measured.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::Part;
use super::download::Download;
use super::figure::{Figure, Spread, Time};
use crate::host::Host;

const PACKAGE: &str = "package";
const BARE: &str = "bare";
/// The bare host once more: how far two differ that do the same.
const AGAIN: &str = "again";

/// The most that a page is ever to download, in bytes; `size.rs` has a budget below it.
const DOWNLOAD: f64 = 10_000.0;

/// A line of the table.
#[derive(Serialize)]
pub struct Row {
    what: &'static str,
    /// Where it was measured.
    host: String,
    /// What the package is compared with.
    against: String,
    unit: Unit,
    spread: Spread,
    /// At most this.
    goal: f64,
    met: bool,
    /// What others gave, and where the package is over its goal.
    notes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// What the package took, divided by what the other did.
    Ratio,
    /// More than the other.
    Milliseconds,
    Bytes,
}

impl Unit {
    pub fn show(self, number: f64) -> String {
        match self {
            Self::Ratio => format!("{number:.2}"),
            Self::Milliseconds => format!("{number:.1} ms"),
            Self::Bytes => format!("{number:.0} B"),
        }
    }
}

/// Every line that the figures are enough for.
pub fn all(figures: &[Figure], downloads: &[Download]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut groups: Vec<(Host, Part)> = Vec::new();
    for figure in figures {
        if !groups.contains(&(figure.host, figure.part)) {
            groups.push((figure.host, figure.part));
        }
    }
    groups.sort_by_key(|(_, part)| *part);
    for (host, part) in groups {
        let of: Vec<&Figure> = figures.iter().filter(|figure| (figure.host, figure.part) == (host, part)).collect();
        rows.extend(rows_of(host, part, &of));
    }
    rows.extend(download(downloads));
    rows
}

fn rows_of(host: Host, part: Part, of: &[&Figure]) -> Vec<Row> {
    let host = host_title(host).to_owned();
    let ratio = |one: f64, other: f64| one / other;
    let more = |one: f64, other: f64| one - other;
    let row = |what, against: &str, unit, goal, numbers: Vec<f64>, notes| {
        let spread = Spread::of(numbers)?;
        Some(Row {
            what,
            host: host.clone(),
            against: against.to_owned(),
            unit,
            spread,
            goal,
            met: spread.median <= goal,
            notes,
        })
    };
    match part {
        Part::Delivery | Part::Sending => {
            let what = if part == Part::Delivery { "delivery, without a host" } else { "send, without a host" };
            let own = vec![own_costs(of)];
            let partysocket = compared(of, |_| Some("partysocket".to_owned()), Time::Wall, ratio);
            let cheapest = compared(of, cheapest_peer, Time::Wall, ratio);
            let over = over(of, cheapest_peer, Time::Wall, 1.0);
            [
                row(what, "partysocket", Unit::Ratio, 1.0, partysocket, own),
                row(what, "the cheapest peer", Unit::Ratio, 1.0, cheapest, over),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        Part::Receive | Part::Send | Part::Connections => {
            let what = match part {
                Part::Receive => ["messages received", "messages received, work of the thread"],
                Part::Send => ["messages sent", "messages sent, work of the thread"],
                _ => ["connections opened and closed", "connections opened and closed, work of the thread"],
            };
            let goal = if part == Part::Connections { 1.05 } else { 1.03 };
            [Time::Wall, Time::Cpu]
                .into_iter()
                .zip(what)
                .filter_map(|(time, what)| {
                    let numbers = compared(of, |_| Some(BARE.to_owned()), time, ratio);
                    let mut notes = others(of, time);
                    notes.extend(over(of, |_| Some(BARE.to_owned()), time, goal));
                    row(what, "the bare host", Unit::Ratio, goal, numbers, notes)
                })
                .collect()
        }
        Part::Startup => of
            .iter()
            .filter_map(|figure| {
                let what = match figure.case["cache"].as_str() {
                    Some("cold") => "import to first connection",
                    _ => "import to first connection, again",
                };
                let numbers = figure.compared(PACKAGE, "partysocket", Time::Wall, more);
                row(what, "partysocket", Unit::Milliseconds, 3.0, numbers, Vec::new())
            })
            .collect(),
        Part::Memory => {
            let numbers = compared(of, |_| Some(BARE.to_owned()), Time::Wall, more);
            let bare = of.iter().find_map(|figure| figure.spread(BARE));
            let notes = bare.map(|bare| format!("the bare host {}", Unit::Bytes.show(bare.median)));
            row(
                "memory of an open connection",
                "the bare host",
                Unit::Bytes,
                1024.0,
                numbers,
                notes.into_iter().collect(),
            )
            .into_iter()
            .collect()
        }
        Part::Large => {
            let grown = |subject: &str| {
                let spreads = of.iter().filter_map(|figure| figure.spread(subject));
                spreads.map(|spread| spread.median).collect::<Vec<_>>()
            };
            let gloo = Spread::of(grown("gloo-net")).map(|gloo| format!("gloo-net {}", Unit::Bytes.show(gloo.median)));
            row(
                "wasm memory for 64 MiB messages",
                "before",
                Unit::Bytes,
                0.0,
                grown(PACKAGE),
                gloo.into_iter().collect(),
            )
            .map(|row| Row { met: row.spread.high <= 0.0, ..row })
            .into_iter()
            .collect()
        }
        Part::Download => Vec::new(),
    }
}

/// What the package gave beside another subject, of all cases and rounds.
fn compared(
    of: &[&Figure],
    other: impl Fn(&Figure) -> Option<String>,
    time: Time,
    compare: impl Fn(f64, f64) -> f64 + Copy,
) -> Vec<f64> {
    of.iter().filter_map(|figure| Some(figure.compared(PACKAGE, &other(figure)?, time, compare))).flatten().collect()
}

/// Of those that are neither the package nor the host, the one that took least.
fn cheapest_peer(figure: &Figure) -> Option<String> {
    let peers = figure.subjects().into_iter().filter(|subject| ![PACKAGE, BARE].contains(subject));
    let medians = peers.filter_map(|peer| Some((peer, figure.spread(peer)?.median)));
    medians.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(peer, _)| peer.to_owned())
}

/// Every subject's own cost, above that of a bare listener, in nanoseconds.
fn own_costs(of: &[&Figure]) -> String {
    let subjects = of.first().map(|figure| figure.subjects()).unwrap_or_default();
    let own = |subject: &str| {
        let more = of.iter().flat_map(|figure| figure.compared(subject, BARE, Time::Wall, |one, bare| one - bare));
        Spread::of(more.collect()).map(|spread| format!("{} {:.0}", title(subject), spread.median * 1e6))
    };
    let costs = subjects.into_iter().filter(|subject| *subject != BARE).filter_map(own);
    format!("own cost in ns: {}", costs.collect::<Vec<_>>().join(", "))
}

/// What the others gave beside the host.
fn others(of: &[&Figure], time: Time) -> Vec<String> {
    let mut subjects: Vec<&str> = of.iter().flat_map(|figure| figure.subjects()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let others = subjects.into_iter().filter(|subject| ![PACKAGE, BARE].contains(subject));
    others
        .filter_map(|other| {
            let ratios = of.iter().flat_map(|figure| figure.compared(other, BARE, time, |one, bare| one / bare));
            Spread::of(ratios.collect()).map(|spread| format!("{} {:.2}", title(other), spread.median))
        })
        .collect()
}

/// In how many cases the median is over the goal, and where most.
fn over(of: &[&Figure], other: impl Fn(&Figure) -> Option<String>, time: Time, goal: f64) -> Vec<String> {
    let median = |figure: &&Figure| {
        let ratios = figure.compared(PACKAGE, &other(figure)?, time, |one, other| one / other);
        Some((Spread::of(ratios)?.median, figure.title()))
    };
    let medians: Vec<(f64, String)> = of.iter().filter_map(median).filter(|(median, _)| *median > goal).collect();
    let worst = medians.iter().max_by(|(one, _), (other, _)| one.total_cmp(other));
    match worst {
        Some((median, case)) if of.len() > 1 => {
            vec![format!("over in {} of {}, most with {case}: {median:.2}", medians.len(), of.len())]
        }
        _ => Vec::new(),
    }
}

fn download(downloads: &[Download]) -> Option<Row> {
    let package = downloads.first()?;
    let gzipped = package.gzipped as f64;
    let others = downloads[1..].iter();
    let notes = others.clone().map(|other| format!("{} {}", other.name, other.gzipped)).collect();
    let is_least = others.filter(|other| other.is_wasm).all(|other| package.gzipped < other.gzipped);
    Some(Row {
        what: "bytes to download, gzip -9",
        host: "a minimal app".into(),
        against: "every wasm package".into(),
        unit: Unit::Bytes,
        spread: Spread { low: gzipped, median: gzipped, high: gzipped },
        goal: DOWNLOAD,
        met: is_least && gzipped <= DOWNLOAD,
        notes,
    })
}

/// What readers call a host. The samples are taken in a worker where there is a page, too.
pub fn host_title(host: Host) -> &'static str {
    host.title().unwrap_or_default().trim_end_matches(", page")
}

/// What readers call a subject.
pub fn title(subject: &str) -> &str {
    match subject {
        PACKAGE => "fourd-websocket",
        BARE => "the bare host",
        AGAIN => "the bare host again",
        _ => subject,
    }
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let Spread { low, median, high } = self.spread;
        let spread = match low == high {
            true => String::new(),
            false => format!("{} to {}", self.unit.show(low), self.unit.show(high)),
        };
        [
            self.what.to_owned(),
            self.host.clone(),
            self.against.clone(),
            self.unit.show(median),
            spread,
            format!("{}{}", self.unit.show(self.goal), if self.met { ": met" } else { ": missed" }),
            self.notes.join("; "),
        ]
    }
}

const HEAD: [&str; 7] = ["what", "where", "beside", "median", "half of all", "goal, at most", ""];

/// The table as text.
pub fn text(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::from("\n");
    for cells in &lines {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(text, "{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
    let met = rows.iter().filter(|row| row.met).count();
    let _ = writeln!(text, "\n{met} of {} goals met", rows.len());
    text
}

/// The table as HTML; a cell is text, that holds nothing to escape.
pub fn html(rows: &[Row]) -> String {
    let mut text = String::from("<table><thead><tr>");
    HEAD.iter().for_each(|head| text += &format!("<th>{head}</th>"));
    text += "</tr></thead><tbody>";
    for row in rows {
        let class = if row.met { "met" } else { "missed" };
        let cells = row.cells().map(|cell| format!("<td>{cell}</td>")).concat();
        let _ = writeln!(text, "<tr class=\"{class}\">{cells}</tr>");
    }
    text + "</tbody></table>"
}

/// The table for the README.
pub fn markdown(rows: &[Row], versions: &BTreeMap<&str, String>) -> String {
    let mut text = format!("| {} |\n|---|---|---|--:|--:|--:|---|\n", HEAD.join(" | "));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.cells().join(" | "));
    }
    let versions: Vec<_> = versions.iter().map(|(host, version)| format!("{host} {version}")).collect();
    let _ = writeln!(text, "\nOn {}; {}.", versions.join(", "), super::report::machine());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A case in which each subject took so long in each of three rounds.
    fn figure(part: &str, case: Value, taken: &[(&str, f64)]) -> Figure {
        let samples: Vec<Value> = (0..3)
            .flat_map(|round| {
                taken.iter().map(
                    move |(subject, value)| json!({ "subject": subject, "round": round, "count": 1, "value": value }),
                )
            })
            .collect();
        let taken = json!({ "run": part, "case": case, "samples": samples });
        Figure::new(Host::Node24, serde_json::from_value(taken).unwrap()).unwrap()
    }

    fn text_of(size: usize) -> Value {
        json!({ "kind": "text", "size": size })
    }

    #[test]
    fn a_ratio_over_the_goal_is_missed_and_says_where() {
        let rows = |package| {
            let taken = |package| [("bare", 100.0), ("package", package), ("again", 99.0), ("ws", 80.0)];
            let fast = figure("receive", text_of(16), &taken(90.0));
            all(&[fast, figure("receive", text_of(1024), &taken(package))], &[])
        };
        let [met] = &rows(103.0)[..] else { panic!("one row, for there is no CPU time") };
        assert!(met.met);
        assert_eq!(met.notes, ["the bare host again 0.99", "ws 0.80"]);
        let [missed] = &rows(120.0)[..] else { panic!("one row") };
        assert!(!missed.met);
        let over = "over in 1 of 2, most with text, 1 KiB: 1.20";
        assert_eq!(missed.notes, ["the bare host again 0.99", "ws 0.80", over]);
    }

    #[test]
    fn own_costs_are_compared_with_partysocket_and_with_the_cheapest() {
        let taken = [("bare", 1.0), ("package", 3.0), ("partysocket", 6.0), ("websocket-ts", 2.0)];
        let rows = all(&[figure("delivery", text_of(11), &taken)], &[]);
        let seen: Vec<_> = rows.iter().map(|row| (row.against.as_str(), row.spread.median, row.met)).collect();
        assert_eq!(seen, [("partysocket", 0.5, true), ("the cheapest peer", 1.5, false)]);
    }

    #[test]
    fn an_import_and_a_connection_are_compared_by_what_they_take_more() {
        let import = figure("startup", json!({ "cache": "cold" }), &[("partysocket", 2.0), ("package", 5.5)]);
        let memory = figure("memory", json!({}), &[("bare", 30_000.0), ("package", 31_000.0)]);
        let rows = all(&[import, memory], &[]);
        let seen: Vec<_> = rows.iter().map(|row| (row.spread.median, row.met)).collect();
        assert_eq!(seen, [(3.5, false), (1000.0, true)]);
    }

    #[test]
    fn wasm_memory_may_not_grow_in_any_case() {
        let large = |grown| figure("large", text_of(64 << 20), &[("package", grown), ("gloo-net", 7.0)]);
        assert!(all(&[large(0.0), large(0.0)], &[])[0].met);
        assert!(!all(&[large(0.0), large(0.0), large(65536.0)], &[])[0].met);
    }

    #[test]
    fn a_download_has_to_be_the_least_of_the_wasm_packages() {
        let of = |name, gzipped, is_wasm| Download { name, javascript: 0, wasm: 0, gzipped, is_wasm };
        let met = |sizes: &[Download]| all(&[], sizes)[0].met;
        assert!(met(&[
            of("fourd-websocket", 9_000, true),
            of("partysocket", 2_000, false),
            of("gloo-net", 9_001, true)
        ]));
        assert!(!met(&[of("fourd-websocket", 9_000, true), of("gloo-net", 9_000, true)]));
        assert!(!met(&[of("fourd-websocket", 10_001, true)]));
    }
}

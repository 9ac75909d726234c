//! The table of goals and measurements.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::download::Download;
use crate::figure::{Figure, Host, Spread, Time};
use crate::part::Part;

const BARE: &str = "bare";
/// The bare host again, to show the difference between equal subjects.
const AGAIN: &str = "again";
const PARTYSOCKET: &str = "partysocket";
/// The alternatives for programs in Rust.
const RUST_PEERS: [&str; 2] = ["gloo-net", "ws-stream"];

/// The upper limit for a page's download in bytes. `size.rs` has a budget below it.
const DOWNLOAD: f64 = 18_000.0;

/// The goal for messages from end to end, and for opening and closing connections, as a multiple of the bare host's
/// time.
const MESSAGES: f64 = 1.03;
const CONNECTIONS: f64 = 1.10;

/// The goal for the import and the first connection: the time above that of partysocket, in milliseconds.
const STARTUP: f64 = 4.0;

/// The goal for an open connection: the bytes above the bare host's, of JavaScript's heap and of wasm memory.
const MEMORY: f64 = 3584.0;

/// The goal for delivering a message to a program in JavaScript, by kind, in nanoseconds.
const DELIVERY: [(&str, &str, f64); 2] =
    [("text", "own cost of delivery, text", 25.0), ("object", "own cost of delivery, object", 60.0)];

/// A line of the table.
#[derive(Serialize)]
pub struct Row {
    what: &'static str,
    /// The host of the measurement.
    host: String,
    /// The subject that the package is compared with.
    against: String,
    unit: Unit,
    spread: Spread,
    /// The upper limit.
    goal: f64,
    met: bool,
    /// The results of other subjects, and the cases in which the package exceeds its goal.
    notes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// The package's cost, divided by that of the other subject.
    Ratio,
    /// The cost above that of the other subject.
    Milliseconds,
    Nanoseconds,
    Bytes,
}

impl Unit {
    pub fn show(self, number: f64) -> String {
        match self {
            Self::Ratio => format!("{number:.2}"),
            Self::Milliseconds => format!("{number:.1} ms"),
            Self::Nanoseconds => format!("{number:.0} ns"),
            Self::Bytes => format!("{number:.0} B"),
        }
    }
}

/// A comparison of two times or sizes.
#[derive(Clone, Copy)]
struct Compare {
    of: fn(f64, f64) -> f64,
    unit: Unit,
}

const RATIO: Compare = Compare { of: |one, other| one / other, unit: Unit::Ratio };
const MORE_TIME: Compare = Compare { of: |one, other| one - other, unit: Unit::Milliseconds };
const MORE_BYTES: Compare = Compare { of: |one, other| one - other, unit: Unit::Bytes };
/// The arguments are milliseconds.
const OWN_COST: Compare = Compare { of: |one, bare| (one - bare) * 1e6, unit: Unit::Nanoseconds };

/// Every line for which there are figures.
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
    let host = host.title.to_owned();
    let row = |what, against: &str, unit, goal, numbers: Vec<f64>, notes| {
        let spread = Spread::of(numbers)?;
        let against = title(against).to_owned();
        Some(Row { what, host: host.clone(), against, unit, spread, goal, met: spread.median <= goal, notes })
    };
    let beside = |what, of: &[&Figure], other: &str, time, compare: Compare, goal, mut notes: Vec<String>| {
        notes.extend(over(of, other, time, compare, goal));
        row(what, other, compare.unit, goal, compared(of, other, time, compare), notes)
    };
    match part {
        Part::Delivery => {
            let own = DELIVERY.into_iter().filter_map(|(kind, what, goal)| {
                let of = of_kind(of, kind);
                beside(what, &of, BARE, Time::Wall, OWN_COST, goal, own_costs(&of))
            });
            let what = "delivery, without a host";
            own.chain(beside(what, of, PARTYSOCKET, Time::Wall, RATIO, 1.0, own_costs(of))).collect()
        }
        Part::Rust => {
            let what = "delivery of text to a program in Rust";
            let rows = RUST_PEERS.into_iter();
            rows.filter_map(|peer| beside(what, of, peer, Time::Wall, RATIO, 1.0, own_costs(of))).collect()
        }
        Part::Sending => {
            let text = of_kind(of, "text");
            let what = "send of text, without a host";
            beside(what, &text, PARTYSOCKET, Time::Wall, RATIO, 1.0, own_costs(&text)).into_iter().collect()
        }
        Part::Receive | Part::Send | Part::Connections => {
            let what = match part {
                Part::Receive => ["messages received", "messages received, work of the thread"],
                Part::Send => ["messages sent", "messages sent, work of the thread"],
                _ => ["connections opened and closed", "connections opened and closed, work of the thread"],
            };
            let goal = if part == Part::Connections { CONNECTIONS } else { MESSAGES };
            let rows = [Time::Wall, Time::Cpu].into_iter().zip(what);
            rows.filter_map(|(time, what)| beside(what, of, BARE, time, RATIO, goal, others(of, time))).collect()
        }
        Part::Startup => of
            .iter()
            .filter_map(|figure| {
                let what = match figure.case["cache"].as_str() {
                    Some("cold") => "import to first connection",
                    _ => "import to first connection, again",
                };
                beside(what, &[*figure], PARTYSOCKET, Time::Wall, MORE_TIME, STARTUP, Vec::new())
            })
            .collect(),
        Part::Memory => {
            let bare = of.iter().find_map(|figure| figure.spread(BARE));
            let wasm = of.iter().find_map(|figure| Spread::of(figure.wasm(part.ours())));
            let notes = [
                wasm.map(|wasm| format!("wasm memory {} of it", Unit::Bytes.show(wasm.median))),
                bare.map(|bare| format!("the bare host {}", Unit::Bytes.show(bare.median))),
            ];
            let notes = notes.into_iter().flatten().collect();
            let what = "memory of an open connection";
            beside(what, of, BARE, Time::Wall, MORE_BYTES, MEMORY, notes).into_iter().collect()
        }
        Part::Large => {
            let grown = |subject: &str| {
                let spreads = of.iter().filter_map(|figure| figure.spread(subject));
                spreads.map(|spread| spread.median).collect::<Vec<_>>()
            };
            let gloo = Spread::of(grown("gloo-net")).map(|gloo| format!("gloo-net {}", Unit::Bytes.show(gloo.median)));
            let what = "wasm memory for 64 MiB messages";
            row(what, "before", Unit::Bytes, 0.0, grown(part.ours()), gloo.into_iter().collect())
                .map(|row| Row { met: row.spread.high <= 0.0, ..row })
                .into_iter()
                .collect()
        }
        Part::Download => Vec::new(),
    }
}

/// The cases of one kind of message.
fn of_kind<'a>(of: &[&'a Figure], kind: &str) -> Vec<&'a Figure> {
    of.iter().copied().filter(|figure| figure.case["kind"] == kind).collect()
}

/// The comparison of the package or the crate with another subject, over all cases and rounds.
fn compared(of: &[&Figure], other: &str, time: Time, compare: Compare) -> Vec<f64> {
    of.iter().flat_map(|figure| figure.compared(figure.part.ours(), other, time, compare.of)).collect()
}

/// The cost of each subject above that of a bare listener, by case.
fn own_costs(of: &[&Figure]) -> Vec<String> {
    let subjects = of.first().map(|figure| figure.subjects()).unwrap_or_default();
    let own = |subject: &str| {
        let of_case = |figure: &&Figure| {
            let more = figure.compared(subject, BARE, Time::Wall, OWN_COST.of);
            Spread::of(more).map(|spread| format!("{:.0}", spread.median))
        };
        let costs: Vec<_> = of.iter().filter_map(of_case).collect();
        format!("{} {}", title(subject), costs.join("/"))
    };
    let costs: Vec<_> = subjects.into_iter().filter(|subject| *subject != BARE).map(own).collect();
    let cases: Vec<_> = of.iter().map(|figure| figure.title()).collect();
    vec![format!("own cost in ns ({}): {}", cases.join("/"), costs.join(", "))]
}

/// The results of the other subjects, compared with the host.
fn others(of: &[&Figure], time: Time) -> Vec<String> {
    let mut subjects: Vec<&str> = of.iter().flat_map(|figure| figure.subjects()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let ours = of.first().map_or("", |figure| figure.part.ours());
    let others = subjects.into_iter().filter(|subject| ![ours, BARE].contains(subject));
    others
        .filter_map(|other| {
            let ratios = of.iter().flat_map(|figure| figure.compared(other, BARE, time, RATIO.of));
            Spread::of(ratios.collect()).map(|spread| format!("{} {:.2}", title(other), spread.median))
        })
        .collect()
}

/// The number of cases with a median over the goal, and the one that exceeds it most.
fn over(of: &[&Figure], other: &str, time: Time, compare: Compare, goal: f64) -> Option<String> {
    let median = |figure: &&Figure| {
        let numbers = figure.compared(figure.part.ours(), other, time, compare.of);
        Some((Spread::of(numbers)?.median, figure.title()))
    };
    let medians: Vec<(f64, String)> = of.iter().filter_map(median).filter(|(median, _)| *median > goal).collect();
    let (median, case) = medians.iter().max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    let shown = compare.unit.show(*median);
    (of.len() > 1).then(|| format!("over in {} of {}, most with {case}: {shown}", medians.len(), of.len()))
}

fn download(downloads: &[Download]) -> Option<Row> {
    let package = downloads.first()?;
    let gzipped = package.gzipped as f64;
    let others = downloads[1..].iter();
    let notes = others.clone().map(|other| format!("{} {}", other.name, other.gzipped)).collect();
    let is_least = others.filter(|other| other.is_rival).all(|other| package.gzipped < other.gzipped);
    Some(Row {
        what: "bytes to download, gzip -9",
        host: "a minimal app".into(),
        against: RUST_PEERS.map(title).join(" and "),
        unit: Unit::Bytes,
        spread: Spread { low: gzipped, median: gzipped, high: gzipped },
        goal: DOWNLOAD,
        met: is_least && gzipped <= DOWNLOAD,
        notes,
    })
}

/// The title of a subject.
fn title(subject: &str) -> &str {
    match subject {
        "package" => "fourd-websocket",
        "unread" => "fourd-websocket without asking for the text",
        "ws-stream" => "ws_stream_wasm",
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

/// The table for the page of benchmarks, without the notes, which are only in figures.json. `machine` is the machine of
/// the measurement.
pub fn markdown(rows: &[Row], versions: &BTreeMap<&str, String>, machine: &str) -> String {
    const COLUMNS: usize = HEAD.len() - 1;
    let mut text = format!("| {} |\n|---|---|---|--:|--:|--:|\n", HEAD[..COLUMNS].join(" | "));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.cells()[..COLUMNS].join(" | "));
    }
    let versions: Vec<_> = versions.iter().map(|(host, version)| format!("{host} {version}")).collect();
    let _ = writeln!(text, "\nOn {}; {}.", versions.join(", "), machine);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A case with these times for each subject in each of three rounds.
    fn figure(part: &str, case: Value, taken: &[(&str, f64)]) -> Figure {
        let samples: Vec<Value> = (0..3)
            .flat_map(|round| {
                taken.iter().map(
                    move |(subject, value)| json!({ "subject": subject, "round": round, "count": 1, "value": value }),
                )
            })
            .collect();
        let taken = json!({ "run": part, "case": case, "samples": samples });
        Figure::new(Host { name: "node24", title: "Node 24" }, serde_json::from_value(taken).unwrap()).unwrap()
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

    /// The comparison of each row, its median, and whether the goal is met.
    fn seen(rows: &[Row]) -> Vec<(&str, &str, f64, bool)> {
        let round = |number: f64| (number * 100.0).round() / 100.0;
        rows.iter().map(|row| (row.what, row.against.as_str(), round(row.spread.median), row.met)).collect()
    }

    #[test]
    fn delivery_has_its_own_cost_by_kind_and_a_ratio_to_partysocket() {
        let taken = |package| [("bare", 0.0001), ("package", package), ("partysocket", 0.0005)];
        let object = json!({ "kind": "object", "size": 11 });
        let rows = all(
            &[
                figure("delivery", text_of(11), &taken(0.00012)),
                figure("delivery", text_of(1024), &taken(0.00013)),
                figure("delivery", object, &taken(0.0002)),
            ],
            &[],
        );
        let text = ("own cost of delivery, text", "the bare host", 25.0, true);
        let object = ("own cost of delivery, object", "the bare host", 100.0, false);
        assert_eq!(seen(&rows), [text, object, ("delivery, without a host", "partysocket", 0.26, true)]);
        let costs = "own cost in ns (text, 11 B/text, 1 KiB): fourd-websocket 20/30, partysocket 400/400";
        assert_eq!(rows[0].notes, [costs, "over in 1 of 2, most with text, 1 KiB: 30 ns"]);
    }

    #[test]
    fn sent_is_only_text_compared() {
        let taken = |package| [("bare", 1.0), ("package", package), ("partysocket", 2.0)];
        let binary = figure("sending", json!({ "kind": "binary", "size": 11 }), &taken(9.0));
        let rows = all(&[figure("sending", text_of(11), &taken(2.0)), binary], &[]);
        assert_eq!(seen(&rows), [("send of text, without a host", "partysocket", 1.0, true)]);
    }

    #[test]
    fn a_program_in_rust_is_compared_with_each_peer() {
        let taken = [("bare", 1.0), ("fourd-websocket", 2.0), ("unread", 1.5), ("gloo-net", 4.0), ("ws-stream", 1.6)];
        let rows = all(&[figure("rust", text_of(11), &taken)], &[]);
        let what = "delivery of text to a program in Rust";
        assert_eq!(seen(&rows), [(what, "gloo-net", 0.5, true), (what, "ws_stream_wasm", 1.25, false)]);
    }

    #[test]
    fn an_import_and_a_connection_are_compared_by_what_they_take_more() {
        let import = figure("startup", json!({ "cache": "cold" }), &[("partysocket", 2.0), ("package", 6.5)]);
        let memory = figure("memory", json!({}), &[("bare", 30_000.0), ("package", 31_000.0)]);
        let rows = all(&[import, memory], &[]);
        let seen: Vec<_> = rows.iter().map(|row| (row.spread.median, row.met)).collect();
        assert_eq!(seen, [(4.5, false), (1000.0, true)]);
    }

    #[test]
    fn wasm_memory_may_not_grow_in_any_case() {
        let large = |grown| figure("large", text_of(64 << 20), &[("package", grown), ("gloo-net", 7.0)]);
        assert!(all(&[large(0.0), large(0.0)], &[])[0].met);
        assert!(!all(&[large(0.0), large(0.0), large(65536.0)], &[])[0].met);
    }

    #[test]
    fn a_download_has_to_be_less_than_what_a_program_in_rust_would_use() {
        let of = |name, gzipped, is_rival| Download { name, javascript: 0, wasm: 0, gzipped, is_rival };
        let met = |sizes: &[Download]| all(&[], sizes)[0].met;
        assert!(met(&[
            of("fourd-websocket", 17_000, false),
            of("partysocket", 2_000, false),
            of("gloo-net", 17_001, true)
        ]));
        assert!(!met(&[of("fourd-websocket", 17_000, false), of("gloo-net", 17_000, true)]));
        assert!(!met(&[of("fourd-websocket", 18_001, false)]));
    }
}

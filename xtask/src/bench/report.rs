//! `target/bench/report.html` with plots, and `target/bench/figures.json` with every sample.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use serde_json::json;

use super::download::Download;
use super::figure::{Figure, Spread, Time};
use super::row::{self, Row};
use super::svg::Plot;
use super::{Part, directory};
use crate::host::Host;
use crate::repo::Repo;
use crate::step;

/// Writes both.
pub fn write(
    repo: &Repo,
    versions: &BTreeMap<&str, String>,
    figures: &[Figure],
    downloads: &[Download],
    rows: &[Row],
) -> Result<()> {
    let dir = directory(repo)?;
    let all: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({
                "host": figure.host.name(), "run": figure.part.name(), "case": figure.case, "samples": figure.samples,
            })
        })
        .collect();
    let json = json!({
        "machine": machine(), "versions": versions, "rows": rows, "downloads": downloads, "figures": all,
    });
    for (file, text) in
        [("figures.json", format!("{json:#}\n")), ("report.html", html(versions, figures, downloads, rows))]
    {
        let file = dir.join(file);
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    step::say("target/bench/report.html has plots, target/bench/figures.json every sample");
    Ok(())
}

/// What it was measured on.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let plural = if cores == 1 { "" } else { "s" };
    format!("{cores} core{plural}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn html(versions: &BTreeMap<&str, String>, figures: &[Figure], downloads: &[Download], rows: &[Row]) -> String {
    let mut text = include_str!("report.html").to_owned();
    let versions: Vec<_> = versions.iter().map(|(host, version)| format!("{host} {version}")).collect();
    let about = format!("{}. {}.", versions.join(", "), machine());
    text = text.replace("{about}", &about).replace("{rows}", &row::html(rows));
    text.replace("{plots}", &(plots(figures) + &sizes(downloads)))
}

/// A plot for each part on each host.
fn plots(figures: &[Figure]) -> String {
    let mut text = String::new();
    let mut groups: Vec<(Part, Host)> = Vec::new();
    for figure in figures {
        if !groups.contains(&(figure.part, figure.host)) {
            groups.push((figure.part, figure.host));
        }
    }
    groups.sort_by_key(|(part, _)| *part);
    for (part, host) in groups {
        let of: Vec<&Figure> = figures.iter().filter(|figure| (figure.part, figure.host) == (part, host)).collect();
        let (what, unit, goal) = words(part);
        let host = row::host_title(host);
        let cases = of.iter().map(|figure| (case(figure), subjects(figure))).collect();
        let mut names: Vec<&str> = of.iter().flat_map(|figure| figure.subjects()).collect();
        names.sort_unstable();
        names.dedup();
        let legend = names.iter().map(|name| format!("<span class=\"{name}\">{}</span>", row::title(name)));
        let legend = legend.collect::<String>();
        let svg = Plot { unit, goal, cases }.svg();
        let _ = writeln!(
            text,
            "<section><h2>{}: {host}</h2><p>{what}</p><p class=\"legend\">{legend}</p>{svg}</section>",
            part.name()
        );
    }
    text
}

/// What a plot shows, the unit of its numbers, and the goal.
fn words(part: Part) -> (&'static str, &'static str, Option<f64>) {
    match part {
        Part::Delivery | Part::Rust | Part::Sending => ("Nanoseconds for a message, without a host.", " ns", None),
        Part::Receive | Part::Send => ("Time, divided by that of the bare host in the same round.", "×", Some(1.03)),
        Part::Connections => ("Time, divided by that of the bare host in the same round.", "×", Some(1.10)),
        Part::Startup => ("Milliseconds from the import to the first connection.", " ms", None),
        Part::Memory => ("KiB for each open connection.", " KiB", None),
        Part::Large => ("MiB by which wasm memory grew.", " MiB", None),
        Part::Download => ("", "", None),
    }
}

fn case(figure: &Figure) -> String {
    let title = figure.title();
    match figure.work("bare") {
        Some(work) => format!("{title} (bare: {:.0} % at work)", work * 100.0).trim_start().to_owned(),
        None => title,
    }
}

/// In the unit of `words`.
fn subjects(figure: &Figure) -> Vec<(String, Spread)> {
    let spread = |subject: &str| match figure.part {
        Part::Receive | Part::Send | Part::Connections => {
            Spread::of(figure.compared(subject, "bare", Time::Wall, |one, bare| one / bare))
        }
        part => {
            let factor = match part {
                Part::Delivery | Part::Rust | Part::Sending => 1e6,
                Part::Memory => 1.0 / 1024.0,
                Part::Large => 1.0 / 1_048_576.0,
                _ => 1.0,
            };
            let Spread { low, median, high } = figure.spread(subject)?;
            Some(Spread { low: low * factor, median: median * factor, high: high * factor })
        }
    };
    let subjects = figure.subjects().into_iter();
    subjects.filter_map(|subject| Some((subject.to_owned(), spread(subject)?))).collect()
}

fn sizes(downloads: &[Download]) -> String {
    if downloads.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "<section><h2>download</h2><p>Bytes of a minimal app that opens, sends, receives and closes.</p><div class=\"wide\">\
         <table><thead><tr><th></th><th>JavaScript</th><th>wasm</th><th>gzip -9</th></tr></thead><tbody>",
    );
    for Download { name, javascript, wasm, gzipped, .. } in downloads {
        let _ = writeln!(text, "<tr><td>{name}</td><td>{javascript}</td><td>{wasm}</td><td>{gzipped}</td></tr>");
    }
    text + "</tbody></table></div></section>\n"
}

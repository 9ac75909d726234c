//! What the README shows of the project: its tables as the last runs gave them, and the chat.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::repo::Repo;
use crate::run::host::{Host, Suite};
use crate::run::table::Table;
use crate::step;

/// Where a table stands: between these two lines.
struct Place {
    start: &'static str,
    end: &'static str,
}

/// The screenshots that it shows.
const PICTURES: [&str; 2] = ["drawer-1280-light.png", "talk-390-dark.png"];

const HOSTS: Place =
    Place { start: "<!-- hosts: written by `cargo xtask test --require-all --readme` -->\n", end: "<!-- /hosts -->\n" };
const DOWNLOADS: Place =
    Place { start: "<!-- downloads: written by `cargo xtask bench --readme` -->\n", end: "<!-- /downloads -->\n" };
const BENCH: Place =
    Place { start: "<!-- bench: written by `cargo xtask bench --readme` -->\n", end: "<!-- /bench -->\n" };

/// Puts the table of hosts in place of the one that is there.
pub fn write(repo: &Repo, table: &Table) -> Result<()> {
    put(repo, &HOSTS, &hosts(table))
}

/// Puts what a page downloads in place of what is there.
pub fn write_downloads(repo: &Repo, table: &str) -> Result<()> {
    put(repo, &DOWNLOADS, table)
}

/// Puts what the bench measured in place of what is there.
pub fn write_bench(repo: &Repo, table: &str) -> Result<()> {
    put(repo, &BENCH, table)
}

/// Puts the screenshots of the last run where README.md shows them.
pub fn copy_pictures(repo: &Repo) -> Result<()> {
    let dir = repo.path("www/pictures");
    fs::create_dir_all(&dir)?;
    for name in PICTURES {
        let picture = repo.path("target/chat").join(name);
        fs::copy(&picture, dir.join(name)).with_context(|| format!("copying {}", picture.display()))?;
    }
    Ok(())
}

fn put(repo: &Repo, place: &Place, table: &str) -> Result<()> {
    let file = repo.path("README.md");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let replaced = place.replace(&text, table).with_context(|| {
        format!("README.md has no place for the table; it is between {:?} and {:?}", place.start, place.end)
    })?;
    fs::write(&file, replaced).with_context(|| format!("writing {}", file.display()))?;
    step::say("README.md has the table of this run");
    Ok(())
}

impl Place {
    fn replace(&self, text: &str, table: &str) -> Option<String> {
        let Self { start, end } = self;
        let (before, rest) = text.split_once(start)?;
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{start}{table}{end}{after}"))
    }
}

fn hosts(table: &Table) -> String {
    let mut text =
        String::from("| host | version | contract: passed | skipped | and beside it |\n|---|---|--:|--:|---|\n");
    for (host, title) in Host::value_variants().iter().filter_map(|host| Some((host, host.title()?))) {
        // The crate's class runs the same cases as the package, and is not what users of a host ask for.
        let outcomes = || table.of_host(host.name());
        let Some(contract) = outcomes().find(|outcome| outcome.what == Suite::Package.name()) else {
            continue;
        };
        let others = outcomes().filter(|outcome| ![Suite::Package.name(), Suite::Crate.name()].contains(&outcome.what));
        let others =
            others.map(|outcome| format!("{} {}", outcome.what, outcome.passed)).collect::<Vec<_>>().join(", ");
        let (version, passed, skipped) = (&contract.version, contract.passed, contract.skipped());
        let _ = writeln!(text, "| {title} | {version} | {passed} | {skipped} | {others} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::Outcome;

    #[test]
    fn the_table_has_a_line_for_each_host_with_the_contract() {
        let mut table = Table::default();
        let mut outcome = |host, what, passed| {
            let mut outcome = Outcome::new(host, what, "1.2.3");
            outcome.passed = passed;
            outcome.skip("it cannot", 2);
            table.add(outcome);
        };
        outcome("native", "workspace", 90);
        outcome("node20", "package", 300);
        outcome("node20", "crate", 280);
        outcome("node20", "faults", 12);
        outcome("firefox", "package", 250);
        let lines = hosts(&table);
        let expected =
            ["| Node 20 with `ws` | 1.2.3 | 300 | 2 | faults 12 |", "| Firefox, page | 1.2.3 | 250 | 2 |  |"];
        assert_eq!(lines.lines().skip(2).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_readme_has_a_place_for_each_table() {
        let readme = include_str!("../../README.md");
        for place in [HOSTS, DOWNLOADS, BENCH] {
            assert!(place.replace(readme, "").is_some(), "{}", place.start);
        }
    }

    #[test]
    fn only_the_table_is_replaced() {
        let Place { start, end } = HOSTS;
        let text = format!("before\n{start}old\n{end}after\n");
        assert_eq!(HOSTS.replace(&text, "new\n").unwrap(), format!("before\n{start}new\n{end}after\n"));
        assert_eq!(BENCH.replace(&text, "new\n"), None);
    }
}

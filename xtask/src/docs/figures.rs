//! The figures on the pages of docs/: tables of what the last runs gave.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::repo::Repo;
use crate::run::host::{Host, Suite};
use crate::run::table::Table;
use crate::step;

/// Where a table stands: on this page, between these two lines.
struct Place {
    page: &'static str,
    start: &'static str,
    end: &'static str,
}

const HOSTS: Place = Place {
    page: "docs/guide/hosts.md",
    start: "<!-- hosts: written by `cargo xtask test --require-all --write` -->\n",
    end: "<!-- /hosts -->\n",
};
const DOWNLOADS: Place = Place {
    page: BENCHMARKS,
    start: "<!-- downloads: written by `cargo xtask bench --write` -->\n",
    end: "<!-- /downloads -->\n",
};
const BENCH: Place = Place {
    page: BENCHMARKS,
    start: "<!-- bench: written by `cargo xtask bench --write` -->\n",
    end: "<!-- /bench -->\n",
};

const BENCHMARKS: &str = "docs/guide/benchmarks.md";

/// Puts the table of hosts in place of the one that is there.
pub fn write_hosts(repo: &Repo, table: &Table) -> Result<()> {
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

fn put(repo: &Repo, place: &Place, table: &str) -> Result<()> {
    let page = place.page;
    let file = repo.path(page);
    let text = fs::read_to_string(&file).with_context(|| format!("reading {page}"))?;
    let replaced = place.replace(&text, table).with_context(|| {
        format!("{page} has no place for the table; it is between {:?} and {:?}", place.start, place.end)
    })?;
    fs::write(&file, replaced).with_context(|| format!("writing {page}"))?;
    step::say(format!("{page} has the table of this run"));
    Ok(())
}

impl Place {
    fn replace(&self, text: &str, table: &str) -> Option<String> {
        let Self { start, end, .. } = self;
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
    fn each_table_has_its_place_on_a_page() {
        let repo = Repo::open().expect("the checkout");
        for place in [HOSTS, DOWNLOADS, BENCH] {
            let page = fs::read_to_string(repo.path(place.page)).expect("a page");
            assert!(place.replace(&page, "").is_some(), "{}", place.start);
        }
    }

    #[test]
    fn only_the_table_is_replaced() {
        let Place { start, end, .. } = HOSTS;
        let text = format!("before\n{start}old\n{end}after\n");
        assert_eq!(HOSTS.replace(&text, "new\n").unwrap(), format!("before\n{start}new\n{end}after\n"));
        assert_eq!(BENCH.replace(&text, "new\n"), None);
    }
}

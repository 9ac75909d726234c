//! The figures on the pages of docs/: tables of the results of the last runs.

use std::fmt::Write;

use anyhow::Result;
use clap::ValueEnum;

use crate::docs::section::Section;
use crate::repo::Repo;
use crate::run::host::{Host, Suite};
use crate::run::table::Table;

const HOSTS: Section = Section {
    page: "docs/guide/support.md",
    start: "<!-- hosts: written by `cargo xtask test --require-all --write` -->\n",
    end: "<!-- /hosts -->\n",
};
/// The downloads of minimal applications.
pub const DOWNLOADS: Section = Section {
    page: BENCHMARKS,
    start: "<!-- downloads: written by `cargo xtask bench --write` -->\n",
    end: "<!-- /downloads -->\n",
};
/// The results of the benchmark.
pub const BENCH: Section = Section {
    page: BENCHMARKS,
    start: "<!-- bench: written by `cargo xtask bench --write` -->\n",
    end: "<!-- /bench -->\n",
};

const BENCHMARKS: &str = "docs/guide/benchmarks.md";

/// Writes the table of hosts.
pub fn write_hosts(repo: &Repo, table: &Table) -> Result<()> {
    HOSTS.write(repo, &hosts(table))
}

fn hosts(table: &Table) -> String {
    let mut text =
        String::from("| host | version | contract: passed | skipped | and beside it |\n|---|---|--:|--:|---|\n");
    for (host, title) in Host::value_variants().iter().filter_map(|host| Some((host, host.title()?))) {
        // The crate's class runs the same cases as the package, and is not relevant to users of a host.
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
    use crate::files;
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
        for section in [HOSTS, DOWNLOADS, BENCH] {
            let page = files::read_text(&repo.path(section.page)).expect("a page");
            assert!(section.replace(&page, "").is_some(), "{}", section.start);
        }
    }

    #[test]
    fn only_the_table_is_replaced() {
        let Section { start, end, .. } = HOSTS;
        let text = format!("before\n{start}old\n{end}after\n");
        assert_eq!(HOSTS.replace(&text, "new\n").unwrap(), format!("before\n{start}new\n{end}after\n"));
        assert_eq!(BENCH.replace(&text, "new\n"), None);
    }
}

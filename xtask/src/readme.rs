//! What the README shows of the project: its example, and the table of hosts as the last run gave it.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::host::{Host, Suite};
use crate::repo::Repo;
use crate::step;
use crate::table::Table;

const START: &str = "<!-- hosts: written by `cargo xtask test --require-all --readme` -->\n";
const END: &str = "<!-- /hosts -->\n";

/// Where the README's example stands, as it is run.
const EXAMPLE: &str = "tests/packaging/readme/example.mjs";

/// What the README shows is what runs.
pub fn check_example(repo: &Repo) -> Result<()> {
    let read = |file: &str| fs::read_to_string(repo.path(file)).with_context(|| format!("reading {file}"));
    let (readme, example) = (read("README.md")?, read(EXAMPLE)?);
    ensure!(
        readme.contains(&format!("```js\n{}\n```", example.trim_end())),
        "README.md has no ```js block with the text of {EXAMPLE}; copy the file into it, character by character"
    );
    Ok(())
}

/// Puts the table in place of the one that is there.
pub fn write(repo: &Repo, table: &Table) -> Result<()> {
    let file = repo.path("README.md");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let replaced = replace(&text, &hosts(table)).with_context(|| {
        format!("README.md has no place for the table of hosts; it is between {START:?} and {END:?}")
    })?;
    fs::write(&file, replaced).with_context(|| format!("writing {}", file.display()))?;
    step::say("README.md has the table of hosts of this run");
    Ok(())
}

fn replace(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}{table}{END}{after}"))
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
    use crate::outcome::Outcome;

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
    fn only_the_table_is_replaced() {
        let text = format!("before\n{START}old\n{END}after\n");
        assert_eq!(replace(&text, "new\n").unwrap(), format!("before\n{START}new\n{END}after\n"));
        assert_eq!(replace("no table", "new\n"), None);
    }
}

//! What the registries would say and get, without a login and without sending anything.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::notices;
use crate::repo::Repo;
use crate::step;
use crate::tools::npm;

/// What is in the npm package, no more and no less.
const FILES: [&str; 11] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    notices::FILE,
    "edge.js",
    "fourd_websocket.wasm",
    "index.d.ts",
    "index.js",
    "package.json",
    "slim.d.ts",
    "slim.js",
];

/// Warnings of cargo that are no fault: nothing is sent; the version is there already; the tests, which need the suite of
/// the npm package, are left out of the crate; and the workspace has settings for more than this crate.
const EXPECTED: [&str; 4] = [
    "aborting upload due to dry run",
    "already exists on crates.io index",
    "is not included in the published package",
    "profile package spec `test-server`",
];

/// Fails if npm would correct something in `pkg/`, or send other files than it should.
pub fn npm(repo: &Repo) -> Result<()> {
    let mut publish = npm::npm();
    // Offline, for a version that is published already is no fault of the package.
    publish.args("publish ./pkg --dry-run --offline --ignore-scripts --json".split(' ')).current_dir(repo.root());
    let output = step::capture(&mut publish)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "npm would not publish it:\n{said}");
    let warnings: Vec<_> = said.lines().filter(|line| line.to_lowercase().starts_with("npm warn publish")).collect();
    let clean = warnings.iter().all(|line| line.contains("requires you to be logged in"));
    ensure!(clean, "npm warns; mend pkg-template/package.json:\n{}", warnings.join("\n"));

    let listed: Value = serde_json::from_slice(&output.stdout).context("reading what npm would publish")?;
    // npm 11 puts it under the package's name.
    let package = listed.get("fourd-websocket").unwrap_or(&listed);
    let files = package["files"].as_array().context("npm lists the files it would publish")?;
    let files: BTreeSet<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    let expected = BTreeSet::from(FILES);
    let (more, less) = (files.difference(&expected), expected.difference(&files));
    let (more, less): (Vec<_>, Vec<_>) = (more.collect(), less.collect());
    ensure!(more.is_empty() && less.is_empty(), "npm would publish {more:?} too, and not {less:?}");
    Ok(())
}

/// Fails if cargo would not publish the crate, or warns of something.
pub fn cargo(repo: &Repo) -> Result<()> {
    let mut publish = Command::new("cargo");
    publish.args("publish --dry-run --allow-dirty --package fourd-websocket".split(' ')).current_dir(repo.root());
    let output = step::capture(&mut publish)?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo would not publish it:\n{said}");
    let is_expected = |line: &str| EXPECTED.iter().any(|expected| line.contains(expected));
    let clean = said.lines().filter(|line| line.trim_start().starts_with("warning")).all(is_expected);
    ensure!(clean, "cargo warns:\n{said}");
    Ok(())
}

/// A page with an example that is a file, so that it runs as a user runs it.
const EXAMPLE: (&str, &str) = ("docs/guide/start.md", "tests/packaging/guide/example.mjs");

/// Fails if the page shows another example than the one that is run.
pub fn example(repo: &Repo) -> Result<()> {
    let read = |file: &str| fs::read_to_string(repo.path(file)).with_context(|| format!("reading {file}"));
    let (page, file) = EXAMPLE;
    ensure!(
        read(page)?.contains(&format!("```js\n{}\n```", read(file)?.trim_end())),
        "{page} has no ```js block with the text of {file}; copy the file into it, character by character"
    );
    Ok(())
}

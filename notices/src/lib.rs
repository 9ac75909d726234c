//! The third-party notices of the npm package: the licences of the crates that are compiled into its module.

#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The name of the file with the notices, in the package and on the site.
pub const FILE: &str = "THIRD-PARTY-NOTICES.txt";

/// The crates of the package's module, compiled with the features of `cargo xtask pkg`. Procedural macros run in the
/// compiler and are no part of the module.
const TREE: &str = "tree --package fourd-websocket --features small --target wasm32-unknown-unknown \
                    --edges normal,no-proc-macro --prefix none --format {p}";

/// The MIT licence, for crates that ship no licence file. Its first line is this project's copyright.
const MIT: &str = include_str!("../../LICENSE-MIT");

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    license: Option<String>,
    authors: Vec<String>,
    manifest_path: PathBuf,
}

/// The notices for the npm package that is built from the workspace at `root`.
pub fn text(root: &Path) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let library = mit(&["The Rust Project Contributors".into()])?;
    by_text.entry(library).or_default().push("The Rust standard library (MIT OR Apache-2.0)".into());
    for dependency in dependencies(root)? {
        let licence = dependency.license.as_deref().unwrap_or_default();
        let name = format!("{} {} ({licence})", dependency.name, dependency.version);
        by_text.entry(licence_of(&dependency)?).or_default().push(name);
    }
    let mut notices =
        String::from("fourd-websocket is MIT OR Apache-2.0. Its WebAssembly module and its JavaScript contain:\n");
    for (text, names) in by_text {
        notices.push_str(&format!("\n{}\n\n{}\n\n{text}\n", "-".repeat(80), names.join("\n")));
    }
    Ok(notices)
}

/// The third-party crates in the package's module.
fn dependencies(root: &Path) -> Result<Vec<Crate>> {
    let metadata: Metadata = serde_json::from_str(&cargo(root, "metadata --format-version 1 --all-features")?)
        .context("reading the output of cargo metadata")?;
    let mut packages: BTreeMap<_, _> = metadata
        .packages
        .into_iter()
        .map(|package| (format!("{} v{}", package.name, package.version), package))
        .collect();
    let tree = cargo(root, TREE)?;
    // cargo marks a repeated crate with `(*)`, and a crate of this workspace with its directory.
    let names: BTreeSet<_> = tree.lines().filter(|line| !line.contains(" (")).collect();
    ensure!(!names.is_empty(), "cargo tree names no crate");
    let found = |name: &str| packages.remove(name).with_context(|| format!("cargo metadata does not know {name}"));
    names.into_iter().map(found).collect()
}

fn cargo(root: &Path, words: &str) -> Result<String> {
    let mut cargo = Command::new("cargo");
    let output = cargo.args(words.split_whitespace()).current_dir(root).output().context("starting cargo")?;
    ensure!(output.status.success(), "`cargo {words}` failed:\n{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The text of the licence under which a crate is used: the MIT licence where there is a choice.
fn licence_of(dependency: &Crate) -> Result<String> {
    let dir = dependency.manifest_path.parent().context("a manifest is in a directory")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_licence =
            ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|start| name.to_uppercase().starts_with(start));
        if is_licence && !name.to_uppercase().contains("APACHE") {
            files.push(dir.join(name));
        }
    }
    files.sort();
    if files.is_empty() {
        let Crate { name, version, license, authors, .. } = dependency;
        let licence = license.as_deref().unwrap_or_default();
        let is_mit = licence.split(" OR ").any(|choice| choice == "MIT");
        ensure!(is_mit, "{name} {version} is {licence:?} and has no file with its licence");
        return mit(authors);
    }
    let read = |file: &PathBuf| fs::read_to_string(file).with_context(|| format!("reading {}", file.display()));
    let texts: Result<Vec<_>> = files.iter().map(|file| Ok(read(file)?.trim().to_owned())).collect();
    Ok(texts?.join("\n\n"))
}

/// The MIT licence with the copyright of `authors`.
fn mit(authors: &[String]) -> Result<String> {
    let permission = MIT.find("Permission is hereby granted").context("LICENSE-MIT has a permission")?;
    Ok(format!("Copyright (c) {}\n\n{}", authors.join(", "), MIT[permission..].trim()))
}

//! The licences of the code of others: that which is compiled into the package's module, and that of the site.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::repo::Repo;
use crate::server::SITE;
use crate::step;

/// What the file is called, in the package and on the site.
const FILE: &str = "THIRD-PARTY-NOTICES.txt";

/// The crates of the package's module, as `pkg::BUILD` compiles it; what runs in the compiler is no part of it.
const TREE: &str = "tree --package fourd-websocket --features small --target wasm32-unknown-unknown \
                    --edges normal,no-proc-macro --prefix none --format {p}";

/// The one that crates have without a file of it; its first line is a copyright of ours.
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

/// Writes what the npm package has to say.
pub fn write(repo: &Repo) -> Result<()> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let library = mit(&["The Rust Project Contributors".into()])?;
    by_text.entry(library).or_default().push("The Rust standard library (MIT OR Apache-2.0)".into());
    for part in crates(repo)? {
        let licence = part.license.as_deref().unwrap_or_default();
        by_text.entry(text(&part)?).or_default().push(format!("{} {} ({licence})", part.name, part.version));
    }
    let mut notices =
        String::from("fourd-websocket is MIT OR Apache-2.0. Its WebAssembly module and its JavaScript contain:\n");
    for (text, names) in by_text {
        notices.push_str(&format!("\n{}\n\n{}\n\n{text}\n", "-".repeat(80), names.join("\n")));
    }
    let file = repo.pkg().join(FILE);
    fs::write(&file, notices).with_context(|| format!("writing {}", file.display()))
}

/// Adds those of the package, which the site has on a page, to those of its bundle.
pub fn complete_site(repo: &Repo) -> Result<()> {
    let file = repo.path(SITE.1).join(FILE);
    let all = format!("{}\n\n---\n\n{}", read(&file)?, read(&repo.pkg().join(FILE))?);
    fs::write(&file, all).with_context(|| format!("writing {}", file.display()))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// Those of others in the package's module.
fn crates(repo: &Repo) -> Result<Vec<Crate>> {
    let cargo = |words: &str| {
        let mut cargo = Command::new("cargo");
        cargo.args(words.split_whitespace()).current_dir(repo.root());
        step::output(&mut cargo, "fix what cargo names above")
    };
    let metadata: Metadata = serde_json::from_str(&cargo("metadata --format-version 1 --all-features")?)
        .context("reading the output of cargo metadata")?;
    let mut packages: BTreeMap<_, _> =
        metadata.packages.into_iter().map(|part| (format!("{} v{}", part.name, part.version), part)).collect();
    let tree = cargo(TREE)?;
    // What was named before, or is a directory of this repository, has more behind its version.
    let names: BTreeSet<_> = tree.lines().filter(|line| !line.contains(" (")).collect();
    ensure!(!names.is_empty(), "cargo tree names no crate");
    let found = |name: &str| packages.remove(name).with_context(|| format!("cargo metadata does not know {name}"));
    names.into_iter().map(found).collect()
}

/// The text of a licence that a crate may be used under: of those to choose from the MIT licence.
fn text(part: &Crate) -> Result<String> {
    let dir = part.manifest_path.parent().context("a manifest is in a directory")?;
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
        let licence = part.license.as_deref().unwrap_or_default();
        let is_mit = licence.split(" OR ").any(|choice| choice == "MIT");
        ensure!(is_mit, "{} {} is {licence:?} and has no file with its licence", part.name, part.version);
        return mit(&part.authors);
    }
    let texts: Result<Vec<_>> = files.iter().map(|file| Ok(read(file)?.trim().to_owned())).collect();
    Ok(texts?.join("\n\n"))
}

/// The MIT licence with another copyright.
fn mit(authors: &[String]) -> Result<String> {
    let permission = MIT.find("Permission is hereby granted").context("LICENSE-MIT has a permission")?;
    Ok(format!("Copyright (c) {}\n\n{}", authors.join(", "), MIT[permission..].trim()))
}

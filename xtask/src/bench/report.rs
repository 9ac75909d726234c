//! `target/bench/figures.json`, with every sample.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::json;

use super::download::Download;
use super::figure::Figure;
use super::row::{self, Row};
use crate::repo::Repo;
use crate::step;

/// Writes it.
pub fn write(
    repo: &Repo,
    versions: &BTreeMap<&str, String>,
    figures: &[Figure],
    downloads: &[Download],
    rows: &[Row],
) -> Result<()> {
    let all: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({
                "host": figure.host.name(), "run": figure.part.name(), "case": figure.case, "samples": figure.samples,
            })
        })
        .collect();
    let json = json!({
        "machine": row::machine(), "versions": versions, "rows": rows, "downloads": downloads, "figures": all,
    });
    let file = repo.path("target/bench/figures.json");
    fs::create_dir_all(repo.path("target/bench")).context("creating target/bench")?;
    fs::write(&file, format!("{json:#}\n")).with_context(|| format!("writing {}", file.display()))?;
    step::say("target/bench/figures.json has every sample");
    Ok(())
}

//! The programs in pages of the test server.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use fantoccini::Client;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Bench, PATIENCE, Part};
use crate::host::Host;
use crate::limited::LIMIT;
use crate::suite::{self, percent_encoded};
use crate::tools::browser::Browser;
use crate::{bundle, server, step};

/// The subjects of an import, and how often each is imported.
const IMPORTED: [&str; 2] = ["partysocket", "package"];
const IMPORTS: usize = 41;

/// Imported first, uncounted: what a new browser does once falls on it, not on the subject whose turn is first.
const FIRST: &str = "bare";

/// Bundles what pages and their workers run. What an import is measured of is bundled apart: it shares nothing with the
/// rest.
pub fn bundle(bench: &Bench) -> Result<()> {
    for entries in [&["page.js", "worker.js"][..], &["starts/page.js"]] {
        let mut esbuild = bundle::esbuild(bench.repo)?;
        esbuild.current_dir(bench.dir()).args(entries).args(["--splitting", "--outbase=.", "--outdir=site"]);
        step::output(&mut esbuild, "mend tests/bench")?;
    }
    for page in ["page.html", "starts/page.html"] {
        let site = bench.dir().join("site").join(page);
        fs::copy(bench.dir().join(page), &site).with_context(|| format!("writing {}", site.display()))?;
    }
    Ok(())
}

/// One part in a page.
pub async fn run(bench: &Bench<'_>, browser: &Browser, part: Part, host: Host, lines: &mut Vec<String>) -> Result<()> {
    let key = format!("bench-{}-{}-{}", host.name(), part.name(), std::process::id());
    let apps = format!("{}/files/{}/apps", bench.server.http(), server::BENCH.0);
    let config = percent_encoded(&bench.config(part, host, &apps));
    let (_driver, client) = suite::open(browser).await?;
    client.goto(&format!("{}/page.html?key={key}&config={config}", site(bench))).await?;
    let started = Instant::now();
    while lines.last().is_none_or(|line| !line.contains("\"done\"") && !line.contains("\"error\"")) {
        if started.elapsed() > LIMIT {
            bail!("{} {}: not done within {} s", host.name(), part.name(), LIMIT.as_secs());
        }
        lines.extend(next(bench, &key, &client).await?);
    }
    close(client).await;
    Ok(())
}

/// The imports: a browser for each round, which has nothing compiled before; each subject once cold, and once more.
pub async fn startup(bench: &Bench<'_>, browser: &Browser, lines: &mut Vec<String>) -> Result<()> {
    let caches = ["cold", "warm"];
    let mut samples = [Vec::new(), Vec::new()];
    for round in 0..if bench.quick { 1 } else { IMPORTS } {
        let (_driver, client) = suite::open(browser).await?;
        import(bench, &client, FIRST).await?;
        for turn in 0..IMPORTED.len() {
            let subject = IMPORTED[(round + turn) % IMPORTED.len()];
            for samples in &mut samples {
                let value = import(bench, &client, subject).await?;
                samples.push(json!({ "subject": subject, "round": round, "count": 1, "value": value }));
            }
        }
        close(client).await;
    }
    for (cache, samples) in caches.iter().zip(samples) {
        lines.push(json!({ "run": "startup", "case": { "cache": cache }, "samples": samples }).to_string());
    }
    lines.push(json!({ "done": caches.len() }).to_string());
    Ok(())
}

async fn import(bench: &Bench<'_>, client: &Client, subject: &str) -> Result<f64> {
    let key = format!("bench-import-{}", std::process::id());
    client.goto(&format!("{}/starts/page.html?key={key}&subject={subject}", site(bench))).await?;
    let started = Instant::now();
    loop {
        if let [line] = &next(bench, &key, client).await?[..] {
            let taken: Value = serde_json::from_str(line)?;
            return taken["value"].as_f64().with_context(|| format!("the import of {subject} took {line}"));
        }
        if started.elapsed() > PATIENCE * 10 {
            bail!("the import of {subject} was not done within {} s", (PATIENCE * 10).as_secs());
        }
    }
}

fn site(bench: &Bench) -> String {
    format!("{}/files/{}/site", bench.server.http(), server::BENCH.0)
}

/// The lines that came from a page, once there are any; fails if it is gone.
async fn next(bench: &Bench<'_>, key: &str, client: &Client) -> Result<Vec<String>> {
    let path = format!("/report?key={key}&wait={}", PATIENCE.as_millis());
    let (status, body) = bench.server.get(&path, PATIENCE * 10)?;
    if status == 200 {
        return Ok(body.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect());
    }
    if let Ok(Err(error)) = timeout(PATIENCE * 2, client.title()).await {
        bail!("the page is gone: {error}");
    }
    Ok(Vec::new())
}

/// The driver's process group ends the browser if it does not close.
async fn close(client: Client) {
    let _ = timeout(PATIENCE * 3, client.close()).await;
}

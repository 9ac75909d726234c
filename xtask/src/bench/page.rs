//! The programs in pages of the test server.

use std::fs;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::process::Command;

use super::{Bench, Part};
use crate::contract::percent_encoded;
use crate::host::Host;
use crate::tools::browser::Browser;
use crate::{bundle, script, server, step};

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

/// What takes the samples of a part in a page.
pub fn program(bench: &Bench<'_>, browser: &Browser, part: Part, host: Host) -> Result<Command> {
    let http = bench.server.http();
    let (site, browser) = (format!("{http}/files/{}/site", server::BENCH.0), browser.given());
    if part == Part::Startup {
        let reports = format!("{http}/report");
        let given = json!({ "browser": browser, "site": site, "reports": reports, "quick": bench.quick });
        return script::program(bench.repo, "tests/bench/imports.js", &given);
    }
    let key = format!("bench-{}-{}-{}", host.name(), part.name(), std::process::id());
    let config = percent_encoded(&bench.config(part, host, &format!("{http}/files/{}/apps", server::BENCH.0)));
    let url = format!("{site}/page.html?key={key}&config={config}");
    let given = json!({ "browser": browser, "url": url, "reports": format!("{http}/report?key={key}") });
    script::program(bench.repo, "tests/browser/visit.js", &given)
}

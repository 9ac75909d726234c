//! The measuring programs as pages of the test server.

use std::path::Path;

use anyhow::Result;

use crate::files;
use crate::pkg::bundle;
use crate::repo::Repo;
use crate::step;

/// Bundles the scripts of pages and workers. The page that measures an import shares no chunk with the others.
pub fn bundle(repo: &Repo, dir: &Path) -> Result<()> {
    for entries in [&["page.js", "worker.js"][..], &["starts/page.js"]] {
        let mut esbuild = bundle::esbuild(repo)?;
        esbuild.current_dir(dir).args(entries).args(["--splitting", "--outbase=.", "--outdir=site"]);
        step::output(&mut esbuild, "fix tests/bench")?;
    }
    for page in ["page.html", "starts/page.html"] {
        files::copy(&dir.join(page), &dir.join("site").join(page))?;
    }
    Ok(())
}

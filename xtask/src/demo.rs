//! `cargo xtask demo`: the README's example, from the packed npm package to a local server and back.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::{node, npm};
use crate::{package, step};

const EXAMPLE: &str = "www/example.mjs";

/// Builds the package and runs the example with the Node on PATH. The exit code is the example's.
pub fn run(repo: &Repo) -> Result<ExitCode> {
    npm::ensure_npm()?;
    check_readme(repo)?;
    package::build(repo)?;
    let server = Server::start(repo)?;
    let node = node::system().context("there is no Node on PATH; install Node 20 or newer (https://nodejs.org)")?;
    let project = Tarballs::pack(repo)?.install(repo, "demo", node.needs_ws())?;
    fs::copy(repo.path(EXAMPLE), project.join("example.mjs")).with_context(|| format!("copying {EXAMPLE}"))?;

    let url = format!("{}/echo", server.ws());
    step::say(format!("Node {} runs {EXAMPLE} with the packed package and {url}", node.version));
    let status = Command::new(&node.program).args(["example.mjs", &url]).current_dir(&project).status()?;
    if status.success() {
        step::say(format!(
            "that was {EXAMPLE}; next: README.md for the contract, pkg/ for the package, `cargo xtask test --host node24` for its tests"
        ));
    } else {
        step::say(format!("the example failed ({status}); it stands in {EXAMPLE} and ran in target/suite/demo"));
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// What the README shows is what runs.
fn check_readme(repo: &Repo) -> Result<()> {
    let read = |file: &str| fs::read_to_string(repo.path(file)).with_context(|| format!("reading {file}"));
    let (readme, example) = (read("README.md")?, read(EXAMPLE)?);
    if !readme.contains(&format!("```js\n{}\n```", example.trim_end())) {
        bail!("README.md has no ```js block with the text of {EXAMPLE}; copy the file into it, character by character");
    }
    Ok(())
}

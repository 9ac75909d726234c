//! A suite of the packed package in Cloudflare's workerd, bundled and configured as Cloudflare's tools do it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::host::Suite;
use crate::outcome::Outcome;
use crate::package::{self, remove_dir};
use crate::project::{self, Tarballs};
use crate::repo::Repo;
use crate::server::Server;
use crate::step;
use crate::suite::run_script;
use crate::tools::runtime::Program;

/// The package as the project's bundler leaves it.
const PACKAGE: &str = "package.js";

/// Runs the suite in one worker; its results are lines of the program's output.
pub async fn run(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    program: &Program,
    suite: Suite,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let project = tarballs.install(repo, outcome.host, false)?;
    project::copy_dir(&repo.path("tests/suite"), &project.join("suite"))?;
    bundle(repo, &project)?;
    let bindings = [("server", server.http()), ("suite", suite.name().into()), ("filter", filter.unwrap_or("").into())];
    fs::write(project.join("config.capnp"), config(&project, &bindings)?).context("writing config.capnp")?;
    let mut command = Command::new(&program.path);
    command.args(program.options).arg("config.capnp").current_dir(&project);
    run_script(&mut command, outcome).await
}

/// Bundles the package under the conditions that Cloudflare's wrangler sets, with the wasm module beside it.
fn bundle(repo: &Repo, project: &Path) -> Result<()> {
    let out = project.join("bundle");
    remove_dir(&out)?;
    fs::write(project.join(PACKAGE), "export * from \"fourd-websocket\";\n").context("writing the bundle's entry")?;
    let mut esbuild = package::esbuild(repo)?;
    esbuild.current_dir(project).args([PACKAGE, "--outdir=bundle", "--conditions=workerd,worker,browser"]);
    esbuild.args(["--loader:.wasm=copy", "--asset-names=[name]"]);
    step::output(&mut esbuild, "the package does not bundle for workerd; mend pkg-template/edge.js")?;
    if !out.join(package::MODULE).exists() {
        bail!(
            "the condition `workerd` leads to an entry without the wasm module; mend exports in pkg-template/package.json"
        );
    }
    Ok(())
}

/// A worker of all files of the suite, which reaches the test server on this machine.
fn config(project: &Path, bindings: &[(&str, String)]) -> Result<String> {
    // The first module is the worker itself.
    let mut modules = vec!["suite/workerd.js".to_owned()];
    for entry in fs::read_dir(project.join("suite")).context("reading the suite's copy")? {
        let file = format!("suite/{}", entry?.file_name().to_string_lossy());
        if file.ends_with(".js") && !modules.contains(&file) {
            modules.push(file);
        }
    }
    modules[1..].sort();
    modules.push(format!("bundle/{PACKAGE}"));

    let mut text = String::new();
    text += "using Workerd = import \"/workerd/workerd.capnp\";\n\n";
    text += "const config :Workerd.Config = (\n  v8Flags = [\"--expose-gc\"],\n  services = [\n";
    text += "    (name = \"internet\", network = (allow = [\"local\", \"private\"])),\n";
    text += "    (name = \"suite\", worker = (\n      modules = [\n";
    for file in modules {
        let name = file.rsplit('/').next().unwrap_or_default();
        writeln!(text, "        (name = \"{name}\", esModule = embed \"{file}\"),")?;
    }
    writeln!(text, "        (name = \"{0}\", wasm = embed \"bundle/{0}\"),", package::MODULE)?;
    writeln!(text, "      ],\n      compatibilityDate = \"{COMPATIBILITY_DATE}\",\n      bindings = [")?;
    text += "        (name = \"self\", service = \"suite\"),\n";
    for (name, value) in bindings {
        let value = serde_json::to_string(value)?;
        writeln!(text, "        (name = \"{name}\", text = {value}),")?;
    }
    text += "      ],\n    )),\n  ],\n);\n";
    Ok(text)
}

/// What the host does by default changes with it.
const COMPATIBILITY_DATE: &str = "2026-11-17";

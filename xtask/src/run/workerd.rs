//! Suites of the packed package in Cloudflare's workerd, bundled and configured as by Cloudflare's tools.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::files::{self, remove_dir};
use crate::limited::LIMIT;
use crate::pkg::{self, bundle};
use crate::repo::Repo;
use crate::run::choice::Choice;
use crate::run::host::Suite;
use crate::run::outcome::Outcome;
use crate::run::place::Workerd;
use crate::run::trust::Trust;
use crate::run::{cargo, script};
use crate::step;

/// The configuration, with placeholders in capital letters.
const CONFIG: &str = include_str!("../../../tests/contract/run/workerd.capnp");

/// The file name of the bundled package.
const PACKAGE: &str = "package.js";

/// The directory of the bundle.
const BUNDLE: &str = "bundle";

/// Runs the suite in one worker. The results are lines of the program's output.
pub async fn run(workerd: &Workerd, choice: &Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    let repo = choice.repo;
    let project = choice.tarballs.install(repo, outcome.host, false)?;
    files::copy_dir(&repo.path("tests/contract"), &project.join("contract"))?;
    match choice.suite {
        Suite::Rust => bundle_bridge(repo, &project)?,
        _ => bundle_package(repo, &project)?,
    }
    let bindings = [
        ("server", choice.server.http()),
        ("suite", choice.suite.name().into()),
        ("filter", choice.filter.unwrap_or("").into()),
        ("given", choice.given.to_string()),
    ];
    let config = config(&project, workerd.date, &bindings, choice.trust)?;
    files::write(&project.join("config.capnp"), config)?;
    let mut command = Command::new(&workerd.program.path);
    command.args(workerd.program.options).arg("config.capnp").current_dir(&project);
    script::run(&mut command, LIMIT, outcome).await?;
    check_output(outcome);
    Ok(())
}

/// Bundles the package as wrangler does. Checks that the bundle for the edge runtime of Next.js is the same.
fn bundle_package(repo: &Repo, project: &Path) -> Result<()> {
    let entry = "export * from \"fourd-websocket\";\nexport * from \"fourd-websocket/reconnecting\";\n";
    files::write(&project.join(PACKAGE), entry)?;
    let bundled = |dir: &str, conditions: &str| -> Result<Vec<u8>> {
        bundle(repo, project, dir, conditions)?;
        if modules(project, dir)?.len() != pkg::UNITS.len() {
            bail!("under `{conditions}` an entry does not import its wasm module; fix pkg-template/package.json");
        }
        files::read(&project.join(dir).join(PACKAGE))
    };
    if bundled(BUNDLE, "workerd,worker,browser")? != bundled("bundle-edge-light", "edge-light")? {
        bail!("`workerd` and `edge-light` lead to different entries; only the entry of `workerd` is tested");
    }
    Ok(())
}

/// The names of the wasm modules beside a bundle.
fn modules(project: &Path, dir: &str) -> Result<Vec<String>> {
    let files = files::entries(&project.join(dir))?.into_iter();
    let modules = files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    Ok(modules.filter_map(|file| Some(file.file_name()?.to_string_lossy().into_owned())).collect())
}

/// Bundles the API for programs in Rust as a class, because wasm-bindgen-test has no runner for this host.
fn bundle_bridge(repo: &Repo, project: &Path) -> Result<()> {
    let target = repo.target().join("wasm32-unknown-unknown/debug/bridge.wasm");
    let mut build = repo.command("cargo")?;
    let features = "--no-default-features --features futures,reconnecting,serde --target wasm32-unknown-unknown";
    build.args("build --package wasm-tests --lib".split(' ')).args(features.split(' '));
    step::compile(build.args(cargo::QUICKLY))?;
    let mut bindgen = repo.command("wasm-bindgen")?;
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(project.join("rust")).arg(target);
    step::run(&mut bindgen, "is wasm-bindgen the version of Cargo.lock?")?;
    let entry = format!(
        "import module from \"./rust/bridge_bg.wasm\";\n\
         import {{ bridgeClass, initSync }} from \"./rust/bridge.js\";\n\
         export {{ reasonToSkip as unfit }} from {:?};\n\
         initSync({{ module }});\n\
         export const WebSocket = bridgeClass();\n",
        repo.path("tests/wasm/src/crate.js")
    );
    files::write(&project.join(PACKAGE), entry)?;
    bundle(repo, project, BUNDLE, "workerd")
}

fn bundle(repo: &Repo, project: &Path, dir: &str, conditions: &str) -> Result<()> {
    remove_dir(&project.join(dir))?;
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.current_dir(project).arg(PACKAGE).arg(format!("--outdir={dir}"));
    esbuild.arg(format!("--conditions={conditions}")).args(["--loader:.wasm=copy", "--asset-names=[name]"]);
    step::output(&mut esbuild, "the package cannot be bundled for edge hosts; fix pkg-template/edge.js")?;
    Ok(())
}

/// The configuration of a worker with all files of the suite.
fn config(project: &Path, date: &str, bindings: &[(&str, String)], trust: Option<&Trust>) -> Result<String> {
    let mut files = Vec::new();
    for dir in ["run", "cases", "lib", "model"] {
        let entries = files::entries(&project.join("contract").join(dir))?;
        files.extend(entries.iter().map(|file| format!("{dir}/{}", file.file_name().unwrap_or_default().display())));
    }
    files.retain(|file| file.ends_with(".js"));
    // The first module is the worker itself.
    files.sort_by_key(|file| (file != "run/workerd.js", file.clone()));

    let mut list = String::new();
    for file in files {
        writeln!(list, "        (name = \"{file}\", esModule = embed \"contract/{file}\"),")?;
    }
    writeln!(list, "        (name = \"{PACKAGE}\", esModule = embed \"{BUNDLE}/{PACKAGE}\"),")?;
    for module in modules(project, BUNDLE)? {
        writeln!(list, "        (name = \"{module}\", wasm = embed \"{BUNDLE}/{module}\"),")?;
    }
    let mut texts = String::new();
    for (name, value) in bindings {
        writeln!(texts, "        (name = \"{name}\", text = {}),", serde_json::to_string(value)?)?;
    }
    let certificates = trust.map(|trust| anyhow::Ok(serde_json::to_string(&trust.certificate()?)?)).transpose()?;
    let config = CONFIG.replace("DATE", date).replace("MODULES", &list);
    Ok(config.replace("CERTIFICATES", &certificates.unwrap_or_default()).replace("BINDINGS", &texts))
}

/// Removes workerd's log of connections. Fails the run for an uncaught exception in a timer or a listener, which no
/// case can observe, because it does not become an `error` event.
fn check_output(outcome: &mut Outcome) {
    let is_of_connections = |line: &&str| line.starts_with("workerd/jsg/util.c++") || line.starts_with("stack: ");
    outcome.output =
        outcome.output.lines().filter(|line| !is_of_connections(line)).flat_map(|line| [line, "\n"]).collect();
    let uncaught = outcome.output.lines().find(|line| line.contains("uncaught exception; source"));
    if let Some(line) = uncaught.map(str::to_owned) {
        outcome.fail_run(line);
    }
}

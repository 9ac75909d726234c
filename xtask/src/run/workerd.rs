//! A suite of the packed package in Cloudflare's workerd, bundled and configured as Cloudflare's tools do it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
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

/// The package as the project's bundler leaves it.
const PACKAGE: &str = "package.js";

/// Runs the suite in one worker; its results are lines of the program's output.
pub async fn run(workerd: &Workerd, choice: &Choice<'_>, outcome: &mut Outcome) -> Result<()> {
    let repo = choice.repo;
    let project = choice.tarballs.install(repo, outcome.host, false)?;
    files::copy_dir(&repo.path("tests/contract"), &project.join("contract"))?;
    let module = match choice.suite {
        Suite::Rust => bundle_bridge(repo, &project)?,
        _ => bundle_package(repo, &project)?,
    };
    let bindings = [
        ("server", choice.server.http()),
        ("suite", choice.suite.name().into()),
        ("filter", choice.filter.unwrap_or("").into()),
        ("given", choice.given.to_string()),
    ];
    fs::write(project.join("config.capnp"), config(&project, module, workerd.date, &bindings, choice.trust)?)
        .context("writing config.capnp")?;
    let mut command = Command::new(&workerd.program.path);
    command.args(workerd.program.options).arg("config.capnp").current_dir(&project);
    script::run(&mut command, LIMIT, outcome).await?;
    check_output(outcome);
    Ok(())
}

/// Bundles the package as Cloudflare's wrangler does, with the wasm module beside it, and checks that for Next.js' edge
/// runtime it is the same.
fn bundle_package(repo: &Repo, project: &Path) -> Result<&'static str> {
    fs::write(project.join(PACKAGE), "export * from \"fourd-websocket\";\n").context("writing the bundle's entry")?;
    let bundled = |dir: &str, conditions: &str| -> Result<Vec<u8>> {
        bundle(repo, project, dir, conditions)?;
        if !project.join(dir).join(pkg::MODULE).exists() {
            bail!("under `{conditions}` the entry does not import its wasm module; mend pkg-template/package.json");
        }
        fs::read(project.join(dir).join(PACKAGE)).context("reading the bundled package")
    };
    if bundled("bundle", "workerd,worker,browser")? != bundled("bundle-edge-light", "edge-light")? {
        bail!("`workerd` and `edge-light` lead to different entries; only that of `workerd` is tested");
    }
    Ok(pkg::MODULE)
}

/// Bundles what the crate is for programs in Rust, as a class: wasm-bindgen-test has no runner for this host.
fn bundle_bridge(repo: &Repo, project: &Path) -> Result<&'static str> {
    const MODULE: &str = "bridge_bg.wasm";
    let target = repo.target().join("wasm32-unknown-unknown/debug/bridge.wasm");
    let mut build = repo.command("cargo")?;
    let features = "--no-default-features --features futures,reconnecting,serde --target wasm32-unknown-unknown";
    build.args("build --package wasm-tests --lib".split(' ')).args(features.split(' '));
    step::run(build.args(cargo::QUICKLY), "mend what the compiler names above")?;
    let mut bindgen = repo.command("wasm-bindgen")?;
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(project.join("rust")).arg(target);
    step::run(&mut bindgen, "is wasm-bindgen the version of Cargo.lock?")?;
    let entry = format!(
        "import module from \"./rust/{MODULE}\";\n\
         import {{ bridgeClass, initSync }} from \"./rust/bridge.js\";\n\
         export {{ reasonToSkip as unfit }} from {:?};\n\
         initSync({{ module }});\n\
         export const WebSocket = bridgeClass();\n",
        repo.path("tests/wasm/src/crate.js")
    );
    fs::write(project.join(PACKAGE), entry).context("writing the bundle's entry")?;
    bundle(repo, project, "bundle", "workerd")?;
    Ok(MODULE)
}

fn bundle(repo: &Repo, project: &Path, dir: &str, conditions: &str) -> Result<()> {
    remove_dir(&project.join(dir))?;
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.current_dir(project).arg(PACKAGE).arg(format!("--outdir={dir}"));
    esbuild.arg(format!("--conditions={conditions}")).args(["--loader:.wasm=copy", "--asset-names=[name]"]);
    step::output(&mut esbuild, "it does not bundle for edge hosts; mend pkg-template/edge.js")?;
    Ok(())
}

/// A worker of all files of the suite, which reaches the test server on this machine.
fn config(
    project: &Path,
    module: &str,
    date: &str,
    bindings: &[(&str, String)],
    trust: Option<&Trust>,
) -> Result<String> {
    let mut files = Vec::new();
    for dir in ["run", "cases", "lib", "model"] {
        for entry in fs::read_dir(project.join("contract").join(dir)).context("reading the suite's copy")? {
            files.push(format!("{dir}/{}", entry?.file_name().to_string_lossy()));
        }
    }
    files.retain(|file| file.ends_with(".js"));
    // The first module is the worker itself.
    files.sort_by_key(|file| (file != "run/workerd.js", file.clone()));

    let mut text = String::new();
    text += "using Workerd = import \"/workerd/workerd.capnp\";\n\n";
    text += "const config :Workerd.Config = (\n  v8Flags = [\"--expose-gc\"],\n  services = [\n";
    let trusted = match trust {
        Some(trust) => format!("[{}]", serde_json::to_string(&trust.certificate()?)?),
        None => "[]".into(),
    };
    writeln!(
        text,
        "    (name = \"internet\", network = (allow = [\"local\", \"private\"], \
         tlsOptions = (trustBrowserCas = true, trustedCertificates = {trusted}))),"
    )?;
    text += "    (name = \"suite\", worker = (\n      modules = [\n";
    for file in files {
        writeln!(text, "        (name = \"{file}\", esModule = embed \"contract/{file}\"),")?;
    }
    writeln!(text, "        (name = \"{PACKAGE}\", esModule = embed \"bundle/{PACKAGE}\"),")?;
    writeln!(text, "        (name = \"{0}\", wasm = embed \"bundle/{0}\"),", module)?;
    writeln!(text, "      ],\n      compatibilityDate = \"{date}\",")?;
    // Modules are URLs, as they are at newer dates by themselves: a query makes a copy of the package.
    text += "      compatibilityFlags = [\"new_module_registry\"],\n      bindings = [\n";
    text += "        (name = \"self\", service = \"suite\"),\n";
    for (name, value) in bindings {
        let value = serde_json::to_string(value)?;
        writeln!(text, "        (name = \"{name}\", text = {value}),")?;
    }
    text += "      ],\n    )),\n  ],\n);\n";
    Ok(text)
}

/// Leaves out the log of what happened to connections, and fails the run for an exception that no case can have seen:
/// one in a timer or a listener does not become an `error` event.
fn check_output(outcome: &mut Outcome) {
    let is_of_connections = |line: &&str| line.starts_with("workerd/jsg/util.c++") || line.starts_with("stack: ");
    outcome.output =
        outcome.output.lines().filter(|line| !is_of_connections(line)).flat_map(|line| [line, "\n"]).collect();
    let uncaught = outcome.output.lines().find(|line| line.contains("uncaught exception; source"));
    if let Some(line) = uncaught.map(str::to_owned) {
        outcome.fail_run(line);
    }
}

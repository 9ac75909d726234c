//! The samples of the pages, run against the test server in the words in which they are printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;
use tokio::time::timeout;

use super::page::{DIR, Host, Sample, Step, is_like, samples};
use crate::bundle;
use crate::files::{self, remove_dir};
use crate::limited;
use crate::outcome::Outcome;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::Server;
use crate::step;
use crate::tab::Post;
use crate::tools::npm;
use crate::tools::runtime::Program;

/// Where the samples stand, and the package is installed as a user would: target/suite/docs.
const PROJECT: &str = "docs";

/// What runs before each of them.
const WORLD: &str = "tests/docs/world.js";

/// How long one may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs those that are programs of Node.
pub async fn in_node(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    node: &Program,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let project = prepare(repo, tarballs)?;
    fs::copy(repo.path(WORLD), project.join("world.mjs")).with_context(|| format!("copying {WORLD}"))?;
    for sample in chosen(repo, filter, &[Host::Node])? {
        let file = format!("{}.{}", sample.name, if sample.language == "ts" { "mts" } else { "mjs" });
        let result = run_in_node(&project, server, node, &sample, &file, &sample.code).await;
        note(&sample, result, outcome);
    }
    let in_rust = chosen(repo, filter, &[Host::RustInNode])?;
    if !in_rust.is_empty() {
        let project = build_rust(repo, "nodejs")?;
        fs::copy(repo.path(WORLD), project.join("world.mjs")).with_context(|| format!("copying {WORLD}"))?;
        for sample in in_rust {
            let call = format!("import samples from \"./pkg/samples.js\";\nsamples.{}();\n", sample.name);
            let file = format!("{}.mjs", sample.name);
            let result = run_in_node(&project, server, node, &sample, &file, &call).await;
            note(&sample, result, outcome);
        }
    }
    Ok(())
}

/// Runs those that are pages, or become the module of one.
pub async fn in_page(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    client: &Client,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let project = prepare(repo, tarballs)?;
    let world = fs::read_to_string(repo.path(WORLD)).with_context(|| format!("reading {WORLD}"))?;
    for sample in chosen(repo, filter, &[Host::Bundler, Host::Page])? {
        let page = page(repo, &project, &sample).map(|page| format!("{PROJECT}/{page}"));
        let result = run_in_page(page, server, client, &world, &sample).await;
        note(&sample, result, outcome);
    }
    let in_rust = chosen(repo, filter, &[Host::RustInPage])?;
    if !in_rust.is_empty() {
        let project = build_rust(repo, "web")?;
        for sample in in_rust {
            let page = page_in_rust(&project, &sample.name).map(|page| format!("{RUST_PROJECT}/{page}"));
            let result = run_in_page(page, server, client, &world, &sample).await;
            note(&sample, result, outcome);
        }
    }
    Ok(())
}

/// Compiles those that are TypeScript, as strictly as it can be.
pub fn compile(repo: &Repo) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let dir = repo.path("target/suite/docs-types");
    remove_dir(&dir)?;
    files::copy_dir(&repo.pkg(), &dir.join("node_modules/fourd-websocket"))?;
    let samples = samples(repo)?.into_iter().filter(|sample| sample.language == "ts");
    let mut files = Vec::new();
    for sample in samples {
        let file = format!("{}.mts", sample.name);
        fs::write(dir.join(&file), &sample.code).with_context(|| format!("writing {file}"))?;
        files.push(file);
    }
    ensure!(!files.is_empty(), "no page has a sample in TypeScript");
    let config = json!({
        "compilerOptions": {
            "strict": true, "noEmit": true, "target": "es2022", "module": "nodenext", "lib": ["es2022", "dom"],
            "types": [], "noUncheckedIndexedAccess": true, "exactOptionalPropertyTypes": true
        },
        "files": files
    });
    fs::write(dir.join("tsconfig.json"), config.to_string()).context("writing tsconfig.json")?;
    let mut tsc = std::process::Command::new("node");
    tsc.arg(npm::package(repo, DIR, "typescript").join("bin/tsc")).current_dir(&dir);
    let output = step::capture(&mut tsc)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// What the samples in Rust use: the crate, what a page has, and what exports them.
const MANIFEST: &str = r#"[package]
name = "samples"
version = "0.0.0"
edition = "2024"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
fourd-websocket = { path = "../../..", default-features = false, features = ["serde"] }
serde = { version = "1", features = ["derive"] }
wasm-bindgen = "0.2"
web-sys = { version = "0.3", features = ["console", "Document", "Element", "HtmlElement", "HtmlInputElement", "Window"] }

[lints.rust]
warnings = "deny"

[workspace]
"#;

/// Where they are compiled, below target/suite.
const RUST_PROJECT: &str = "docs-rust";

/// Compiles those that are Rust, each a module of its own with what a program does with it behind; gives where what
/// wasm-pack makes of them is.
fn build_rust(repo: &Repo, target: &str) -> Result<PathBuf> {
    let dir = repo.path("target/suite").join(RUST_PROJECT);
    remove_dir(&dir)?;
    fs::create_dir_all(dir.join("src")).with_context(|| format!("creating {}", dir.display()))?;
    let write = |file: &str, text: &str| fs::write(dir.join(file), text).with_context(|| format!("writing {file}"));
    let mut modules = String::new();
    for Sample { name, code, calls, .. } in chosen(repo, None, &[Host::RustInNode, Host::RustInPage])? {
        modules.push_str(&format!("mod {name};\n"));
        let calls = calls.join("\n    ");
        let program = format!(
            "\n#[wasm_bindgen::prelude::wasm_bindgen(js_name = {name})]\n\
             pub fn program() -> Result<(), wasm_bindgen::JsValue> {{\n    {calls}\n    Ok(())\n}}\n"
        );
        write(&format!("src/{name}.rs"), &(code + &program))?;
    }
    write("src/lib.rs", &modules)?;
    write("Cargo.toml", MANIFEST)?;
    fs::copy(repo.path("Cargo.lock"), dir.join("Cargo.lock")).context("copying Cargo.lock")?;
    let mut build = repo.command("wasm-pack")?;
    build.args("build --dev --mode no-install --no-typescript --out-dir pkg --target".split(' ')).arg(target);
    // Not the directory of all else: what cargo makes of this crate for wasm32 has one name there, whatever its features, and
    // cargo sees that another build has replaced it only within one workspace.
    build.env("CARGO_TARGET_DIR", repo.path("target/samples")).current_dir(&dir);
    step::output(&mut build, "mend the samples in Rust that the compiler names above")?;
    Ok(dir)
}

fn chosen(repo: &Repo, filter: Option<&str>, hosts: &[Host]) -> Result<Vec<Sample>> {
    let mut samples = samples(repo)?;
    samples.retain(|sample| hosts.contains(&sample.host));
    ensure!(!samples.is_empty(), "no page has a sample for {hosts:?}");
    samples.retain(|sample| filter.is_none_or(|filter| sample.name.contains(filter)));
    Ok(samples)
}

fn note(sample: &Sample, result: Result<()>, outcome: &mut Outcome) {
    outcome.take(format!("{} ({})", sample.name, sample.place), result);
    limited::count(outcome.ran(), outcome.failures.len());
}

/// A project with the package, and what samples import beside it.
fn prepare(repo: &Repo, tarballs: &Tarballs) -> Result<PathBuf> {
    npm::ensure(repo, DIR)?;
    let project = tarballs.install(repo, PROJECT, true)?;
    let double = project.join("node_modules/mock-socket");
    files::copy_dir(&npm::package(repo, DIR, "mock-socket"), &double)?;
    Ok(project)
}

async fn run_in_node(
    project: &Path,
    server: &Server,
    node: &Program,
    sample: &Sample,
    file: &str,
    program: &str,
) -> Result<()> {
    let [Step::Prints(expected)] = sample.steps.as_slice() else { bail!("a program of Node can only print") };
    fs::write(project.join(file), program).with_context(|| format!("writing {file}"))?;
    let mut command = Command::new(&node.path);
    command.args(["--import", "./world.mjs", file]).current_dir(project);
    command.env("SAMPLE", world_of(server, sample).to_string()).env("NO_COLOR", "1");
    let mut lines = Vec::new();
    let run = timeout(LIMIT, limited::run(&mut command, |line| lines.push(line.to_owned()))).await;
    let ended = run.with_context(|| format!("not done within {} s", LIMIT.as_secs()))??;
    let is_well = ended.status.is_some_and(|status| status.success()) && ended.stderr.is_empty();
    ensure!(is_well, "it ended with {:?} and wrote\n{}{}", ended.status, lines.join("\n"), ended.stderr);
    ensure!(is_like(&lines, expected), "it printed\n{}\nand not\n{}", lines.join("\n"), expected.join("\n"));
    Ok(())
}

fn world_of(server: &Server, sample: &Sample) -> serde_json::Value {
    json!({ "server": server.ws(), "path": sample.server })
}

/// `page` is one of those below target/suite.
async fn run_in_page(
    page: Result<String>,
    server: &Server,
    client: &Client,
    world: &str,
    sample: &Sample,
) -> Result<()> {
    let page = page?;
    let source = format!("globalThis.sample = {};\n{world}", world_of(server, sample));
    let add = cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source }));
    let added = client.issue_cmd(add).await.context("adding the world of the sample")?;
    client.goto(&format!("{}/files/projects/{page}", server.http())).await?;
    let done = steps(client, sample).await;
    let remove = cdp("Page.removeScriptToEvaluateOnNewDocument", json!({ "identifier": added["identifier"] }));
    client.issue_cmd(remove).await.context("removing the world of the sample")?;
    done
}

pub fn cdp(cmd: &str, params: serde_json::Value) -> Post {
    Post { path: "goog/cdp/execute", body: json!({ "cmd": cmd, "params": params }) }
}

/// Writes the page of a sample; gives its name.
fn page(repo: &Repo, project: &Path, sample: &Sample) -> Result<String> {
    let name = &sample.name;
    let write =
        |file: String, text: &str| fs::write(project.join(&file), text).with_context(|| format!("writing {file}"));
    if sample.host == Host::Page {
        write(format!("{name}.html"), &sample.code)?;
        return Ok(format!("{name}.html"));
    }
    write(format!("{name}.js"), &sample.code)?;
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.arg(project.join(format!("{name}.js")));
    esbuild.arg(format!("--outfile={}", project.join(format!("{name}.bundle.js")).display()));
    step::output(&mut esbuild, &format!("mend {}", sample.place))?;
    let html =
        format!("<!doctype html><title>{name}</title><script type=\"module\" src=\"{name}.bundle.js\"></script>\n");
    write(format!("{name}.html"), &html)?;
    Ok(format!("{name}.html"))
}

/// Writes the page that calls a sample in Rust; gives its name.
fn page_in_rust(project: &Path, name: &str) -> Result<String> {
    let file = format!("{name}.html");
    let html = format!(
        "<!doctype html><title>{name}</title>\n<body><script type=\"module\">\n\
         import init, {{ {name} }} from \"./pkg/samples.js\";\nawait init();\n{name}();\n</script>\n"
    );
    fs::write(project.join(&file), html).with_context(|| format!("writing {file}"))?;
    Ok(file)
}

/// What a page has written and shows.
#[derive(Debug, Deserialize)]
struct Told {
    printed: Vec<String>,
    shown: Vec<String>,
}

async fn steps(client: &Client, sample: &Sample) -> Result<()> {
    for step in &sample.steps {
        match step {
            Step::Type(text) => client.find(Locator::Css("input")).await?.send_keys(&format!("{text}\u{e007}")).await?,
            Step::Click(name) => {
                let button = format!("//button[normalize-space()='{name}']");
                client.find(Locator::XPath(&button)).await?.click().await?;
            }
            Step::Prints(expected) => comes(client, expected, |told| told.printed).await?,
            Step::Shows(expected) => comes(client, expected, |told| told.shown).await?,
        }
    }
    // A page that shows what it should may still have failed at something.
    let told = told(client).await?;
    let complaint = told.printed.iter().find(|line| line.starts_with("uncaught: "));
    ensure!(complaint.is_none(), "{}", complaint.map(String::as_str).unwrap_or_default());
    Ok(())
}

/// Waits until what the page tells is what it should.
async fn comes(client: &Client, expected: &[String], part: impl Fn(Told) -> Vec<String>) -> Result<()> {
    let started = Instant::now();
    loop {
        let lines = part(told(client).await?);
        if is_like(&lines, expected) {
            return Ok(());
        }
        if started.elapsed() > LIMIT {
            bail!("after {} s it is\n{}\nand not\n{}", LIMIT.as_secs(), lines.join("\n"), expected.join("\n"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn told(client: &Client) -> Result<Told> {
    let script = "const shown = (document.body?.innerText ?? '').split('\\n').map((line) => line.trim());
        return { printed: globalThis.told, shown: shown.filter((line) => line) };";
    Ok(serde_json::from_value(client.execute(script, vec![]).await?)?)
}

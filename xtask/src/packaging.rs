//! The packed npm package in every place that users put it: a small project, built with the place's own tool as it
//! comes, and run against the test server.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::Client;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::limited::{self, Group};
use crate::outcome::Outcome;
use crate::package::{MODULE, remove_dir};
use crate::pages::Post;
use crate::project::{self, Tarballs};
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::browser::{self, Browser};
use crate::tools::node::{self, Node};
use crate::tools::runtime::{self, Runtime};
use crate::tools::{Unavailable, npm};
use crate::{demo, notices, publication, step, suite};

/// Where the projects stand, and where their tools are pinned.
const DIR: &str = "tests/packaging";

/// Where the tools are installed, once for all the projects below it.
const WORKSPACE: &str = "target/packaging";

/// What the test server calls that directory.
pub const ROOT: (&str, &str) = ("packaging", WORKSPACE);

/// What all projects share.
const PROGRAM: &str = "program.js";

/// What the program tells where all is well.
const CONVERSATION: &str = r#"WebSocket: open, message text, message {"an":"object"}, message bytes, terminate 1000"#;

/// What the guide's example tells.
const EXAMPLE: [&str; 3] = ["connected to ws://SERVER/echo", "received: Hello world", "closed with code 1000"];

/// How the package says that a page may not compile it.
const REFUSED: &str = "WebSocketError 5000: WebAssembly cannot be used; \
                       a Content-Security-Policy has to allow 'wasm-unsafe-eval' in script-src";

/// The tools run in a Node that all of them support.
const NODE_OF_TOOLS: u32 = 24;

/// How long a page may take to report, or a server to listen, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Nothing calls home, asks, or colours what it says.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("NEXT_TELEMETRY_DISABLED", "1"),
    ("NEXT_IGNORE_INCORRECT_LOCKFILE", "1"),
    ("DO_NOT_TRACK", "1"),
    ("DENO_NO_UPDATE_CHECK", "1"),
    ("NO_UPDATE_NOTIFIER", "1"),
    ("NO_COLOR", "1"),
];

/// Somewhere a user puts the package.
struct Place {
    name: &'static str,
    /// The directory of its files in tests/packaging.
    files: &'static str,
    build: Option<Call>,
    run: Run,
    /// Where its tool puts the wasm module, if it takes the entry for edge hosts.
    module: Option<&'static str>,
    /// The lines of its report.
    expected: &'static [&'static str],
}

/// A program of an npm package, and what it is called with.
struct Call {
    package: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

enum Run {
    /// A script in Node of this major.
    Node(u32, &'static str),
    Runtime(&'static Runtime, &'static [&'static str]),
    /// The project's index.html, as it stands on the test server.
    Page,
    /// The page of a server that takes its port as its last argument.
    Served(Call),
}

const fn in_node(name: &'static str, major: u32, script: &'static str) -> Place {
    Place { name, files: "node", build: None, run: Run::Node(major, script), module: None, expected: &[CONVERSATION] }
}

const fn in_runtime(name: &'static str, files: &'static str, runtime: &'static Runtime, run: &'static [&str]) -> Place {
    Place { name, files, build: None, run: Run::Runtime(runtime, run), module: None, expected: &[CONVERSATION] }
}

const fn page(name: &'static str, files: &'static str, build: Option<Call>) -> Place {
    Place { name, files, build, run: Run::Page, module: None, expected: &[CONVERSATION] }
}

const fn served(name: &'static str, files: &'static str, build: Option<Call>, serve: Call) -> Place {
    Place { name, files, build, run: Run::Served(serve), module: None, expected: &[CONVERSATION] }
}

const fn call(package: &'static str, program: &'static str, arguments: &'static [&'static str]) -> Call {
    Call { package, program, arguments }
}

const fn vite(arguments: &'static [&'static str]) -> Call {
    call("vite", "bin/vite.js", arguments)
}

/// A server of plain files at the root of its address, where Vite and Parcel expect what they build.
const PREVIEW: Call = vite(&["preview", "--host=127.0.0.1", "--strictPort", "--port"]);

const NEXT_BUILD: Call = call("next", "dist/bin/next", &["build"]);
const NEXT_START: Call = call("next", "dist/bin/next", &["start", "--hostname=127.0.0.1", "--port"]);

/// What the entry without the module says until it has one, and of what is none.
const SLIM: &[&str] = &[
    "WebSocketError 5000: the WebAssembly module is not there yet: await init(url), init(bytes) or init(module) first",
    "WebSocketError 5000: init takes the url of fourd_websocket.wasm, its bytes, or a WebAssembly.Module, got 5",
    "5000 because of a CompileError",
    "5000 because of a Error",
    "5000 because of a Error",
    CONVERSATION,
    CONVERSATION,
    CONVERSATION,
    CONVERSATION,
    CONVERSATION,
];

const PLACES: [Place; 36] = [
    Place { files: "guide", expected: &EXAMPLE, ..in_node("the guide's example", 24, "example.mjs") },
    in_node("Node 20, import", 20, "import.js"),
    in_node("Node 20, require()", 20, "require.cjs"),
    in_node("Node 20, worker thread", 20, "worker.js"),
    in_node("Node 22, import", 22, "import.js"),
    in_node("Node 22, require()", 22, "require.cjs"),
    in_node("Node 22, worker thread", 22, "worker.js"),
    in_node("Node 24, import", 24, "import.js"),
    in_node("Node 24, require()", 24, "require.cjs"),
    in_node("Node 24, worker thread", 24, "worker.js"),
    in_node("Node 26, import", 26, "import.js"),
    in_node("Node 26, require()", 26, "require.cjs"),
    in_node("Node 26, worker thread", 26, "worker.js"),
    in_runtime("Deno", "deno", &runtime::DENO, &["run", "--allow-net", "--no-prompt", "main.js"]),
    in_runtime("Bun", "bun", &runtime::BUN, &["main.js"]),
    page("import map", "import-map", None),
    page("strict Content-Security-Policy", "policy", None),
    Place { expected: &[REFUSED], ..page("the same without wasm-unsafe-eval", "policy-without-wasm", None) },
    page("service worker", "service-worker", None),
    served("dedicated worker, by Vite", "dedicated-worker", Some(vite(&["build"])), PREVIEW),
    served("shared worker, by Vite", "shared-worker", Some(vite(&["build"])), PREVIEW),
    served("Vite, dev server", "vite", None, vite(&["--host=127.0.0.1", "--strictPort", "--port"])),
    served("Vite, build", "vite", Some(vite(&["build"])), PREVIEW),
    page("webpack", "webpack", Some(call("webpack", "bin/webpack.js", &["--mode=production"]))),
    page("Rollup", "rollup", Some(call("rollup", "dist/bin/rollup", &["--config"]))),
    page("esbuild", "esbuild", Some(call("esbuild", "bin/esbuild", &["main.js", "--bundle", "--outdir=dist"]))),
    served("Parcel", "parcel", Some(call("parcel", "lib/bin.js", &["build", "index.html"])), PREVIEW),
    page("Rspack", "rspack", Some(call("@rspack/cli", "bin/rspack.js", &["build"]))),
    Place {
        expected: &[CONVERSATION, CONVERSATION],
        ..served("Next.js, server and client component", "next", Some(NEXT_BUILD), NEXT_START)
    },
    Place { expected: SLIM, files: "slim", ..in_node("Node 20, slim", 20, "main.js") },
    Place { expected: SLIM, files: "slim", ..in_node("Node 26, slim", 26, "main.js") },
    Place {
        expected: SLIM,
        ..in_runtime(
            "Deno, slim",
            "slim",
            &runtime::DENO,
            &["run", "--allow-net", "--allow-read", "--no-prompt", "main.js"],
        )
    },
    Place { expected: SLIM, ..in_runtime("Bun, slim", "slim", &runtime::BUN, &["main.js"]) },
    page("import map, slim", "slim-page", None),
    Place { module: Some("dist/assets"), ..served("Vite, slim", "slim-vite", Some(vite(&["build"])), PREVIEW) },
    Place {
        module: Some(".next/server/edge"),
        ..served("Next.js, edge route", "next-edge", Some(NEXT_BUILD), NEXT_START)
    },
];

/// What keeps a place from passing.
enum Problem {
    /// There is no such host on this machine.
    Missing(Unavailable),
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Unavailable> for Problem {
    fn from(missing: Unavailable) -> Self {
        Self::Missing(missing)
    }
}

/// It is no place of users, and shows the package in one.
const DEMO: &str = "cargo xtask demo";

type Check = fn(&Repo) -> Result<()>;

/// What is known without a place.
const CHECKS: [(&str, Check); 4] = [
    ("npm publish --dry-run", publication::npm),
    ("cargo publish --dry-run", publication::cargo),
    ("the guide shows its example", publication::example),
    ("the package has the licences of what is in it", notices::check_package),
];

/// Tries the package in every place, one line of a table each; gives what was missing for some.
pub async fn run(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<Vec<Unavailable>> {
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    let mut missing = Vec::new();
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| wanted(name)) {
        let started = Instant::now();
        let result = check(repo).map(|()| outcome.version.clone()).map_err(Problem::Failed);
        missing.extend(note(name, started, result, outcome));
    }
    if wanted(DEMO) && cfg!(unix) {
        let started = Instant::now();
        let result = demo::check(repo).await.map(|()| outcome.version.clone()).map_err(Problem::Failed);
        missing.extend(note(DEMO, started, result, outcome));
    }
    let places: Vec<_> = PLACES.iter().filter(|place| wanted(place.name)).collect();
    if places.is_empty() {
        return Ok(missing);
    }
    let tools = match node::ensure(repo, NODE_OF_TOOLS) {
        Ok(node) => node,
        Err(why) => return Ok(vec![why]),
    };
    install_tools(repo)?;
    let mut trial = Trial { repo, tarballs, server, tools, chromium: None };
    for place in places {
        let started = Instant::now();
        let result = trial.of(place).await;
        missing.extend(note(place.name, started, result, outcome));
    }
    Ok(missing)
}

/// Takes a result into the outcome, with its line of the table; gives what was missing.
fn note(name: &str, started: Instant, result: Result<String, Problem>, outcome: &mut Outcome) -> Option<Unavailable> {
    let (version, verdict) = match &result {
        Ok(version) => (version.as_str(), "passed"),
        Err(Problem::Missing(_)) => ("", "missing"),
        Err(Problem::Failed(_)) => ("", "FAILED"),
    };
    eprintln!("   {name:<40}{version:<16}{verdict:<8}{:>6.1} s", started.elapsed().as_secs_f64());
    match result {
        Ok(_) => outcome.passed += 1,
        Err(Problem::Failed(error)) => outcome.fail(name, shorten(&format!("{error:#}"))),
        Err(Problem::Missing(why)) => {
            outcome.skip(why.reason.clone(), 1);
            return Some(why);
        }
    }
    None
}

/// Tools quote the line that they complain about, and the package is one line.
fn shorten(said: &str) -> String {
    const LONGEST: usize = 300;
    let short = |line: &str| line.chars().take(LONGEST).collect::<String>();
    said.lines().map(short).collect::<Vec<_>>().join("\n")
}

fn install_tools(repo: &Repo) -> Result<()> {
    let workspace = repo.path(WORKSPACE);
    fs::create_dir_all(&workspace).with_context(|| format!("creating {}", workspace.display()))?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        let from = repo.path(DIR).join(file);
        fs::copy(&from, workspace.join(file)).with_context(|| format!("copying {}", from.display()))?;
    }
    // Parcel's, which would tell of an earlier run.
    remove_dir(&workspace.join(".parcel-cache"))?;
    npm::ensure(repo, WORKSPACE)
}

struct Trial<'a> {
    repo: &'a Repo,
    tarballs: &'a Tarballs,
    server: &'a Server,
    tools: Node,
    /// One for all pages, from the first on.
    chromium: Option<(Browser, Group, Client)>,
}

impl Trial<'_> {
    /// Has the place do what the program says; gives the version of what did it.
    async fn of(&mut self, place: &Place) -> Result<String, Problem> {
        let project = self.project(place)?;
        if let Some(build) = &place.build {
            let mut command = self.command(&project, build);
            check_output(&finish(&mut command).await?)?;
        }
        let (program, said) = match &place.run {
            Run::Node(major, script) => {
                let node = node::ensure(self.repo, *major)?;
                let said = alone(&project, &node.program, &[script], self.server).await?;
                (node.version, said)
            }
            Run::Runtime(runtime, arguments) => {
                let program = runtime::ensure(self.repo, runtime)?;
                let said = alone(&project, &program.path, arguments, self.server).await?;
                (program.version, said)
            }
            Run::Page => {
                let name = project.file_name().unwrap_or_default().to_string_lossy();
                let base = format!("{}/files/{}/{name}/index.html", self.server.http(), ROOT.0);
                let said = self.page(&base).await?;
                (self.chromium().await?.0.version.clone(), said)
            }
            Run::Served(serve) => (self.version(serve.package)?, self.served(&project, serve).await?),
        };
        check_files(&project, place.module)?;
        let expected = place.expected.join("\n");
        if said != expected {
            return Err(Problem::Failed(anyhow::anyhow!("it told\n{said}\nand should have told\n{expected}")));
        }
        match &place.build {
            Some(build) => Ok(self.version(build.package)?),
            None => Ok(program),
        }
    }

    /// A fresh project of the place's files, with the package in it as npm installs it.
    fn project(&self, place: &Place) -> Result<PathBuf> {
        let needs_ws = matches!(place.run, Run::Node(20, _));
        let installed =
            self.tarballs.install(self.repo, if needs_ws { "packaging-ws" } else { "packaging" }, needs_ws)?;
        let word =
            |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
        let project = self.repo.path(WORKSPACE).join(place.name.chars().map(word).collect::<String>());
        let files = self.repo.path(DIR);
        project::copy_dir(&files.join(place.files), &project)?;
        project::copy_dir(&installed.join("node_modules"), &project.join("node_modules"))?;
        fs::copy(installed.join("package.json"), project.join("package.json")).context("copying package.json")?;
        fs::copy(files.join(PROGRAM), project.join(PROGRAM)).with_context(|| format!("copying {PROGRAM}"))?;
        Ok(project)
    }

    fn command(&self, project: &Path, call: &Call) -> Command {
        let program = self.repo.path(WORKSPACE).join("node_modules").join(call.package).join(call.program);
        let mut command = Command::new(&self.tools.program);
        command.arg(program).args(call.arguments).envs(ENVIRONMENT).current_dir(project);
        command
    }

    fn version(&self, package: &str) -> Result<String> {
        let file = self.repo.path(WORKSPACE).join("node_modules").join(package).join("package.json");
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let package: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
        Ok(package["version"].as_str().unwrap_or_default().to_owned())
    }

    /// Starts a tool's own server and opens its page.
    async fn served(&mut self, project: &Path, serve: &Call) -> Result<String, Problem> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).context("a free port")?.port();
        let log = fs::File::create(project.join("server.log")).context("creating server.log")?;
        let mut group = Group::start(self.command(project, serve).arg(port.to_string()).stderr(log))?;
        let mut lines = group.stdout()?;
        let output = tokio::spawn(async move {
            let mut output = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                output.push_str(&line);
                output.push('\n');
            }
            output
        });
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() && !output.is_finished() {
            if started.elapsed() > PATIENCE {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let said = self.page(&format!("http://127.0.0.1:{port}/")).await;
        drop(group);
        let output =
            output.await.unwrap_or_default() + &fs::read_to_string(project.join("server.log")).unwrap_or_default();
        match said {
            Err(Problem::Failed(error)) => Err(Problem::Failed(error.context(output))),
            said => check_output(&output).map_err(Problem::Failed).and(said),
        }
    }

    /// Opens a page and gives what it reports.
    async fn page(&mut self, base: &str) -> Result<String, Problem> {
        let key = format!("packaging-{}-{}", std::process::id(), suite::percent_encoded(base));
        let report = format!("{}/report?key={}", self.server.http(), suite::percent_encoded(&key));
        let address = suite::percent_encoded(&format!("{}/echo", self.server.ws()));
        let server = self.server;
        let (_, _, client) = self.chromium().await?;
        let page = format!("{base}?url={address}&report={}", suite::percent_encoded(&report));
        client.goto(&page).await.with_context(|| format!("opening {page}"))?;
        let path = format!("/report?key={}&wait={}", suite::percent_encoded(&key), PATIENCE.as_millis());
        let log = Post { path: "se/log", body: json!({ "type": "browser" }) };
        let answer = server.get(&path, 2 * PATIENCE)?;
        let console = client.issue_cmd(log).await.context("reading the browser's console")?;
        let console = warnings(&console);
        match answer {
            (200, said) if console.is_empty() || said.contains(REFUSED) => Ok(said),
            (200, said) => {
                Err(Problem::Failed(anyhow::anyhow!("the browser's console has\n{console}\nand it told {said}")))
            }
            _ => {
                Err(Problem::Failed(anyhow::anyhow!("{page} reported nothing in {} s\n{console}", PATIENCE.as_secs())))
            }
        }
    }

    async fn chromium(&mut self) -> Result<&(Browser, Group, Client), Problem> {
        if self.chromium.is_none() {
            let browser = browser::chromium()?;
            let (driver, client) = suite::open(&browser, None).await?;
            self.chromium = Some((browser, driver, client));
        }
        Ok(self.chromium.as_ref().context("it was just opened")?)
    }
}

/// The warnings and errors of a console; that a project has no icon is not the package's.
fn warnings(console: &Value) -> String {
    let messages = console.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
    messages.filter(|message| !message.contains("/favicon.ico")).collect::<Vec<_>>().join("\n")
}

/// Runs a script that needs no page; it writes its report, and nothing else.
async fn alone(project: &Path, program: &Path, arguments: &[&str], server: &Server) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).arg(format!("{}/echo", server.ws())).envs(ENVIRONMENT).current_dir(project);
    let said = finish(&mut command).await?.replace(server.address(), "SERVER");
    Ok(said.trim_end().to_owned())
}

/// All that a program writes, once it has ended well.
async fn finish(command: &mut Command) -> Result<String> {
    let mut output = String::new();
    let ended = limited::run(command, |line| {
        output.push_str(line);
        output.push('\n');
    })
    .await?;
    output.push_str(&ended.stderr);
    let line = step::line(command.as_std());
    match ended.status {
        Some(status) if status.success() => Ok(output),
        Some(status) => bail!("`{line}` failed ({status}):\n{output}"),
        None => bail!("`{line}` did not end:\n{output}"),
    }
}

/// A tool that warns is not one that just works: the project gives it nothing else to warn about.
fn check_output(output: &str) -> Result<()> {
    let warns = |line: &str| {
        let lower = line.to_lowercase();
        // Next.js says that its edge runtime as such has no future, and on a build server that it would like its cache kept.
        !["edge runtime", "no build cache"].iter().any(|known| lower.contains(known))
            && ["warn", "deprecat", "\u{26a0}", "(!)"].iter().any(|sign| lower.contains(sign))
    };
    ensure!(!output.lines().any(warns), "it warns:\n{output}");
    Ok(())
}

/// The module is inside the JavaScript: no tool may have found a file to put beside it, but where edge.js leads to one.
fn check_files(project: &Path, expected: Option<&str>) -> Result<()> {
    let modules = modules(project)?;
    match expected {
        None => ensure!(modules.is_empty(), "a stray {MODULE}: {modules:?}"),
        Some(dir) => ensure!(
            !modules.is_empty() && modules.iter().all(|module| module.starts_with(project.join(dir))),
            "{MODULE} should be in {dir} and is in {modules:?}"
        ),
    }
    Ok(())
}

/// The wasm files of a project that are not the package's own.
fn modules(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.ends_with("node_modules/fourd-websocket") {
            continue;
        }
        if path.is_dir() {
            found.extend(modules(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_warn_of_fails() {
        for said in [
            "WARNING in asset size limit",
            "(!) Use of eval is strongly discouraged",
            "\u{26a0} Critical dependency",
            "(node:1) [DEP0040] DeprecationWarning: The `punycode` module is deprecated",
        ] {
            assert!(check_output(&format!("built\n{said}\n")).is_err(), "{said}");
        }
        assert!(check_output("\u{2713} built in 12 ms\n\u{26a0} The Edge Runtime is deprecated.").is_ok());
    }

    #[test]
    fn a_console_may_miss_an_icon_only() {
        let icon = json!({ "level": "SEVERE", "message": "http://127.0.0.1:1/favicon.ico - Failed to load resource" });
        assert_eq!(warnings(&json!([icon])), "");
        assert_eq!(warnings(&json!([icon, { "level": "WARNING", "message": "a" }])), "a");
    }
}

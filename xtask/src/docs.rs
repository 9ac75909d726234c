//! `cargo xtask docs`: builds the pages in `docs/` as a site in target/docs, and checks it.

mod errors;
pub mod figures;
mod section;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::files::{self, remove_dir};
use crate::repo::Repo;
use crate::run::outcome::Outcome;
use crate::run::project::Tarballs;
use crate::run::script;
use crate::server::{SITE, Server};
use crate::tools::browser::Browser;
use crate::tools::{Unavailable, npm, system};
use crate::{pkg, step};

/// The pages and their build.
const DIR: &str = "docs";

/// The pages that TypeDoc generates from the declarations.
const REFERENCE: &str = "docs/reference";

#[derive(Args)]
pub struct Options {
    /// Serves the site, and the server for the page "Try it", until Ctrl-C
    #[arg(long)]
    serve: bool,

    /// The port of the server. Default: a free port
    #[arg(long, requires = "serve", value_name = "PORT", default_value_t = 0)]
    port: u16,
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    pkg::build(repo)?;
    errors::write(repo)?;
    step::run(repo.command("node")?.arg("tests/docs/support.js"), "name a fact or a case that exists")?;
    build(repo)?;
    let mut outcome = Outcome::new("docs", "docs", "-");
    if let Some(missing) = test(repo, None, &mut outcome).await? {
        bail!("the links cannot be checked: {missing}");
    }
    for failure in &outcome.failures {
        eprintln!("FAILED {}\n{}", failure.test.as_deref().unwrap_or_default(), failure.error);
    }
    if !outcome.failures.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    print!("{}", outcome.output);
    step::say(format!("{}/index.html is the site. The external links above were not checked", SITE.1));
    if options.serve {
        let server = Server::start_on(repo, options.port)?;
        println!("{}/", server.http());
        server.wait()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the checks of `cargo xtask test --host npm --suite docs`, which need no host. Returns a missing tool.
pub async fn test(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<Option<Unavailable>> {
    let python = match system::python(repo) {
        Ok(python) => python,
        Err(missing) => return Ok(Some(missing)),
    };
    let files = ["tests/docs/sample.test.js", "tests/docs/site.test.js"];
    script::mocha(repo, &files, json!({ "python": python }), filter, outcome).await?;
    Ok(None)
}

/// Tests the samples on a host. In Node also the table of other packages, and in a browser the built site.
pub async fn in_place(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    browser: Option<&Browser>,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    npm::ensure(repo, DIR)?;
    npm::ensure(repo, "tests/bench")?;
    let given = json!({
        "server": server.http(), "browser": browser.map(Browser::given),
        "project": tarballs.install(repo, "docs", true)?, "samples": repo.path("target/samples"),
    });
    let other = if browser.is_some() { "tests/browser/site.test.js" } else { "tests/bench/reconnecting/table.test.js" };
    script::mocha(repo, &["tests/docs/samples.test.js", other], given, filter, outcome).await
}

/// Builds the site. The package has to be built before, for the page "Try it".
pub fn build(repo: &Repo) -> Result<()> {
    npm::ensure(repo, DIR)?;
    step::say("building the site of docs/ (20 to 60 seconds)");
    remove_dir(&repo.path(REFERENCE))?;
    remove_dir(&repo.path(SITE.1))?;
    quiet(&mut node(repo, "typedoc", "bin/typedoc"), "document what it names in pkg-template/index.d.ts")?;
    quiet(node(repo, "vitepress", "bin/vitepress.js").args(["build", "."]), "fix the page or the setting it names")?;
    complete_notices(repo)?;
    rustdoc(repo)
}

/// Adds the notices of the package to those of the site's bundle, because a page contains the package.
fn complete_notices(repo: &Repo) -> Result<()> {
    let file = repo.path(SITE.1).join(notices::FILE);
    let package = files::read_text(&repo.pkg().join(notices::FILE))?;
    files::write(&file, format!("{}\n\n---\n\n{package}", files::read_text(&file)?))
}

fn node(repo: &Repo, package: &str, program: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(npm::package(repo, DIR, package).join(program)).current_dir(repo.path(DIR));
    node
}

/// Runs a program, and fails if it prints a warning.
fn quiet(command: &mut Command, next: &str) -> Result<()> {
    let output = step::capture(command)?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    let warning = ["warn", "(!)", "error"].into_iter().any(|word| printed.to_lowercase().contains(word));
    ensure!(output.status.success() && !warning, "`{}`: {next}\n{}", step::line(command), printed.trim());
    Ok(())
}

/// Adds the crate's reference to the site, built as on docs.rs.
fn rustdoc(repo: &Repo) -> Result<()> {
    let target = "wasm32-unknown-unknown";
    let built = repo.target().join(target).join("doc");
    // Files of other crates would become part of the site.
    remove_dir(&built)?;
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--quiet", "--no-deps", "--package", "fourd-websocket", "--target", target]);
    doc.args(["--no-default-features", "--features", &repo.features_of_documentation("fourd-websocket").join(",")]);
    // Its pages lead back to the site.
    doc.env("RUSTDOCFLAGS", "-D warnings --html-before-content docs/.vitepress/rustdoc.html").current_dir(repo.root());
    step::run(&mut doc, "fix the comment it names")?;
    files::copy_dir(&built, &repo.path(SITE.1).join("rust"))
}

//! `cargo xtask docs`: the site of the pages in `docs/`, built into target/docs and checked.

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

/// The pages, and what builds them.
const DIR: &str = "docs";

/// What TypeDoc makes of the declarations: pages, too.
const REFERENCE: &str = "docs/reference";

#[derive(Args)]
pub struct Options {
    /// Serves the site beside the server that the page "Try it" talks to, until Ctrl-C
    #[arg(long)]
    serve: bool,

    /// Where it is served; without it, on a free port
    #[arg(long, requires = "serve", value_name = "PORT", default_value_t = 0)]
    port: u16,
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    pkg::build(repo)?;
    errors::write(repo)?;
    build(repo)?;
    let mut outcome = Outcome::new("docs", "docs", "-");
    if let Some(Unavailable { reason, command }) = test(repo, None, &mut outcome).await? {
        bail!("the links cannot be checked: {reason}; get it with: {command}");
    }
    for failure in &outcome.failures {
        eprintln!("FAILED {}\n{}", failure.test.as_deref().unwrap_or_default(), failure.error);
    }
    if !outcome.failures.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    print!("{}", outcome.output);
    step::say(format!(
        "{}/index.html is the site; where its links lead elsewhere, which is not looked at, stands above",
        SITE.1
    ));
    if options.serve {
        let server = Server::start_on(repo, options.port)?;
        println!("{}/", server.http());
        server.wait()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The checks that need no host: what `cargo xtask test --host npm --suite docs` runs. Gives what was missing.
pub async fn test(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<Option<Unavailable>> {
    let python = match system::python(repo) {
        Ok(python) => python,
        Err(missing) => return Ok(Some(missing)),
    };
    let files = ["tests/docs/sample.test.js", "tests/docs/site.test.js"];
    script::mocha(repo, &files, json!({ "python": python }), filter, outcome).await?;
    Ok(None)
}

/// The samples, and in a browser the site, which is built.
pub async fn in_place(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    browser: Option<&Browser>,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let given = json!({
        "server": server.http(), "browser": browser.map(Browser::given),
        "project": tarballs.install(repo, "docs", true)?, "samples": repo.path("target/samples"),
    });
    let files = ["tests/docs/samples.test.js", "tests/browser/site.test.js"];
    script::mocha(repo, if browser.is_some() { &files } else { &files[..1] }, given, filter, outcome).await
}

/// Builds the site. The package has to be built: the page "Try it" has it.
pub fn build(repo: &Repo) -> Result<()> {
    npm::ensure(repo, DIR)?;
    step::say("building the site of docs/ (20 to 60 seconds)");
    remove_dir(&repo.path(REFERENCE))?;
    remove_dir(&repo.path(SITE.1))?;
    quiet(&mut node(repo, "typedoc", "bin/typedoc"), "document what it names in pkg-template/index.d.ts")?;
    quiet(node(repo, "vitepress", "bin/vitepress.js").args(["build", "."]), "mend the page or the setting it names")?;
    complete_notices(repo)?;
    rustdoc(repo)
}

/// Adds the notices of the package, which the site has on a page, to those of the site's bundle.
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

/// Runs a program that has nothing to say against what it is given.
fn quiet(command: &mut Command, next: &str) -> Result<()> {
    let output = step::capture(command)?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let complaint = ["warn", "(!)", "error"].into_iter().any(|word| said.to_lowercase().contains(word));
    ensure!(output.status.success() && !complaint, "`{}`: {next}\n{}", step::line(command), said.trim());
    Ok(())
}

/// The crate's reference beside the others, as docs.rs builds it.
fn rustdoc(repo: &Repo) -> Result<()> {
    let target = "wasm32-unknown-unknown";
    let built = repo.target().join(target).join("doc");
    // What was left by another crate would be part of it.
    remove_dir(&built)?;
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--quiet", "--no-deps", "--package", "fourd-websocket", "--target", target]);
    doc.args(["--no-default-features", "--features", &repo.features_of_documentation("fourd-websocket").join(",")]);
    doc.env("RUSTDOCFLAGS", "-D warnings").current_dir(repo.root());
    step::run(&mut doc, "mend the comment it names")?;
    files::copy_dir(&built, &repo.path(SITE.1).join("rust"))
}

//! `cargo xtask docs`: the site of the pages in `docs/`, built into target/docs and checked.

pub mod browse;
mod check;
mod errors;
pub mod figures;
mod page;
pub mod sample;

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::notices;
use crate::outcome::Outcome;
use crate::package::{self, remove_dir};
use crate::repo::Repo;
use crate::server::Server;
use crate::step;
use crate::tools::{Unavailable, npm};

/// The pages, and what builds them.
const DIR: &str = "docs";

/// What they are built into.
pub const SITE: &str = "target/docs";

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

pub fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    package::build(repo)?;
    errors::write(repo)?;
    build(repo)?;
    let mut outcome = Outcome::new("docs", "docs", "-");
    if let Some(Unavailable { reason, command }) = check::run(repo, None, &mut outcome)? {
        bail!("the links cannot be checked: {reason}; get it with: {command}");
    }
    for failure in &outcome.failures {
        eprintln!("FAILED {}\n{}", failure.test.as_deref().unwrap_or_default(), failure.error);
    }
    if !outcome.failures.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    for link in check::external_links(repo)? {
        println!("{link}");
    }
    step::say(format!("{SITE}/index.html is the site; what it links to elsewhere, which is not fetched, stands above"));
    if options.serve {
        let server = Server::start_on(repo, options.port)?;
        println!("{}/", server.http());
        server.wait()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The checks that need no host: what `cargo xtask test --host npm --suite docs` runs. Gives what was missing.
pub fn test(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<Option<Unavailable>> {
    check::run(repo, filter, outcome)
}

/// Builds the site. The package has to be built: the page "Try it" has it.
pub fn build(repo: &Repo) -> Result<()> {
    npm::ensure(repo, DIR)?;
    step::say("building the site of docs/ (20 to 60 seconds)");
    remove_dir(&repo.path(REFERENCE))?;
    remove_dir(&repo.path(SITE))?;
    quiet(&mut node(repo, "typedoc/bin/typedoc"), "document what it names in pkg-template/index.d.ts")?;
    quiet(node(repo, "vitepress/bin/vitepress.js").args(["build", "."]), "mend the page or the setting it names")?;
    notices::complete_site(repo)?;
    rustdoc(repo)
}

fn node(repo: &Repo, program: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(repo.path(DIR).join("node_modules").join(program)).current_dir(repo.path(DIR));
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
    crate::project::copy_dir(&built, &repo.path(SITE).join("rust"))
}

/// Every page there is: the path in the repository, and the text.
fn pages(repo: &Repo) -> Result<Vec<page::Page>> {
    let mut pages = Vec::new();
    for dir in [DIR, "docs/guide"] {
        for entry in fs::read_dir(repo.path(dir)).with_context(|| format!("reading {dir}"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(page(repo, &format!("{dir}/{}", path.file_name().unwrap_or_default().to_string_lossy()))?);
            }
        }
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

fn page(repo: &Repo, name: &str) -> Result<page::Page> {
    let text = fs::read_to_string(repo.path(name)).with_context(|| format!("reading {name}"))?;
    Ok(page::Page { name: name.to_owned(), text })
}

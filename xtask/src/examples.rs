//! `examples`: programs in Rust that use the crate as an application does, built with wasm-pack and run.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{Client, Locator};
use tokio::process::Command;

use crate::files::remove_dir;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::browser::Browser;
use crate::tools::runtime::Program;
use crate::{limited, server, step, suite};

const ECHO: &str = "examples/echo";

/// How long a line of a page may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Builds the example for a host and runs it there.
pub async fn run(
    repo: &Repo,
    server: &Server,
    place: &Place,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    const NAME: &str = "the_echo_answers";
    if filter.is_some_and(|text| !NAME.contains(text)) {
        return Ok(());
    }
    let url = format!("{}/echo", server.ws());
    let result = match place {
        Place::Node(node) => in_node(repo, node, &url).await,
        Place::Page(browser) => in_page(repo, server, browser, &url).await,
        _ => bail!("the examples are for Node and for pages"),
    };
    let expected = [format!("connected to {url}"), "received: Hello world".into(), "closed with code 1000".into()];
    match result {
        Ok(lines) if lines == expected => outcome.passed += 1,
        Ok(lines) => outcome.fail(NAME, format!("it said {lines:?}")),
        Err(error) => outcome.fail(NAME, format!("{error:#}")),
    }
    Ok(())
}

/// The example with what wasm-pack makes of it.
fn build(repo: &Repo, target: &str) -> Result<PathBuf> {
    let dir = repo.path(server::EXAMPLES.1).join("echo").join(target);
    remove_dir(&dir)?;
    let mut build = repo.command("wasm-pack")?;
    build.args(["build", ECHO, "--dev", "--mode", "no-install", "--target", target, "--out-dir"]);
    step::output(build.arg(dir.join("pkg")), "mend what the compiler names above")?;
    for file in ["index.html", "talk.mjs"] {
        let from = repo.path(ECHO).join(file);
        fs::copy(&from, dir.join(file)).with_context(|| format!("copying {}", from.display()))?;
    }
    let declared = fs::read_to_string(dir.join("pkg/echo.d.ts")).context("reading what the example exports")?;
    let classes: Vec<_> = declared.lines().filter(|line| line.starts_with("export class")).collect();
    ensure!(classes == ["export class Conversation {"], "the example exports more than its own class: {classes:?}");
    Ok(dir)
}

async fn in_node(repo: &Repo, node: &Program, url: &str) -> Result<Vec<String>> {
    let dir = build(repo, "nodejs")?;
    let mut lines = Vec::new();
    let mut command = Command::new(&node.path);
    command.args(["talk.mjs", url]).current_dir(dir);
    let ended = limited::run(&mut command, |line| lines.push(line.to_owned())).await?;
    ensure!(ended.status.is_some_and(|status| status.success()), "{:?}: {}", ended.status, ended.stderr);
    Ok(lines)
}

async fn in_page(repo: &Repo, server: &Server, browser: &Browser, url: &str) -> Result<Vec<String>> {
    build(repo, "web")?;
    let (_driver, client) = suite::open(browser).await?;
    let page = format!(
        "{}/files/{}/echo/web/index.html?url={}",
        server.http(),
        server::EXAMPLES.0,
        suite::percent_encoded(url)
    );
    client.goto(&page).await.with_context(|| format!("opening {page}"))?;
    // The first line is there when the form is.
    lines(&client, 1).await?;
    client.find(Locator::Css("input")).await?.send_keys("Hello world").await?;
    client.find(Locator::Css("button")).await?.click().await?;
    lines(&client, 2).await?;
    client.find(Locator::Css("[name=leave]")).await?.click().await?;
    let lines = lines(&client, 3).await?;
    suite::close(client).await;
    Ok(lines)
}

/// The lines of the page, once there are so many.
async fn lines(client: &Client, count: usize) -> Result<Vec<String>> {
    let started = Instant::now();
    loop {
        let mut lines = Vec::new();
        for item in client.find_all(Locator::Css("li")).await? {
            lines.push(item.text().await?);
        }
        if lines.len() >= count {
            return Ok(lines);
        }
        ensure!(started.elapsed() < PATIENCE, "not {count} lines within {} s, but {lines:?}", PATIENCE.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

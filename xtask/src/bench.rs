//! `cargo xtask bench`: the package beside what a user would pick instead, turn by turn in one run.
//!
//! The programs that take the samples are in `tests/bench`. Machines are noisy: what one round gives for two subjects is
//! compared, and of all rounds the median.

mod app;
mod download;
mod figure;
mod page;
mod report;
mod row;
mod svg;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use crate::docs::figures;
use crate::host::Host;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::project::{self, Tarballs};
use crate::repo::Repo;
use crate::server::Server;
use crate::tools::npm;
use crate::{limited, package, step};

use figure::Figure;

/// What the test server serves for it: the project with the bundles, and the folder it is in.
pub const ROOT: (&str, &str) = ("bench", "target/suite/bench/bench");

/// The hosts that are measured, and what on each.
const HOSTS: [Host; 4] = [Host::Node24, Host::Chromium, Host::Firefox, Host::Bun];

#[derive(Args)]
pub struct Options {
    /// Takes only this part; may be given more than once
    #[arg(long = "only", value_name = "NAME")]
    parts: Vec<Part>,

    /// Measures only on this host; may be given more than once
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<Host>,

    /// Takes two samples of a few messages each: that it runs, and counts every message, not how long anything takes
    #[arg(long)]
    quick: bool,

    /// Writes the tables into docs/guide/benchmarks.md
    #[arg(long, conflicts_with_all = ["parts", "hosts", "quick"])]
    write: bool,
}

/// What is measured: a file of tests/bench/runs, but for the downloads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Delivering a message, without a host
    Delivery,
    /// Delivering a text to a program in Rust, without a host
    Rust,
    /// Sending a message, without a host
    Sending,
    /// Messages received over loopback
    Receive,
    /// Messages sent over loopback
    Send,
    /// Connections opened and closed
    Connections,
    /// From the import to the first connection
    Startup,
    /// Memory of each open connection
    Memory,
    /// Wasm memory that large messages take
    Large,
    /// Bytes that a page downloads
    Download,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Rust => "rust",
            Self::Sending => "sending",
            Self::Receive => "receive",
            Self::Send => "send",
            Self::Connections => "connections",
            Self::Startup => "startup",
            Self::Memory => "memory",
            Self::Large => "large",
            Self::Download => "download",
        }
    }

    /// What of ours is measured: the package, but where the program is one in Rust.
    fn ours(self) -> &'static str {
        match self {
            Self::Rust => app::OURS[0],
            _ => "package",
        }
    }

    /// What runs on a host.
    fn of(host: Host) -> &'static [Part] {
        use Part::{Connections, Delivery, Large, Memory, Receive, Rust, Send, Sending, Startup};
        match host {
            Host::Node24 => &[Delivery, Rust, Sending, Receive, Send, Connections, Startup, Memory, Large],
            Host::Chromium => &[Delivery, Rust, Sending, Receive, Send, Connections, Startup, Large],
            Host::Firefox | Host::Bun => &[Receive, Send],
            _ => &[],
        }
    }
}

/// The project with the package and its peers.
struct Bench<'a> {
    repo: &'a Repo,
    server: &'a Server,
    project: PathBuf,
    quick: bool,
    /// The minimal apps that were built.
    apps: &'static [&'static str],
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    limited::end_children_on_interrupt();
    let wants = |part: &Part| options.parts.is_empty() || options.parts.contains(part);
    let hosts: Vec<Host> =
        HOSTS.into_iter().filter(|host| options.hosts.is_empty() || options.hosts.contains(host)).collect();
    if hosts.is_empty() {
        bail!("none of these hosts is measured; --host can be node24, chromium, firefox or bun");
    }
    package::build(repo)?;
    let mut server = if options.quick { Server::start(repo)? } else { Server::start_optimised(repo)? };
    let apps = if options.quick { &app::OURS[..] } else { &app::NAMES };
    let bench = Bench::prepare(repo, &Tarballs::pack(repo)?, &server, options.quick, apps)?;

    let mut figures = Vec::new();
    let mut versions = BTreeMap::new();
    let mut is_complete = true;
    for host in hosts {
        let parts: Vec<Part> = Part::of(host).iter().copied().filter(wants).collect();
        if parts.is_empty() {
            continue;
        }
        let place = match Place::find(repo, host) {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            Err(missing) => {
                step::say(format!("{} is missing: {}; get it with: {}", host.name(), missing.reason, missing.command));
                is_complete = false;
                continue;
            }
        };
        versions.insert(host.name(), place.version().to_owned());
        for part in parts {
            step::say(format!("{} {}: {}", host.name(), place.version(), part.name()));
            figures.extend(bench.measure(part, host, &place).await?);
        }
    }
    let downloads = if wants(&Part::Download) && !options.quick { bench.downloads()? } else { Vec::new() };
    server.check()?;

    if options.quick {
        println!("{} samples, of which every message was counted", figures.iter().map(Figure::len).sum::<usize>());
        return Ok(ExitCode::SUCCESS);
    }
    let rows = row::all(&figures, &downloads);
    print!("{}", row::text(&rows));
    report::write(repo, &versions, &figures, &downloads, &rows)?;
    if options.write && !is_complete {
        bail!("a host is missing, the command that gets it stands above; docs/guide/benchmarks.md is as it was");
    }
    if options.write {
        figures::write_downloads(repo, &download::markdown(&downloads))?;
        figures::write_bench(repo, &row::markdown(&rows, &versions))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The suite `bench` of `cargo xtask test`: a quick run on one host, each case a result of its own.
pub async fn smoke(
    repo: &Repo,
    tarballs: &Tarballs,
    server: &Server,
    host: Host,
    place: &Place,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let is_wanted = |part: &Part| filter.is_none_or(|filter| part.name().contains(filter));
    let parts: Vec<Part> = Part::of(host).iter().copied().filter(is_wanted).collect();
    let apps = if parts.contains(&Part::Rust) { &app::OURS[..] } else { &[] };
    let bench = Bench::prepare(repo, tarballs, server, true, apps)?;
    for part in parts {
        match bench.measure(part, host, place).await {
            Ok(figures) => outcome.passed += figures.len(),
            Err(error) => outcome.fail(part.name(), format!("{error:#}")),
        }
    }
    Ok(())
}

/// A line of what takes the samples.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Figure(figure::Taken),
    Error {
        error: String,
    },
    /// How many figures there are.
    Done {
        done: usize,
    },
}

impl<'a> Bench<'a> {
    /// A project with the packed package, the programs, and bundles of them for pages.
    fn prepare(
        repo: &'a Repo,
        tarballs: &Tarballs,
        server: &'a Server,
        quick: bool,
        apps: &'static [&'static str],
    ) -> Result<Self> {
        npm::ensure(repo, "tests/bench")?;
        app::build(repo, apps, !quick)?;
        let project = tarballs.install(repo, "bench", false)?;
        let bench = Self { repo, server, project, quick, apps };
        project::copy_dir(&repo.path("tests/bench"), &bench.dir())?;
        app::copy(repo, apps, &bench.dir())?;
        page::bundle(&bench)?;
        Ok(bench)
    }

    /// Where the programs are.
    fn dir(&self) -> PathBuf {
        self.project.join("bench")
    }

    /// What is measured of one part on one host. Fails if a message is missing, or a sample.
    async fn measure(&self, part: Part, host: Host, place: &Place) -> Result<Vec<Figure>> {
        let mut lines = Vec::new();
        match place {
            Place::Node(node) => {
                let mut command = Command::new(&node.program);
                self.in_process(command.arg("--expose-gc"), part, host, &mut lines).await?;
            }
            Place::Runtime(program) => {
                let mut command = Command::new(&program.path);
                self.in_process(command.args(program.options), part, host, &mut lines).await?;
            }
            Place::Page(browser) if part == Part::Startup => page::startup(self, browser, &mut lines).await?,
            Place::Page(browser) => page::run(self, browser, part, host, &mut lines).await?,
            Place::Worker(_) | Place::Workerd(_) => bail!("{} is not measured", host.name()),
        }
        let mut figures = Vec::new();
        let mut announced = None;
        for line in &lines {
            match serde_json::from_str(line).with_context(|| format!("{}: {line}", host.name()))? {
                Line::Figure(taken) => figures.push(Figure::new(host, taken)?),
                Line::Error { error } => bail!("{} {}: {error}", host.name(), part.name()),
                Line::Done { done } => announced = Some(done),
            }
        }
        if announced != Some(figures.len()) || figures.is_empty() {
            bail!("{} {}: {} figures, announced: {announced:?}", host.name(), part.name(), figures.len());
        }
        Ok(figures)
    }

    /// What tests/bench/bench.js is to do.
    fn config(&self, part: Part, host: Host, apps: &str) -> String {
        let config = json!({
            "names": [part.name()], "host": host.name(), "quick": self.quick, "server": self.server.ws(), "apps": apps,
            "built": self.apps,
        });
        config.to_string()
    }

    async fn in_process(&self, command: &mut Command, part: Part, host: Host, lines: &mut Vec<String>) -> Result<()> {
        let apps = format!("file://{}", self.dir().join("apps").display());
        command.arg("bench/node.js").arg(self.config(part, host, &apps));
        command.current_dir(&self.project).stderr(Stdio::piped());
        let ended = limited::run(command, |line| lines.push(line.to_owned())).await?;
        match ended.status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{} {}: {status}\n{}", host.name(), part.name(), ended.stderr),
            None => bail!("{} {}: not done within {} s", host.name(), part.name(), limited::LIMIT.as_secs()),
        }
    }

    fn downloads(&self) -> Result<Vec<download::Download>> {
        step::say("bundling minimal apps for their sizes");
        download::all(self)
    }
}

/// How long a page may leave the server without a word before it is asked whether it is still there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Creates target/bench.
fn directory(repo: &Repo) -> Result<PathBuf> {
    let dir = repo.path("target/bench");
    fs::create_dir_all(&dir).with_context(|| format!("creating {}", dir.display()))?;
    Ok(dir)
}

//! `cargo xtask bench`: the package beside its alternatives, measured in alternation in one run.
//!
//! The programs that take the samples are in `tests/bench`. Machines are noisy: the samples of one round are compared
//! with each other, and the result is the median of all rounds.

mod app;
mod download;
mod page;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use figures::download as downloads;
use figures::figure::{Figure, Taken};
use figures::part::Part;
use figures::row;
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use crate::docs::figures as pages;
use crate::repo::Repo;
use crate::run::contract::percent_encoded;
use crate::run::host::Host;
use crate::run::outcome::Outcome;
use crate::run::place::Place;
use crate::run::project::Tarballs;
use crate::run::script;
use crate::server::{self, Server};
use crate::tools::browser::Browser;
use crate::tools::npm;
use crate::{files, limited, pkg, step};

/// The time limit of one part on one host. The imports start many browsers.
const LIMIT: Duration = Duration::from_secs(900);

/// The hosts that are measured.
const HOSTS: [Host; 4] = [Host::Node24, Host::Chromium, Host::Firefox, Host::Bun];

#[derive(Args)]
pub struct Options {
    /// Measures only this part. You can repeat this option
    #[arg(long = "only", value_name = "NAME")]
    parts: Vec<Part>,

    /// Measures only on this host. You can repeat this option
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<Host>,

    /// Takes two samples of a few messages each, to check that the programs run and count every message
    #[arg(long)]
    quick: bool,

    /// Writes the tables into docs/guide/benchmarks.md
    #[arg(long, conflicts_with_all = ["parts", "hosts", "quick"])]
    write: bool,
}

/// The parts that are measured on a host.
fn parts_of(host: Host) -> &'static [Part] {
    use Part::{Connections, Delivery, Large, Memory, Receive, Rust, Send, Sending, Startup};
    match host {
        Host::Node24 => &[Delivery, Rust, Sending, Receive, Send, Connections, Startup, Memory, Large],
        Host::Chromium => &[Delivery, Rust, Sending, Receive, Send, Connections, Startup, Large],
        Host::Firefox | Host::Bun => &[Receive, Send],
        _ => &[],
    }
}

/// The project with the package and its peers.
struct Bench<'a> {
    repo: &'a Repo,
    server: &'a Server,
    project: PathBuf,
    quick: bool,
    /// The minimal apps that are built.
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
    pkg::build(repo)?;
    let mut server = if options.quick { Server::start(repo)? } else { Server::start_optimised(repo)? };
    let apps = if options.quick { &app::OURS[..] } else { &app::NAMES };
    let bench = Bench::prepare(repo, &Tarballs::pack(repo)?, &server, options.quick, apps)?;

    let mut taken = Vec::new();
    let mut versions = BTreeMap::new();
    let mut is_complete = true;
    for host in hosts {
        let parts: Vec<Part> = parts_of(host).iter().copied().filter(wants).collect();
        if parts.is_empty() {
            continue;
        }
        let place = match Place::find(repo, host) {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            Err(missing) => {
                step::say(format!("{} is missing: {missing}", host.name()));
                is_complete = false;
                continue;
            }
        };
        versions.insert(host.name(), place.version().to_owned());
        for part in parts {
            step::say(format!("{} {}: {}", host.name(), place.version(), part.name()));
            taken.extend(bench.measure(part, host, &place).await?);
        }
    }
    let downloads =
        if wants(&Part::Download) && !options.quick { download::all(repo, &bench.dir())? } else { Vec::new() };
    server.check()?;

    if options.quick {
        let samples: usize = taken.iter().map(|figure: &Figure| figure.samples.len()).sum();
        println!("{samples} samples, of which every message was counted");
        return Ok(ExitCode::SUCCESS);
    }
    let rows = row::all(&taken, &downloads);
    print!("{}", row::text(&rows));
    let file = repo.path("target/bench/figures.json");
    files::write(&file, format!("{:#}\n", figures::report(&versions, &taken, &downloads, &rows)))?;
    step::say("target/bench/figures.json has every sample");
    if options.write && !is_complete {
        bail!("a host is missing, so docs/guide/benchmarks.md is unchanged. Run the command above to install the host");
    }
    if options.write {
        pages::DOWNLOADS.write(repo, &downloads::markdown(&downloads))?;
        pages::BENCH.write(repo, &row::markdown(&rows, &versions, &figures::machine()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A host as the figures name it. In a browser, the samples are taken in a page and in a worker.
fn measured(host: Host) -> figures::figure::Host {
    let title = host.title().unwrap_or_default().trim_end_matches(", page");
    figures::figure::Host { name: host.name(), title }
}

/// The suite `bench` of `cargo xtask test`: a quick run on one host. Each case is a result.
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
    let parts: Vec<Part> = parts_of(host).iter().copied().filter(is_wanted).collect();
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

/// A line of output of a measuring program.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Figure(Taken),
    Error {
        error: String,
    },
    /// The number of figures.
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
        files::copy_dir(&repo.path("tests/bench"), &bench.dir())?;
        app::copy(repo, apps, &bench.dir())?;
        page::bundle(repo, &bench.dir())?;
        Ok(bench)
    }

    /// The directory of the programs.
    fn dir(&self) -> PathBuf {
        self.project.join("bench")
    }

    /// Measures one part on one host. Fails if a message or a sample is missing.
    async fn measure(&self, part: Part, host: Host, place: &Place) -> Result<Vec<Figure>> {
        let mut lines = Vec::new();
        let mut command = match place {
            Place::Node(program) | Place::Runtime(program) => {
                let apps = format!("file://{}", self.dir().join("apps").display());
                let mut command = Command::new(&program.path);
                command.args(program.options).arg("bench/node.js").arg(self.config(part, host, &apps));
                command.current_dir(&self.project);
                command
            }
            Place::Page(browser) => self.in_page(browser, part, host)?,
            Place::Worker(_) | Place::Workerd(_) => bail!("{} is not measured", host.name()),
        };
        let ended = limited::run(LIMIT, &mut command, |line| lines.push(line.to_owned())).await?;
        match ended.status {
            Some(status) if status.success() => {}
            Some(status) => bail!("{} {}: {status}\n{}", host.name(), part.name(), ended.stderr),
            None => bail!("{} {}: not done within {} s", host.name(), part.name(), LIMIT.as_secs()),
        }
        let mut figures = Vec::new();
        let mut announced = None;
        for line in &lines {
            match serde_json::from_str(line).with_context(|| format!("{}: {line}", host.name()))? {
                Line::Figure(taken) => figures.push(Figure::new(measured(host), taken)?),
                Line::Error { error } => bail!("{} {}: {error}", host.name(), part.name()),
                Line::Done { done } => announced = Some(done),
            }
        }
        if announced != Some(figures.len()) || figures.is_empty() {
            bail!("{} {}: {} figures, announced: {announced:?}", host.name(), part.name(), figures.len());
        }
        Ok(figures)
    }

    /// The command that measures a part in a page.
    fn in_page(&self, browser: &Browser, part: Part, host: Host) -> Result<Command> {
        let (http, browser) = (self.server.http(), browser.given());
        let (site, reports) = (format!("{http}/files/{}/site", server::BENCH.0), format!("{http}/report"));
        if part == Part::Startup {
            let given = json!({ "browser": browser, "site": site, "reports": reports, "quick": self.quick });
            return script::program(self.repo, "tests/bench/imports.js", &given);
        }
        let key = format!("bench-{}-{}-{}", host.name(), part.name(), std::process::id());
        let config = percent_encoded(&self.config(part, host, &format!("{http}/files/{}/apps", server::BENCH.0)));
        let url = format!("{site}/page.html?key={key}&config={config}");
        let given = json!({ "browser": browser, "url": url, "reports": format!("{reports}?key={key}") });
        script::program(self.repo, "tests/browser/visit.js", &given)
    }

    /// The configuration of tests/bench/bench.js.
    fn config(&self, part: Part, host: Host, apps: &str) -> String {
        let config = json!({
            "names": [part.name()], "host": host.name(), "quick": self.quick, "server": self.server.ws(), "apps": apps,
            "built": self.apps,
        });
        config.to_string()
    }
}

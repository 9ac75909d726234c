//! `cargo xtask test`: every test on every host, fast checks first.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cargo_test::{self, Place};
use crate::host::Host;
use crate::outcome::Outcome;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::Server;
use crate::table::Table;
use crate::tools::Unavailable;
use crate::tools::browser::{self, Browser};
use crate::tools::node::{self, Node};
use crate::tools::runtime::{self, Runtime};
use crate::tools::{npm, rust};
use crate::{limited, package, plain, size, step, suite};

#[derive(Args)]
pub struct Options {
    /// Runs only what this host needs; may be given more than once
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<Host>,

    /// Fails if a host is missing, too
    #[arg(long)]
    require_all: bool,

    /// Runs only tests with this text in their names
    #[arg(long, value_name = "SUBSTR")]
    filter: Option<String>,
}

/// What every host's tests need.
struct Run<'a> {
    repo: &'a Repo,
    server: Server,
    tarballs: Tarballs,
    filter: Option<&'a str>,
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    limited::end_children_on_interrupt();
    npm::ensure_npm()?;
    let hosts = if options.hosts.is_empty() { Host::value_variants() } else { &options.hosts };
    let filter = options.filter.as_deref();
    let mut table = Table::default();

    if hosts.contains(&Host::Native) {
        let mut outcome = begin(Host::Native, "workspace", rust::version());
        let result = cargo_test::native(repo, filter, &mut outcome).await;
        finish(&mut table, outcome, result);
    }
    if hosts.iter().any(|host| *host != Host::Native) {
        let mut built = Outcome::new("npm", "package", repo.version("fourd-websocket")?);
        match prepare(repo, filter, &mut built) {
            Ok(mut run) => {
                if !built.failures.is_empty() {
                    table.add(built);
                }
                for host in Host::value_variants().iter().filter(|host| hosts.contains(host)) {
                    run.host(*host, &mut table).await;
                }
                run.check_server(&mut table);
            }
            Err(error) => {
                built.fail("cargo xtask pkg", format!("{error:#}"));
                table.add(built);
            }
        }
    }

    table.print();
    if filter.is_some() && table.ran() == 0 {
        eprintln!("error: no test has that text in its name; `cargo xtask test` without --filter runs them all");
        return Ok(ExitCode::FAILURE);
    }
    let complete = table.is_complete() || !options.require_all;
    if !complete {
        eprintln!("error: a host is missing and --require-all was given; the command that gets it stands above");
    }
    Ok(if table.failed() == 0 && complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the package once and starts the one server of the run: the crate's tests are compiled with its address.
fn prepare<'a>(repo: &'a Repo, filter: Option<&'a str>, built: &mut Outcome) -> Result<Run<'a>> {
    package::build(repo)?;
    if let Err(error) = size::report(repo) {
        built.fail("size", format!("{error:#}"));
    }
    Ok(Run { repo, server: Server::start(repo)?, tarballs: Tarballs::pack(repo)?, filter })
}

impl Run<'_> {
    async fn host(&self, host: Host, table: &mut Table) {
        match host {
            Host::Native => {}
            Host::Node20 => self.node(host, 20, table).await,
            Host::Node22 => self.node(host, 22, table).await,
            Host::Node24 => self.node(host, 24, table).await,
            Host::Node26 => self.node(host, 26, table).await,
            Host::Deno => self.runtime(host, &runtime::DENO, table).await,
            Host::Bun => self.runtime(host, &runtime::BUN, table).await,
            Host::Chromium => self.chromium(host, false, table).await,
            Host::ChromiumWorker => self.chromium(host, true, table).await,
            Host::Firefox => self.browser(host, browser::firefox(self.repo), false, table).await,
            Host::FirefoxWorker => self.browser(host, browser::firefox(self.repo), true, table).await,
            Host::Webkit => self.browser(host, browser::webkit(), false, table).await,
            Host::WebkitWorker => self.browser(host, browser::webkit(), true, table).await,
            Host::Plain => self.plain(table).await,
        }
    }

    async fn node(&self, host: Host, major: u32, table: &mut Table) {
        let Run { repo, server, tarballs, filter } = self;
        let node = match node::ensure(repo, major) {
            Ok(node) => node,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        let mut outcome = begin(host, "package", &node.version);
        let result = suite::in_node(repo, tarballs, server, &node, *filter, &mut outcome).await;
        finish(table, outcome, result);

        let mut outcome = begin(host, "crate", &node.version);
        let result = cargo_test::in_wasm(repo, server, Place::Node(&node), *filter, &mut outcome).await;
        finish(table, outcome, result);
    }

    async fn runtime(&self, host: Host, runtime: &Runtime, table: &mut Table) {
        let Run { repo, server, tarballs, filter } = self;
        let program = match runtime::ensure(repo, runtime) {
            Ok(program) => program,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        let mut outcome = begin(host, "package", &program.version);
        let result = suite::in_runtime(repo, tarballs, server, &program, runtime.options, *filter, &mut outcome).await;
        finish(table, outcome, result);
    }

    async fn chromium(&self, host: Host, worker: bool, table: &mut Table) {
        let Run { repo, server, filter, .. } = self;
        let chromium = match browser::chromium() {
            Ok(chromium) => chromium,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        let mut outcome = begin(host, "package", &chromium.version);
        let result = suite::in_browser(server, &chromium, worker, *filter, &mut outcome).await;
        finish(table, outcome, result);

        let place = if worker { Place::Worker(&chromium) } else { Place::Page(&chromium) };
        let mut outcome = begin(host, "crate", &chromium.version);
        let result = cargo_test::in_wasm(repo, server, place, *filter, &mut outcome).await;
        finish(table, outcome, result);
    }

    async fn browser(&self, host: Host, found: Result<Browser, Unavailable>, worker: bool, table: &mut Table) {
        let browser = match found {
            Ok(browser) => browser,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        let mut outcome = begin(host, "package", &browser.version);
        let result = suite::in_browser(&self.server, &browser, worker, self.filter, &mut outcome).await;
        finish(table, outcome, result);
    }

    async fn plain(&self, table: &mut Table) {
        if self.filter.is_some() {
            // Three scripts without names to choose from.
            return;
        }
        for target in &plain::TARGETS {
            let node: Node = match node::ensure(self.repo, target.node) {
                Ok(node) => node,
                Err(missing) => {
                    table.add_missing(Host::Plain.name(), missing);
                    continue;
                }
            };
            let mut outcome = begin(Host::Plain, target.name, format!("Node {}", node.version));
            let result = plain::run(self.repo, target, &node, &self.server, &mut outcome).await;
            finish(table, outcome, result);
        }
    }

    fn check_server(&mut self, table: &mut Table) {
        if let Err(error) = self.server.check() {
            let mut outcome = Outcome::new("server", "tests/server", "-");
            outcome.fail("the test server", format!("{error:#}"));
            table.add(outcome);
        }
    }
}

fn begin(host: Host, what: &'static str, version: impl Into<String>) -> Outcome {
    let outcome = Outcome::new(host.name(), what, version);
    step::say(format!("{} {}: the {what} tests", outcome.host, outcome.version));
    outcome
}

/// What keeps tests from running at all is a failure of the run, and the other hosts go on.
fn finish(table: &mut Table, mut outcome: Outcome, result: Result<()>) {
    if let Err(error) = result {
        outcome.fail_run(format!("{error:#}"));
    }
    table.add(outcome);
}

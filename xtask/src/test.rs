//! `cargo xtask test`: runs every test on every host, fast checks first.

use std::cell::{Cell, RefCell};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::pkg::{self, size};
use crate::repo::Repo;
use crate::run::choice::Choice;
use crate::run::host::{Host, Suite};
use crate::run::outcome::Outcome;
use crate::run::peers::Peers;
use crate::run::place::Place;
use crate::run::project::Tarballs;
use crate::run::table::Table;
use crate::run::{autobahn, cargo, contract, plain, script};
use crate::server::Server;
use crate::tools::browser::{self, Browser};
use crate::tools::{Unavailable, npm, rust, system};
use crate::{bench, demo, docs, files, limited, step};

#[derive(Args)]
pub struct Options {
    /// Runs only the tests of this host. You can repeat this option
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<Host>,

    /// Runs only this suite of each host. You can repeat this option
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<Suite>,

    /// Fails if a host is missing, too
    #[arg(long)]
    require_all: bool,

    /// Runs only tests with this text in their names
    #[arg(long, value_name = "SUBSTR")]
    filter: Option<String>,

    /// Runs the chat's tests in Chromium and copies two screenshots for README.md
    #[arg(long, conflicts_with_all = ["hosts", "suites", "filter", "require_all"])]
    pictures: bool,

    /// Writes the table of hosts into docs/guide/support.md if all tests passed
    #[arg(long, conflicts_with_all = ["hosts", "suites", "filter"], requires = "require_all")]
    write: bool,
}

impl Options {
    fn wants(&self, suite: Suite) -> bool {
        match self.pictures {
            true => suite == Suite::Chat,
            false => self.suites.is_empty() || self.suites.contains(&suite),
        }
    }

    /// The hosts with at least one selected suite.
    fn hosts(&self) -> impl Iterator<Item = Host> {
        let named = |host: &&Host| match self.pictures {
            true => **host == Host::Chromium,
            false => self.hosts.is_empty() || self.hosts.contains(host),
        };
        let runs = |host: &Host| host.suites().iter().any(|suite| self.wants(*suite));
        Host::value_variants().iter().filter(named).copied().filter(runs)
    }

    fn runs(&self, suite: Suite, host: Host) -> bool {
        self.wants(suite) && host.suites().contains(&suite)
    }
}

/// The shared resources of a run.
pub struct Run<'a> {
    repo: &'a Repo,
    server: Server,
    tarballs: Tarballs,
    options: &'a Options,
    /// Set if their suite runs.
    peers: Option<Peers>,
    /// `true` if the site was built in this run.
    has_site: Cell<bool>,
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    limited::end_children_on_interrupt();
    npm::ensure_npm()?;
    if options.pictures {
        system::fonts(repo);
    }
    let filter = options.filter.as_deref();
    let hosts: Vec<Host> = options.hosts().collect();
    if hosts.is_empty() {
        bail!("no suite named by --suite runs on a host named by --host");
    }
    let mut table = Table::default();

    if hosts.contains(&Host::Native) {
        let mut outcome = begin(Host::Native, Suite::Workspace, rust::version());
        let result = cargo::native(repo, filter, &mut outcome).await;
        finish(&mut table, outcome, result);
    }
    if hosts.iter().any(|host| *host != Host::Native) {
        let mut built = Outcome::new("npm", "package", repo.version("fourd-websocket")?);
        match prepare(repo, options, &mut built) {
            Ok(mut run) => {
                if !built.failures.is_empty() {
                    table.add(built);
                }
                if hosts.iter().any(|host| options.runs(Suite::Servers, *host)) {
                    run.start_peers(&mut table);
                }
                // The tests of a host wait most of their time: three hosts take turns.
                let waiting = RefCell::new(hosts.iter());
                let (one, two, three) = tokio::join!(run.lane(&waiting), run.lane(&waiting), run.lane(&waiting));
                let place = |name: &str| hosts.iter().position(|host| host.name() == name);
                [one, two, three].into_iter().for_each(|results| table.join(results, place));
                run.check_servers(&mut table);
            }
            Err(error) => {
                built.fail("cargo xtask pkg", format!("{error:#}"));
                table.add(built);
            }
        }
    }

    table.print();
    if filter.is_some() && table.ran() == 0 {
        eprintln!("error: no test has this text in its name. Run `cargo xtask test` without --filter to run all tests");
        return Ok(ExitCode::FAILURE);
    }
    let complete = table.is_complete() || !options.require_all;
    if !complete {
        eprintln!("error: a host is missing, and --require-all was given. Run the command above to install the host");
    }
    if table.failed() > 0 || !complete {
        return Ok(ExitCode::FAILURE);
    }
    if options.write {
        docs::figures::write_hosts(repo, &table)?;
    }
    if options.pictures {
        // README.md shows them.
        for name in ["drawer-1280-light.png", "talk-390-dark.png"] {
            files::copy(&repo.path("target/chat").join(name), &repo.path("www/pictures").join(name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the package once and starts the one server of the run: the crate's tests are compiled with its address.
fn prepare<'a>(repo: &'a Repo, options: &'a Options, built: &mut Outcome) -> Result<Run<'a>> {
    let _lock = pkg::build(repo)?;
    if let Err(error) = size::report(repo) {
        built.fail("size", format!("{error:#}"));
    }
    Ok(Run {
        repo,
        server: Server::start(repo)?,
        tarballs: Tarballs::pack(repo)?,
        options,
        peers: None,
        has_site: Cell::new(false),
    })
}

impl Run<'_> {
    /// Runs the tests of one host after the other, as long as some are waiting.
    async fn lane(&self, waiting: &RefCell<std::slice::Iter<'_, Host>>) -> Table {
        let mut table = Table::default();
        loop {
            let next = waiting.borrow_mut().next();
            let Some(host) = next else { return table };
            self.host(*host, &mut table).await;
        }
    }

    async fn host(&self, host: Host, table: &mut Table) {
        let suites = host.suites().iter().copied().filter(|suite| self.options.wants(*suite));
        let place = match Place::find(self.repo, host) {
            Ok(place) => place,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        for suite in suites {
            match (&place, suite) {
                (Some(place), _) => {
                    let mut outcome = begin(host, suite, place.version());
                    let missing = self.suite(suite, host, place, &mut outcome).await;
                    self.finish(table, outcome, missing);
                }
                (None, Suite::Workspace) => {}
                (None, Suite::Plain) if self.options.filter.is_none() => {
                    plain::run(self.repo, &self.server, table).await
                }
                // These scripts have no test names, so a filter selects none.
                (None, Suite::Plain) => {}
                (None, _) => {
                    let mut outcome = begin(host, suite, self.repo.version("fourd-websocket").unwrap_or_default());
                    let missing = self.suite_of_package(suite, &mut outcome).await;
                    self.finish(table, outcome, missing);
                }
            }
        }
    }

    fn finish(&self, table: &mut Table, outcome: Outcome, missing: Result<Option<Unavailable>>) {
        let host = outcome.host;
        let result = missing.map(|missing| missing.into_iter().for_each(|why| table.add_missing(host, why)));
        finish(table, outcome, result);
    }

    /// Runs a suite on a host. Returns a missing tool.
    async fn suite(
        &self,
        suite: Suite,
        host: Host,
        place: &Place,
        outcome: &mut Outcome,
    ) -> Result<Option<Unavailable>> {
        let Run { repo, server, tarballs, options, .. } = self;
        let filter = options.filter.as_deref();
        let browser = place.browser();
        let mut given = json!({ "server": server.http(), "browser": browser.map(Browser::given) });
        let choice = Choice { repo, server, tarballs, suite, filter, given: json!({}), trust: None };
        match suite {
            Suite::Autobahn => match system::python(repo) {
                Ok(programs) => autobahn::run(&programs, place, choice, outcome).await?,
                Err(missing) => return Ok(Some(missing)),
            },
            Suite::Servers => {
                // If there are no peers, the table has the reason.
                if let Some(peers) = &self.peers {
                    let choice = Choice { given: peers.given.clone(), trust: Some(&peers.trust), ..choice };
                    match peers.trust.obstacle(browser) {
                        Some(reason) => outcome.skip(reason, 1),
                        None => contract::run(place, &choice, outcome).await?,
                    }
                }
            }
            Suite::Bench => bench::smoke(repo, tarballs, server, host, place, filter, outcome).await?,
            Suite::Crate | Suite::Rust if !matches!(place, Place::Workerd(_)) => {
                cargo::in_wasm(repo, server, place, suite, filter, outcome).await?;
            }
            Suite::Examples => script::mocha(repo, &["tests/examples/echo.test.js"], given, filter, outcome).await?,
            Suite::Docs => {
                if browser.is_some() {
                    self.build_site()?;
                }
                docs::in_place(repo, tarballs, server, browser, filter, outcome).await?;
            }
            Suite::Pages => script::mocha(repo, &["tests/browser/pages.test.js"], given, filter, outcome).await?,
            Suite::Chat => {
                given["chat"] = json!(demo::build(repo, "dev")?);
                script::mocha(repo, &["tests/browser/chat"], given, filter, outcome).await?;
            }
            _ => contract::run(place, &choice, outcome).await?,
        }
        Ok(None)
    }

    /// Runs a suite of the packed package that needs no host. Returns a missing tool.
    async fn suite_of_package(&self, suite: Suite, outcome: &mut Outcome) -> Result<Option<Unavailable>> {
        let Run { repo, server, tarballs, options, .. } = self;
        let filter = options.filter.as_deref();
        let install = |name, with_ws| tarballs.install(repo, name, with_ws);
        let (workspace, files, given): (_, &[_], _) = match suite {
            Suite::Types => {
                ("tests/types", &["tests/types/types.test.js"], json!({ "project": install("types", false)? }))
            }
            Suite::Lint => {
                let given = json!({ "pkg": repo.pkg(), "tarball": tarballs.package() });
                ("tests/types", &["tests/types/lint.test.js"], given)
            }
            Suite::Packaging => {
                let browser = match browser::chromium(repo) {
                    Ok(browser) => browser.given(),
                    Err(missing) => return Ok(Some(missing)),
                };
                let given = json!({
                    "server": server.http(), "browser": browser, "xtask": repo.binary("dev", "xtask"),
                    "installed": install("packaging", false)?, "withWs": install("packaging-ws", true)?,
                });
                ("tests/packaging", &["tests/packaging/publication.test.js", "tests/packaging/places.test.js"], given)
            }
            _ => {
                self.build_site()?;
                return docs::test(repo, filter, outcome).await;
            }
        };
        npm::ensure(repo, workspace)?;
        script::mocha(repo, files, given, filter, outcome).await?;
        Ok(None)
    }

    /// Builds the site once for a run.
    fn build_site(&self) -> Result<()> {
        if !self.has_site.get() {
            docs::build(self.repo)?;
            self.has_site.set(true);
        }
        Ok(())
    }

    fn start_peers(&mut self, table: &mut Table) {
        const NAME: &str = "peers";
        match Peers::start(self.repo) {
            Ok(Ok(peers)) => self.peers = Some(peers),
            Ok(Err(missing)) => table.add_missing(NAME, missing),
            Err(error) => fail(table, NAME, &error),
        }
    }

    fn check_servers(&mut self, table: &mut Table) {
        let peers = self.peers.take().map_or(Ok(()), Peers::stop);
        if let Err(error) = self.server.check().and(peers) {
            fail(table, "server", &error);
        }
    }
}

/// Adds a failure outside of the tests.
fn fail(table: &mut Table, what: &'static str, error: &anyhow::Error) {
    let mut outcome = Outcome::new(what, Suite::Servers.name(), "-");
    outcome.fail_run(format!("{error:#}"));
    table.add(outcome);
}

fn begin(host: Host, suite: Suite, version: impl Into<String>) -> Outcome {
    let outcome = Outcome::new(host.name(), suite.name(), version);
    step::say(format!("{} {}: the {} tests", outcome.host, outcome.version, outcome.what));
    outcome
}

/// Adds the outcome of a suite. If the tests could not run, the run of this host fails.
fn finish(table: &mut Table, mut outcome: Outcome, result: Result<()>) {
    if let Err(error) = result {
        outcome.fail_run(format!("{error:#}"));
    }
    table.add(outcome);
}

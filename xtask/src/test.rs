//! `cargo xtask test`: every test on every host, fast checks first.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::autobahn::{self, Fuzzer};
use crate::host::{Host, Suite};
use crate::outcome::Outcome;
use crate::peers::{Peers, Programs};
use crate::place::Place;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::server::Server;
use crate::suite::Choice;
use crate::table::Table;
use crate::tools::node::{self, Node};
use crate::tools::{npm, python, rust};
use crate::trust::Trust;
use crate::{bench, cargo_test, chat, docs, examples};
use crate::{limited, package, packaging, pages, plain, size, step, suite, types, workerd};

#[derive(Args)]
pub struct Options {
    /// Runs only what this host needs; may be given more than once
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<Host>,

    /// Runs only this part of what runs on a host; may be given more than once
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<Suite>,

    /// The same as --host npm --suite packaging
    #[arg(long, conflicts_with_all = ["hosts", "suites"])]
    packaging: bool,

    /// Fails if a host is missing, too
    #[arg(long)]
    require_all: bool,

    /// Runs only tests with this text in their names
    #[arg(long, value_name = "SUBSTR")]
    filter: Option<String>,

    /// Runs the chat's tests in Chromium and puts two of its screenshots where README.md shows them
    #[arg(long, conflicts_with_all = ["hosts", "suites", "packaging", "filter", "require_all"])]
    pictures: bool,

    /// Writes the table of hosts into docs/guide/hosts.md if all of it passed
    #[arg(long, conflicts_with_all = ["hosts", "suites", "packaging", "filter"], requires = "require_all")]
    write: bool,
}

impl Options {
    fn wants(&self, suite: Suite) -> bool {
        match (self.packaging, self.pictures) {
            (true, _) => suite == Suite::Packaging,
            (_, true) => suite == Suite::Chat,
            _ => self.suites.is_empty() || self.suites.contains(&suite),
        }
    }

    /// The hosts on which something is wanted.
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

/// What every host's tests need.
struct Run<'a> {
    repo: &'a Repo,
    server: Server,
    tarballs: Tarballs,
    options: &'a Options,
    /// Only where their suite runs.
    peers: Option<Peers>,
    /// The pages of docs/ were built in this run.
    has_site: Cell<bool>,
}

pub async fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    limited::end_children_on_interrupt();
    npm::ensure_npm()?;
    if options.pictures {
        chat::ensure_fonts();
    }
    let filter = options.filter.as_deref();
    let hosts: Vec<Host> = options.hosts().collect();
    if hosts.is_empty() {
        bail!("nothing of what --suite names runs on what --host names");
    }
    let mut table = Table::default();

    if hosts.contains(&Host::Native) {
        let mut outcome = begin(Host::Native, Suite::Workspace.name(), rust::version());
        let result = cargo_test::native(repo, filter, &mut outcome).await;
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
                for host in &hosts {
                    match host {
                        Host::Npm => run.npm(&mut table).await,
                        Host::Plain => run.plain(&mut table).await,
                        _ => run.host(*host, &mut table).await,
                    }
                }
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
        eprintln!("error: no test has that text in its name; `cargo xtask test` without --filter runs them all");
        return Ok(ExitCode::FAILURE);
    }
    let complete = table.is_complete() || !options.require_all;
    if !complete {
        eprintln!("error: a host is missing and --require-all was given; the command that gets it stands above");
    }
    if table.failed() > 0 || !complete {
        return Ok(ExitCode::FAILURE);
    }
    if options.write {
        docs::figures::write_hosts(repo, &table)?;
    }
    if options.pictures {
        chat::copy_pictures(repo)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the package once and starts the one server of the run: the crate's tests are compiled with its address.
fn prepare<'a>(repo: &'a Repo, options: &'a Options, built: &mut Outcome) -> Result<Run<'a>> {
    package::build(repo)?;
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
    async fn host(&self, host: Host, table: &mut Table) {
        let place = match Place::find(self.repo, host) {
            Ok(Some(place)) => place,
            Ok(None) => return,
            Err(missing) => return table.add_missing(host.name(), missing),
        };
        for suite in host.suites().iter().copied().filter(|suite| self.options.wants(*suite)) {
            let mut outcome = begin(host, suite.name(), place.version());
            let result = match suite {
                Suite::Autobahn => match python::ensure(self.repo) {
                    Ok(programs) => self.autobahn(&programs, &place, &mut outcome).await,
                    Err(missing) => {
                        table.add_missing(suite.name(), missing);
                        continue;
                    }
                },
                Suite::Servers => match &self.peers {
                    Some(peers) => match peers.trust.obstacle(&place) {
                        Some(reason) => {
                            outcome.skip(reason, 1);
                            Ok(())
                        }
                        None => self.suite(suite, peers.given(), Some(&peers.trust), &place, &mut outcome).await,
                    },
                    // The table has why.
                    None => continue,
                },
                Suite::Bench => self.bench(host, &place, &mut outcome).await,
                _ => self.suite(suite, json!({}), None, &place, &mut outcome).await,
            };
            finish(table, outcome, result);
        }
    }

    /// Autobahn's cases, each a result of its own. What still leaves before a broken frame ends the connection is a race
    /// on every host: only a case whose verdicts differ each time fails.
    async fn autobahn(&self, programs: &Path, place: &Place, outcome: &mut Outcome) -> Result<()> {
        const ROUNDS: usize = 3;
        let mut differ: Option<BTreeMap<String, String>> = None;
        for _ in 0..ROUNDS {
            let fuzzer = Fuzzer::start(self.repo, programs, outcome.host).await?;
            let mut round = Outcome::new(outcome.host, outcome.what, outcome.version.clone());
            self.suite(Suite::Autobahn, fuzzer.given(), None, place, &mut round).await?;
            // Not played to the end, or not chosen at all: there are no verdicts to compare.
            if round.passed == 0 || !round.failures.is_empty() {
                outcome.failures = round.failures;
                outcome.output = round.output;
                return Ok(());
            }
            let found = fuzzer.differences().await?;
            let differ = differ.get_or_insert_with(|| found.clone());
            differ.retain(|case, _| found.contains_key(case));
            if differ.is_empty() {
                break;
            }
        }
        let differ = differ.unwrap_or_default();
        outcome.passed = autobahn::CASES - differ.len();
        for (case, verdicts) in differ {
            outcome.fail(format!("case {case}"), verdicts);
        }
        Ok(())
    }

    async fn bench(&self, host: Host, place: &Place, outcome: &mut Outcome) -> Result<()> {
        let Run { repo, server, tarballs, options, .. } = self;
        bench::smoke(repo, tarballs, server, host, place, options.filter.as_deref(), outcome).await
    }

    async fn suite(
        &self,
        suite: Suite,
        given: Value,
        trust: Option<&Trust>,
        place: &Place,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let Run { repo, server, tarballs, options, .. } = self;
        let filter = options.filter.as_deref();
        let face = match suite {
            Suite::Crate => Some(&cargo_test::CLASS),
            Suite::Rust => Some(&cargo_test::RUST),
            _ => None,
        };
        if let (Some(face), false) = (face, matches!(place, Place::Workerd(_))) {
            return cargo_test::in_wasm(repo, server, place, face, filter, outcome).await;
        }
        if suite == Suite::Examples {
            return examples::run(repo, server, place, filter, outcome).await;
        }
        let choice = Choice { suite, filter, given, trust };
        match place {
            Place::Node(node) if suite == Suite::Docs => {
                docs::sample::in_node(repo, tarballs, server, node, filter, outcome).await
            }
            Place::Page(browser) if suite == Suite::Docs => {
                self.build_site()?;
                docs::browse::run(repo, tarballs, server, browser, filter, outcome).await
            }
            Place::Node(node) => suite::in_node(repo, tarballs, server, node, &choice, outcome).await,
            Place::Runtime(program) => suite::in_runtime(repo, tarballs, server, program, &choice, outcome).await,
            Place::Workerd(program) => workerd::run(repo, tarballs, server, program, &choice, outcome).await,
            Place::Page(browser) if suite == Suite::Pages => pages::run(server, browser, filter, outcome).await,
            Place::Page(browser) if suite == Suite::Chat => chat::run(repo, browser, filter, outcome).await,
            Place::Page(browser) => suite::in_browser(server, browser, false, &choice, outcome).await,
            Place::Worker(browser) => suite::in_browser(server, browser, true, &choice, outcome).await,
        }
    }

    async fn npm(&self, table: &mut Table) {
        let Run { repo, server, tarballs, options, .. } = self;
        for suite in Host::Npm.suites().iter().copied().filter(|suite| options.wants(*suite)) {
            let mut outcome = begin(Host::Npm, suite.name(), repo.version("fourd-websocket").unwrap_or_default());
            let result = match suite {
                Suite::Types => types::compile(repo, tarballs, options.filter.as_deref(), &mut outcome),
                Suite::Packaging => {
                    let filter = options.filter.as_deref();
                    let missing = packaging::run(repo, tarballs, server, filter, &mut outcome).await;
                    missing.map(|missing| missing.into_iter().for_each(|why| table.add_missing(outcome.host, why)))
                }
                Suite::Docs => self.build_site().and_then(|()| {
                    let missing = docs::test(repo, options.filter.as_deref(), &mut outcome)?;
                    missing.into_iter().for_each(|why| table.add_missing(outcome.host, why));
                    Ok(())
                }),
                // Two programs without names to choose from.
                _ if options.filter.is_some() => Ok(()),
                _ => types::lint(repo, tarballs, &mut outcome),
            };
            finish(table, outcome, result);
        }
    }

    /// Once for the hosts of a run.
    fn build_site(&self) -> Result<()> {
        if !self.has_site.get() {
            docs::build(self.repo)?;
            self.has_site.set(true);
        }
        Ok(())
    }

    async fn plain(&self, table: &mut Table) {
        if self.options.filter.is_some() {
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

    fn start_peers(&mut self, table: &mut Table) {
        const NAME: &str = "peers";
        match Programs::find(self.repo).map(|programs| Peers::start(self.repo, &programs)) {
            Ok(Ok(peers)) => self.peers = Some(peers),
            Ok(Err(error)) => {
                let mut outcome = Outcome::new(NAME, Suite::Servers.name(), "-");
                outcome.fail_run(format!("{error:#}"));
                table.add(outcome);
            }
            Err(missing) => table.add_missing(NAME, missing),
        }
    }

    fn check_servers(&mut self, table: &mut Table) {
        let peers = self.peers.as_mut().map_or(Ok(()), Peers::check);
        if let Err(error) = self.server.check().and(peers) {
            let mut outcome = Outcome::new("server", "the servers", "-");
            outcome.fail_run(format!("{error:#}"));
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

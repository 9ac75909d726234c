//! An installed host that can run tests.

use crate::repo::Repo;
use crate::run::host::Host;
use crate::tools::Unavailable;
use crate::tools::browser::{self, Browser};
use crate::tools::runtime::{Program, Runtime};

/// The compatibility date of the pinned version of workerd. A worker names a date, on which workerd's defaults depend.
const NEWEST: &str = "2026-11-17";

/// The first compatibility date with a standard `URL`. At this date, a WebSocket does not answer a close frame and has
/// another default `binaryType`, a rejected promise needs its handler immediately, and there are no tags and no
/// `WeakRef`.
const OLDEST: &str = "2022-10-31";

/// workerd with a compatibility date.
pub struct Workerd {
    pub program: Program,
    pub date: &'static str,
}

pub enum Place {
    Node(Program),
    /// A host that runs Node's programs.
    Runtime(Program),
    Workerd(Workerd),
    Page(Browser),
    /// A dedicated worker of a page.
    Worker(Browser),
}

impl Place {
    /// Finds a host, or installs it. `None` for hosts whose suites need no single program.
    pub fn find(repo: &Repo, host: Host) -> Result<Option<Self>, Unavailable> {
        let node = |major| Runtime::Node(major).ensure(repo).map(Place::Node);
        let runtime = |runtime: Runtime| runtime.ensure(repo).map(Place::Runtime);
        let workerd = |date| Runtime::Workerd.ensure(repo).map(|program| Place::Workerd(Workerd { program, date }));
        Ok(Some(match host {
            Host::Native | Host::Npm | Host::Plain => return Ok(None),
            Host::Node20 => node(20)?,
            Host::Node22 => node(22)?,
            Host::Node24 => node(24)?,
            Host::Node26 => node(26)?,
            Host::Deno => runtime(Runtime::Deno)?,
            Host::Bun => runtime(Runtime::Bun)?,
            Host::Workerd => workerd(NEWEST)?,
            Host::WorkerdOldest => workerd(OLDEST)?,
            Host::Chromium => Place::Page(browser::chromium(repo)?),
            Host::ChromiumWorker => Place::Worker(browser::chromium(repo)?),
            Host::Firefox => Place::Page(browser::firefox(repo)?),
            Host::FirefoxWorker => Place::Worker(browser::firefox(repo)?),
            Host::Webkit => Place::Page(browser::webkit(repo)?),
            Host::WebkitWorker => Place::Worker(browser::webkit(repo)?),
        }))
    }

    /// The browser of a page or worker.
    pub fn browser(&self) -> Option<&Browser> {
        match self {
            Place::Page(browser) | Place::Worker(browser) => Some(browser),
            _ => None,
        }
    }

    pub fn version(&self) -> &str {
        match self {
            Place::Node(program) | Place::Runtime(program) | Place::Workerd(Workerd { program, .. }) => {
                &program.version
            }
            Place::Page(browser) | Place::Worker(browser) => &browser.version,
        }
    }
}

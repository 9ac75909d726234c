//! What of the suites of the packed package is to run.

use serde_json::Value;

use crate::repo::Repo;
use crate::run::host::Suite;
use crate::run::project::Tarballs;
use crate::run::trust::Trust;
use crate::server::Server;

/// Which cases run, and with what.
pub struct Choice<'a> {
    pub repo: &'a Repo,
    pub server: &'a Server,
    pub tarballs: &'a Tarballs,
    pub suite: Suite,
    pub filter: Option<&'a str>,
    /// What only this command knows: the `given` of each case.
    pub given: Value,
    /// Whom the host is to trust beside the authorities of its own.
    pub trust: Option<&'a Trust>,
}

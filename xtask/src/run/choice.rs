//! The selection of cases of the packed package.

use serde_json::Value;

use crate::repo::Repo;
use crate::run::host::Suite;
use crate::run::project::Tarballs;
use crate::run::trust::Trust;
use crate::server::Server;

/// The cases to run, and their resources.
pub struct Choice<'a> {
    pub repo: &'a Repo,
    pub server: &'a Server,
    pub tarballs: &'a Tarballs,
    pub suite: Suite,
    pub filter: Option<&'a str>,
    /// Values that only this command knows: the `given` of each case.
    pub given: Value,
    /// An authority that the host has to trust in addition to its own.
    pub trust: Option<&'a Trust>,
}

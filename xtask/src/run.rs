//! Runs of tests: hosts and their programs, the suites, and the outcomes.

pub mod autobahn;
pub mod cargo;
pub mod choice;
pub mod contract;
pub mod host;
pub mod outcome;
pub mod peers;
pub mod place;
pub mod plain;
pub mod project;
pub mod script;
pub mod table;
pub mod trust;
pub mod workerd;

//! Runs of tests: on which host, where that is, what is run there and how, and what came of it.

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

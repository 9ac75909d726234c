//! The hosts of `cargo xtask test`, and their suites.

use clap::ValueEnum;
use strum::IntoStaticStr;

/// The values of `--host`, in the order in which they run, fast checks first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Host {
    /// The native tests: the crate's pure parts, the chat's server, the test servers, xtask
    Native,
    /// The npm package as a tarball
    Npm,
    /// Node 20, with the package ws installed
    Node20,
    Node22,
    Node24,
    Node26,
    Deno,
    Bun,
    /// Cloudflare's workerd
    Workerd,
    /// workerd at the oldest compatibility date that the package supports
    WorkerdOldest,
    /// A page in Chromium
    Chromium,
    /// A dedicated worker in Chromium
    ChromiumWorker,
    /// A page in Firefox
    Firefox,
    /// A dedicated worker in Firefox
    FirefoxWorker,
    /// A page in WebKitGTK
    Webkit,
    /// A dedicated worker in WebKitGTK
    WebkitWorker,
    /// Plain wasm-pack builds (nodejs, web, bundler), without the class of pkg-template
    Plain,
}

/// The values of `--suite`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Suite {
    /// `cargo test` of the whole workspace
    Workspace,
    /// The package's types, under TypeScript from 5.4 on
    Types,
    /// The package, checked by publint and are-the-types-wrong
    Lint,
    /// The package in every supported bundler and framework
    Packaging,
    /// The contract, on the packed npm package
    Package,
    /// The contract, on the crate's own class under wasm-bindgen-test
    Crate,
    /// The contract and further tests, on the API for programs in Rust, under wasm-bindgen-test
    Rust,
    /// The programs of examples
    Examples,
    /// Failures of a connection at every byte, on the packed npm package
    Faults,
    /// Programs generated from seeds, on the packed npm package; `--filter scripted_7` repeats that seed
    Programs,
    /// The memory that remains after thousands of connections, large messages and a flood of small ones
    Memory,
    /// Autobahn's cases, with the verdicts on the package compared to those on the host's own class
    Autobahn,
    /// Servers that are made with other libraries
    Servers,
    /// A quick run of `cargo xtask bench`, which counts every message
    Bench,
    /// Pages that are unloaded, in the back/forward cache, or offline
    Pages,
    /// The chat's page and its server
    Chat,
    /// The site of docs/, and every sample on its pages
    Docs,
    /// The plain builds' scripts
    Plain,
}

impl Host {
    /// The name in the table and on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The title in the table of hosts. `None` for hosts that are not in the table.
    pub fn title(self) -> Option<&'static str> {
        Some(match self {
            Self::Native | Self::Npm | Self::Plain => return None,
            Self::Node20 => "Node 20 with `ws`",
            Self::Node22 => "Node 22",
            Self::Node24 => "Node 24",
            Self::Node26 => "Node 26",
            Self::Deno => "Deno",
            Self::Bun => "Bun",
            Self::Workerd => "workerd",
            Self::WorkerdOldest => "workerd, oldest compatibility date",
            Self::Chromium => "Chromium, page",
            Self::ChromiumWorker => "Chromium, worker",
            Self::Firefox => "Firefox, page",
            Self::FirefoxWorker => "Firefox, worker",
            Self::Webkit => "WebKitGTK, page",
            Self::WebkitWorker => "WebKitGTK, worker",
        })
    }

    /// The suites of this host, in the order in which they run.
    pub fn suites(self) -> &'static [Suite] {
        use Suite::{
            Autobahn, Bench, Chat, Crate, Docs, Examples, Faults, Lint, Memory, Package, Packaging, Pages, Programs,
            Rust, Servers, Types, Workspace,
        };
        match self {
            Self::Native => &[Workspace],
            Self::Npm => &[Types, Lint, Packaging, Docs],
            Self::Node20 | Self::Node22 | Self::Node26 => &[Package, Rust, Faults, Programs, Servers],
            Self::Node24 => &[Package, Crate, Rust, Examples, Faults, Programs, Memory, Autobahn, Servers, Docs, Bench],
            Self::Deno | Self::Bun => &[Package, Rust, Faults, Programs, Servers],
            Self::Workerd => &[Package, Rust, Faults, Servers],
            Self::WorkerdOldest => &[Package, Rust],
            Self::Chromium => {
                &[Package, Crate, Rust, Examples, Faults, Programs, Memory, Autobahn, Servers, Pages, Chat, Docs, Bench]
            }
            Self::ChromiumWorker => &[Package, Rust, Faults],
            Self::Firefox => &[Package, Rust, Programs, Autobahn, Servers, Pages, Chat],
            Self::Webkit => &[Package, Rust, Servers, Pages],
            Self::FirefoxWorker | Self::WebkitWorker => &[Package, Rust],
            Self::Plain => &[Suite::Plain],
        }
    }
}

impl Suite {
    /// The name in the table, on the command line, and in tests/contract/run/suite.js.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for host in Host::value_variants() {
            assert_eq!(host.to_possible_value().unwrap().get_name(), host.name());
        }
        for suite in Suite::value_variants() {
            assert_eq!(suite.to_possible_value().unwrap().get_name(), suite.name());
        }
    }

    #[test]
    fn the_workflow_has_every_host() {
        let workflow = include_str!("../../../.github/workflows/ci.yml");
        let (_, matrix) = workflow.split_once("        host:\n").expect("a matrix");
        let names: Vec<_> = matrix.lines().map_while(|line| line.strip_prefix("          - ")).collect();
        let hosts: Vec<_> = Host::value_variants().iter().map(|host| host.name()).collect();
        assert_eq!(names, hosts);
    }
}

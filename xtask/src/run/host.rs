//! The hosts `cargo xtask test` runs on, and what it runs there.

use clap::ValueEnum;
use strum::IntoStaticStr;

/// What `--host` names. In the order they run, fast checks first.
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
    /// The same at the oldest compatibility date that the package works with
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
    /// Plain wasm-pack builds (nodejs, web, bundler), without the finish of pkg-template
    Plain,
}

/// What `--suite` names.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Suite {
    /// `cargo test` of the whole workspace
    Workspace,
    /// The package's types, under TypeScript from 5.4 on
    Types,
    /// What publint and are-the-types-wrong say of the package
    Lint,
    /// The package in every place that users put it
    Packaging,
    /// The contract, on the packed npm package
    Package,
    /// The contract, on the crate's own class under wasm-bindgen-test
    Crate,
    /// The contract, on the crate as programs in Rust use it, under wasm-bindgen-test; and what only they have
    Rust,
    /// The programs of examples
    Examples,
    /// Every way a connection dies, at every byte, on the packed npm package
    Faults,
    /// Programs made up by seeds, on the packed npm package; `--filter scripted_7` plays that seed again
    Programs,
    /// What thousands of connections, large messages and a flood of small ones leave in memory
    Memory,
    /// Autobahn's cases: the verdicts on the package are those on the host's own class
    Autobahn,
    /// The servers that people run, each made with what others wrote
    Servers,
    /// `cargo xtask bench`, quickly: it runs, and counts every message
    Bench,
    /// What happens to pages: left, kept in the back/forward cache, without a network
    Pages,
    /// The chat's page and its server, as people use them
    Chat,
    /// The site of docs/, and every sample that is printed there
    Docs,
    /// The plain builds' scripts
    Plain,
}

impl Host {
    /// The word for it in the table and on the command line.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What readers of the table of hosts call it; nothing for what is no host of users.
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

    /// What runs on this host, in that order.
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
    /// The word for it in the table, on the command line, and in tests/contract/run/suite.js.
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

//! The commands of `fourd-websocket`: `cargo xtask pkg | test | bench | docs | demo`.

#![forbid(unsafe_code)]

mod authority;
mod autobahn;
mod bench;
mod cargo_test;
mod case;
mod chat;
mod chat_server;
mod demo;
mod docs;
mod embed;
mod examples;
mod glue;
mod host;
mod limited;
mod lint;
mod notices;
mod outcome;
mod package;
mod packaging;
mod pages;
mod peers;
mod place;
mod plain;
mod project;
mod publication;
mod repo;
mod server;
mod shrink;
mod size;
mod soak;
mod step;
mod suite;
mod tab;
mod table;
mod test;
mod tools;
mod trust;
mod types;
mod workerd;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

use repo::Repo;

/// Builds, tests and shows the npm package fourd-websocket.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds `pkg/`, ready for `npm publish`, and prints its sizes.
    Pkg,
    /// Runs every test on every host, or only what the named hosts need.
    Test(test::Options),
    /// Measures the package beside what a user would pick instead.
    Bench(bench::Options),
    /// Attacks the chat's server for ten minutes: memory, and what it costs those who do nothing wrong.
    Soak,
    /// Builds the site of docs/ into target/docs, and checks it.
    Docs(docs::Options),
    /// Checks the dependencies with cargo-deny, and the workflows with actionlint.
    Lint,
    /// Builds the package and serves the chat that shows it, until Ctrl-C.
    Demo(demo::Options),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let repo = Repo::open()?;
    match command {
        Command::Pkg => {
            package::build(&repo)?;
            size::report(&repo)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Test(options) => Runtime::new()?.block_on(test::run(&repo, &options)),
        Command::Bench(options) => Runtime::new()?.block_on(bench::run(&repo, &options)),
        Command::Soak => soak::run(&repo),
        Command::Lint => lint::run(&repo),
        Command::Docs(options) => docs::run(&repo, &options),
        Command::Demo(options) => Runtime::new()?.block_on(demo::run(&repo, &options)),
    }
}

//! The commands of `fourd-websocket`: `cargo xtask pkg | test | bench | soak | docs | lint | demo`.

#![forbid(unsafe_code)]

mod bench;
mod demo;
mod docs;
mod files;
mod limited;
mod lint;
mod pkg;
mod repo;
mod run;
mod server;
mod soak;
mod step;
mod test;
mod tools;

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
    /// Runs every test on every host, or only the tests of the named hosts and suites.
    Test(test::Options),
    /// Measures the package beside its alternatives.
    Bench(bench::Options),
    /// Attacks the chat's server for ten minutes, and checks its memory and the latency of other clients.
    Soak,
    /// Builds the site of docs/ into target/docs, and checks it.
    Docs(docs::Options),
    /// Checks JavaScript, CSS and HTML with Biome, and the dependencies with cargo-deny.
    Lint,
    /// Builds the package and serves the chat that demonstrates it, until Ctrl-C.
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
            let _lock = pkg::build(&repo)?;
            pkg::size::report(&repo)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Test(options) => Runtime::new()?.block_on(test::run(&repo, &options)),
        Command::Bench(options) => Runtime::new()?.block_on(bench::run(&repo, &options)),
        Command::Soak => soak::run(&repo),
        Command::Lint => lint::run(&repo),
        Command::Docs(options) => Runtime::new()?.block_on(docs::run(&repo, &options)),
        Command::Demo(options) => Runtime::new()?.block_on(demo::run(&repo, &options)),
    }
}

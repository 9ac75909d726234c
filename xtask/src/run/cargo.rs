//! Tests that cargo runs: the native tests, and those of the crate under wasm-bindgen-test.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::files;
use crate::limited::{self, LIMIT};
use crate::repo::Repo;
use crate::run::host::{Host, Suite};
use crate::run::outcome::Outcome;
use crate::run::place::Place;
use crate::server::Server;
use crate::step;
use crate::tools::runtime::Program;
use crate::tools::rust;

/// Runs `cargo test` of the workspace, and compiles the examples of the documentation.
pub async fn native(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    let mut command = std::process::Command::new("cargo");
    command.args(["test", "--workspace"]).current_dir(repo.root());
    run(command, &[], filter, outcome).await?;
    examples(repo, filter, outcome).await
}

/// Compiles the examples of the crate's documentation and README for wasm32. Fails if an example was left out.
async fn examples(repo: &Repo, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    rust::ensure_wasm_target()?;
    let mut exist = files::read_text(&repo.path("README.md"))?.matches("```rust").count();
    for dir in ["src", "src/js", "src/reconnecting"] {
        for path in files::entries(&repo.path(dir))? {
            if path.extension().is_some_and(|extension| extension == "rs") {
                exist += files::read_text(&path)?.matches("```no_run").count();
            }
        }
    }
    let mut command = std::process::Command::new("cargo");
    let words = "test --doc --package fourd-websocket --no-default-features --features futures,reconnecting,serde --target wasm32-unknown-unknown";
    command.args(words.split(' ')).current_dir(repo.root());
    let before = outcome.ran();
    execute(command, &[], filter, outcome).await?;
    let ran = outcome.ran() - before;
    if filter.is_none() && ran != exist {
        outcome.fail_run(format!("README.md and the sources have {exist} examples, {ran} were compiled"));
    }
    Ok(())
}

/// Options for cargo, without the optimisation that only the native tests need.
pub const QUICKLY: [&str; 2] = ["--config", "profile.dev.package.fourd-websocket.opt-level=0"];

/// Runs `tests/wasm` on the class, or on the API for programs in Rust.
pub async fn in_wasm(
    repo: &Repo,
    server: &Server,
    place: &Place,
    suite: Suite,
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    let name = match place {
        Place::Node(_) | Place::Runtime(_) => "node",
        Place::Page(_) => "page",
        Place::Worker(_) => "worker",
        Place::Workerd(_) => bail!("wasm-bindgen-test has no runner for this host"),
    };
    let mut command = repo.command("cargo")?;
    command.args("test --package wasm-tests --target wasm32-unknown-unknown --test".split(' ')).arg(name);
    if suite == Suite::Rust {
        command.args(["--no-default-features", "--features", "futures,reconnecting,serde"]);
    }
    command.args(QUICKLY);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", rust::test_runner(repo)?);
    command.env("TEST_SERVER", server.http());
    // Shorter than LIMIT, because the runner reports the progress of a page. The default is 20 s.
    command.env("WASM_BINDGEN_TEST_TIMEOUT", (LIMIT.as_secs() - 60).to_string());
    let profiles = tempfile::tempdir()?;
    match place {
        Place::Node(node) => {
            let dir = node.path.parent().context("a program is in a directory")?;
            command.env("PATH", repo.search_path(&[dir])?);
            if node.needs_ws {
                command.env("NODE_PATH", repo.path("xtask/node_modules"));
            }
        }
        Place::Runtime(program) => {
            let dir = in_place_of_node(repo, outcome.host, program)?;
            command.env("PATH", repo.search_path(&[&dir])?);
        }
        Place::Page(browser) | Place::Worker(browser) => {
            // The runner starts the driver itself, on a free port. Chromium's leaves profiles behind.
            command.env("TMPDIR", profiles.path());
            let (program, options) = browser.driver.split_first().context("a driver is a program")?;
            command.env(browser.variable, program).env(format!("{}_ARGS", browser.variable), options.join(" "));
            let capabilities = repo.path(&format!("target/suite/{}.json", outcome.host));
            files::write(&capabilities, browser.capabilities.to_string())?;
            command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
        }
        Place::Workerd(_) => {}
    }
    // wasm-bindgen-test cannot skip a test at run time. tests/wasm/src/crate.js prints a line for skipped tests.
    run(command, &["--nocapture"], filter, outcome).await
}

/// A directory with a program `node` that starts another host, because the runner supports only Node.
fn in_place_of_node(repo: &Repo, host: &str, program: &Program) -> Result<PathBuf> {
    let dir = repo.path(&format!("target/suite/{host}-as-node"));
    let mut options = program.options.join(" ");
    if host == Host::Bun.name() {
        // wasm-bindgen-test takes a host with `self` for a page, unless it is Deno.
        let preload = dir.join("preload.cjs");
        files::write(&preload, "delete globalThis.self;\n")?;
        options += &format!(" --preload={preload:?}");
    }
    let file = dir.join("node");
    // The first argument is an option of Node for the garbage collector.
    files::write(&file, format!("#!/bin/sh\nshift\nexec {:?} {options} \"$@\"\n", program.path))?;
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(dir)
}

/// Builds the tests, then runs them with a time limit.
async fn run(
    command: std::process::Command,
    options: &[&str],
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    step::compile(copy(&command).arg("--no-run"))?;
    execute(command, options, filter, outcome).await
}

fn copy(command: &std::process::Command) -> std::process::Command {
    let mut copy = std::process::Command::new(command.get_program());
    copy.args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        copy.current_dir(dir);
    }
    for (name, value) in command.get_envs() {
        copy.env(name, value.unwrap_or_default());
    }
    copy
}

/// Runs built tests with a time limit.
async fn execute(
    mut command: std::process::Command,
    options: &[&str],
    filter: Option<&str>,
    outcome: &mut Outcome,
) -> Result<()> {
    // With --no-fail-fast, a failed binary does not hide the results of the others.
    command.args(["--no-fail-fast", "--"]).args(options).args(filter);
    let before = outcome.ran();
    let (mut announced, mut skipped) = (None, 0);
    let ended = limited::run(LIMIT, &mut Command::from(command), |line| {
        if let Some(result) = line.strip_prefix("test result: ") {
            outcome.passed += number_before(result, " passed");
            outcome.skip("marked as ignored", number_before(result, " ignored"));
        } else if let Some(reason) = line.trim_start().strip_prefix("skipped: ") {
            outcome.skip(reason, 1);
            skipped += 1;
        } else if let Some(number) = line.strip_prefix("running ") {
            *announced.get_or_insert(0) += number_before(number, " test");
        } else if let Some(test) = failed_test(line) {
            let error = output_before(&outcome.output);
            outcome.fail(test, error);
        }
        outcome.output.push_str(line);
        outcome.output.push('\n');
    })
    .await?;
    outcome.passed = outcome.passed.saturating_sub(skipped);
    outcome.output.push_str(&ended.stderr);
    match ended.status {
        None => outcome.fail_run(format!("not finished within {} s, so it was stopped", LIMIT.as_secs())),
        Some(status) if !status.success() && outcome.failures.is_empty() => outcome.fail_run(format!("{status}")),
        Some(_) if announced != Some(outcome.ran() - before) => {
            outcome.fail_run(format!("{} tests ran, announced: {announced:?}", outcome.ran() - before));
        }
        Some(_) => {}
    }
    Ok(())
}

/// `test NAME ... FAILED`, the same from Rust's and from wasm-bindgen's harness.
fn failed_test(line: &str) -> Option<&str> {
    let name = line.strip_prefix("test ")?.trim_end();
    let name = name.strip_suffix("FAILED").or_else(|| name.strip_suffix("FAIL"))?;
    Some(name.trim_end().trim_end_matches("...").trim_end())
}

/// The output of a test that just failed, without stacks. Native tests print their output at the end of the run.
fn output_before(output: &str) -> String {
    const LINES: usize = 12;
    let mut lines = Vec::new();
    let mut in_stack = false;
    for line in output.rfind("Invoking test: ").map_or("", |at| &output[at..]).lines().skip(1) {
        in_stack = (in_stack || line == "Stack:") && !line.starts_with("panicked at");
        if !in_stack && !line.trim().is_empty() {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return "see the output above".into();
    }
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

fn number_before(result: &str, word: &str) -> usize {
    let before = result.split(word).next().unwrap_or_default();
    before
        .rsplit(|character: char| !character.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read() {
        let result = "FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!((number_before(result, " passed"), number_before(result, " ignored")), (12, 1));
        assert_eq!(failed_test("test close::tests::bad ... FAILED"), Some("close::tests::bad"));
        assert_eq!(failed_test("test close::tests::good ... ok"), None);
        assert_eq!(
            output_before("Invoking test: a\ntest a ... ok\nInvoking test: b\n\n1 is not 2\nStack:\n  at b\n"),
            "1 is not 2"
        );
        assert_eq!(output_before("running 2 tests\ntest a ... ok\n"), "see the output above");
    }
}

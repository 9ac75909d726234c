//! The Rust tools: the wasm target, wasm-pack and wasm-bindgen-cli.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::repo::Repo;
use crate::step;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const WASM_PACK: &str = "0.15.1";

/// Installs the Rust tools of `wasm-pack build`, if they are missing.
pub fn ensure(repo: &Repo) -> Result<()> {
    ensure_wasm_target()?;
    // --locked: wasm-pack builds with the dependencies of its release.
    ensure_program(repo, "wasm-pack", WASM_PACK, &["--locked"], "2 to 4 minutes")?;
    // Not --locked: a locked dependency of 0.2.130 is no longer in the registry.
    ensure_program(repo, "wasm-bindgen-cli", repo.version("wasm-bindgen")?, &[], "3 to 5 minutes")
}

/// Installs the wasm target, if it is missing.
pub fn ensure_wasm_target() -> Result<()> {
    let sysroot = step::output(
        Command::new("rustc").args(["--print", "sysroot"]),
        "install Rust with rustup (https://rustup.rs)",
    )?;
    if PathBuf::from(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    if step::version_of("rustup").is_none() {
        bail!(
            "this Rust has no {WASM_TARGET}, and there is no rustup to add it. Install rustup (https://rustup.rs), then run this command again"
        );
    }
    step::say(format!("adding the Rust target {WASM_TARGET} (a few seconds)"));
    step::download(
        Command::new("rustup").args(["target", "add", WASM_TARGET]),
        "check the network, then run this command again",
    )
}

/// Installs a program from crates.io into target/tools, if it is missing.
pub fn ensure_program(repo: &Repo, package: &str, version: &str, options: &[&str], time: &str) -> Result<()> {
    let program = package.trim_end_matches("-cli");
    if is_there(repo, program, version)? {
        return Ok(());
    }
    step::say(format!("installing {package} {version} into target/tools ({time})"));
    let mut install = Command::new("cargo");
    install.arg("install").args(options).arg(format!("{package}@{version}")).arg("--root").arg(repo.tools());
    install.current_dir(repo.root());
    step::download(&mut install, "check the network, then run this command again. It continues where it stopped")
}

/// Looks for a program of the exact version in target/tools, then on PATH.
fn is_there(repo: &Repo, program: &str, version: &str) -> Result<bool> {
    let mut ask = repo.command(program)?;
    let found = ask.arg("--version").output().ok().filter(|output| output.status.success());
    let printed = found.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // geckodriver also prints its commit and its licence.
    Ok(printed.lines().next().is_some_and(|line| line.split_whitespace().any(|word| word == version)))
}

/// The path of a program in target/tools or on PATH.
pub fn program(repo: &Repo, name: &str) -> Option<PathBuf> {
    super::find(&repo.search_path(&[]).ok()?, &[name])
}

/// The runner for `cargo test --target wasm32-unknown-unknown`, a part of wasm-bindgen-cli.
pub fn test_runner(repo: &Repo) -> Result<PathBuf> {
    program(repo, "wasm-bindgen-test-runner").context(
        "wasm-bindgen is installed without wasm-bindgen-test-runner; remove that wasm-bindgen and run this again",
    )
}

/// The compiler's name and version, as `rustc 1.95.0`.
pub fn version() -> String {
    let output = step::version_of("rustc").unwrap_or_default();
    output.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

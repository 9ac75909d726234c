//! The checkout: where things stand in it, and the versions it fixes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::step;

/// The checkout this command was built from.
pub struct Repo {
    root: PathBuf,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<CargoPackage>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
    version: String,
    metadata: Value,
    /// `None` for those of this workspace.
    #[cfg(test)]
    source: Option<String>,
    #[cfg(test)]
    targets: Vec<CargoTarget>,
}

#[cfg(test)]
#[derive(Deserialize)]
struct CargoTarget {
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Repo {
    /// Reads the workspace with `cargo metadata`, which also writes a missing Cargo.lock.
    pub fn open() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).parent().context("xtask stands in the checkout's root")?.to_path_buf();
        let text = step::output(
            Command::new("cargo").args(["metadata", "--format-version", "1"]).current_dir(&root),
            "the workspace could not be read; mend what cargo names above",
        )?;
        let metadata = serde_json::from_str(&text).context("reading the output of cargo metadata")?;
        Ok(Self { root, metadata })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The finished npm package.
    pub fn pkg(&self) -> PathBuf {
        self.path("pkg")
    }

    /// The npm package's module and JavaScript, and the entry that is bundled from it.
    pub fn wasm(&self) -> PathBuf {
        self.path("target/wasm")
    }

    /// The wasm module that goes inside the JavaScript.
    pub fn module(&self) -> PathBuf {
        self.wasm().join("fourd_websocket.wasm")
    }

    /// Everything the set-up installs, beside what cargo and npm keep themselves.
    pub fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// Where cargo puts what it builds (CARGO_TARGET_DIR may have moved it).
    pub fn target(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// Where cargo puts native binaries.
    pub fn native_binary(&self, name: &str) -> PathBuf {
        self.binary("debug", name)
    }

    /// Where cargo puts native binaries that are optimised.
    pub fn release_binary(&self, name: &str) -> PathBuf {
        self.binary("release", name)
    }

    /// Where cargo puts native binaries of a profile.
    pub fn binary_of_profile(&self, profile: &str, name: &str) -> PathBuf {
        // What is built with `dev` has its place from earlier times.
        self.binary(if profile == "dev" { "debug" } else { profile }, name)
    }

    fn binary(&self, dir: &str, name: &str) -> PathBuf {
        self.target().join(dir).join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Where cargo puts what it builds for wasm.
    pub fn wasm_binaries(&self) -> PathBuf {
        self.metadata.target_directory.join("wasm32-unknown-unknown/release")
    }

    /// The version of a package, as Cargo.lock has it.
    pub fn version(&self, name: &str) -> Result<&str> {
        self.metadata
            .packages
            .iter()
            .find(|package| package.name == name)
            .map(|package| package.version.as_str())
            .with_context(|| format!("no package {name} in this workspace; add it to Cargo.toml"))
    }

    /// The features with which docs.rs builds the documentation of a package.
    pub fn features_of_documentation(&self, name: &str) -> Vec<&str> {
        let package = self.metadata.packages.iter().find(|package| package.name == name);
        let features = package.and_then(|package| package.metadata["docs"]["rs"]["features"].as_array());
        features.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// PATH with these directories, then the project's own tools, first.
    pub fn search_path(&self, first: &[&Path]) -> Result<OsString> {
        let own = [self.tools().join("bin"), self.path("node_modules/.bin")];
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let all = first.iter().map(|dir| dir.to_path_buf()).chain(own).chain(std::env::split_paths(&inherited));
        std::env::join_paths(all).context("PATH holds a directory that cannot be in a PATH")
    }

    /// A command in the checkout's root that finds the project's own tools first.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", self.search_path(&[])?);
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The package's allocator, and the exports of a module without glue.
    const UNSAFE: [&str; 2] = ["fourd-websocket", "machine"];

    #[test]
    fn no_crate_that_needs_no_unsafe_code_may_have_some() {
        let repo = Repo::open().expect("the checkout");
        let own = |package: &&CargoPackage| package.source.is_none() && !UNSAFE.contains(&package.name.as_str());
        let targets: Vec<_> = repo.metadata.packages.iter().filter(own).flat_map(|package| &package.targets).collect();
        let shipped = |kind: &String| kind != "test" && kind != "custom-build";
        for target in targets.iter().filter(|target| target.kind.iter().any(shipped)) {
            let file = target.src_path.display();
            let source = std::fs::read_to_string(&target.src_path).expect("a source file");
            assert!(source.contains("#![forbid(unsafe_code)]"), "{file} has no #![forbid(unsafe_code)]");
        }
        assert!(targets.len() > 5, "{}", targets.len());
    }
}

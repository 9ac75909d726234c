//! The checkout: its paths, and the versions that it pins.

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
}

impl Repo {
    /// Reads the workspace with `cargo metadata`, which also writes a missing Cargo.lock.
    pub fn open() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).parent().context("xtask is in the checkout's root")?.to_path_buf();
        let text = step::output(
            Command::new("cargo").args(["metadata", "--format-version", "1"]).current_dir(&root),
            "the workspace cannot be read; fix what cargo names above",
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

    /// The npm package's module and JavaScript before they are bundled.
    pub fn wasm(&self) -> PathBuf {
        self.path("target/wasm")
    }

    /// The installed tools, except for the files of cargo and npm.
    pub fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// The target directory of cargo, which CARGO_TARGET_DIR may set.
    pub fn target(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// The path of a native binary of a profile.
    pub fn binary(&self, profile: &str, name: &str) -> PathBuf {
        // cargo keeps the profile `dev` in `debug`.
        let dir = if profile == "dev" { "debug" } else { profile };
        self.target().join(dir).join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// The directory of release builds for wasm.
    pub fn wasm_binaries(&self) -> PathBuf {
        self.metadata.target_directory.join("wasm32-unknown-unknown/release")
    }

    /// The version of a package in Cargo.lock.
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

    /// PATH, with these directories and then the project's own tools first.
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

    /// Builds a part of the workspace with cargo, which shows its own progress.
    pub fn build(&self, options: &str) -> Result<()> {
        step::compile(Command::new("cargo").arg("build").args(options.split(' ')).current_dir(&self.root))
    }
}

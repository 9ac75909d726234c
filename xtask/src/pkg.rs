//! `cargo xtask pkg`: builds the npm package from the crate and the hand-written files in `pkg-template`.

pub mod bundle;
pub mod size;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use fourd_websocket::{COMPONENT_SIGNATURE, ErrCode};
use serde_json::json;
use shrink::source::{PrivateNames, source_map};
use shrink::{Build, embed};

use crate::files::{copy, entries, read, read_text, remove_dir, write};
use crate::repo::Repo;
use crate::step;
use crate::tools::{npm, rust};
use bundle::esbuild;

/// A wasm module of the package, and the JavaScript that is bundled with it.
pub struct Unit {
    /// Its directory, below that of the first one.
    dir: &'static str,
    features: &'static str,
    /// The file name of the module in the package.
    module: &'static str,
    /// The class that it exports, and the JavaScript that wraps it: first the file with the class of the package.
    class: &'static str,
    users: &'static [&'static str],
    /// The entries of the package with the module inside, with the module as a file for edge hosts, …
    entries: &'static [&'static str],
}

/// The class, and the supervisor of `fourd-websocket/reconnecting`.
pub const UNITS: [Unit; 2] = [
    Unit {
        dir: "",
        features: "--features small",
        module: "fourd_websocket.wasm",
        class: "WebSocket",
        users: &["face.js", "waiters.js", "link.js"],
        entries: &["index.js", "edge.js", "slim.js"],
    },
    Unit {
        dir: "reconnecting",
        features: "--no-default-features --features small,supervisor",
        module: "reconnecting.wasm",
        class: "Supervisor",
        users: &["supervised.js", "link.js"],
        entries: &["reconnecting.js", "reconnecting-edge.js"],
    },
];

/// Options for `wasm-pack build`. The profile is in Cargo.toml. It leaves optimisation to this command.
const BUILD: &str = "--target web --profile npm --no-pack --no-typescript --mode no-install --out-name fourd_websocket";

/// Limits the stack, which is most of the module's initial memory and has 1 MiB by default. A call of the package uses
/// a few hundred bytes of it.
const LINK: &str = "-Clink-arg=-zstack-size=65536";

/// Builds `pkg/`, ready for `npm publish`.
pub fn build(repo: &Repo) -> Result<()> {
    rust::ensure(repo)?;
    npm::ensure(repo, "xtask")?;
    remove_dir(&repo.wasm())?;
    // Removed first, so that no file of an older build is published.
    remove_dir(&repo.pkg())?;
    for unit in &UNITS {
        unit.build(repo)?;
    }
    copy_rest(repo)
}

impl Unit {
    /// Its module and JavaScript before they are bundled.
    fn dir(&self, repo: &Repo) -> PathBuf {
        repo.wasm().join(self.dir)
    }

    fn build(&self, repo: &Repo) -> Result<()> {
        step::say(format!("building {}", self.module));
        let mut build = repo.command("wasm-pack")?;
        build.arg("build").args(BUILD.split_whitespace()).arg("--out-dir").arg(self.dir(repo)).args([".", "--"]);
        build.args(self.features.split_whitespace());
        step::compile(build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", LINK))?;
        let private = PrivateNames::of(&read_text(&repo.path("pkg-template").join(self.users[0]))?);
        self.collect_javascript(repo, &private)?;
        step::say(format!("shrinking {}", self.module));
        let dir = self.dir(repo);
        let mut users = read_text(&repo.path("src/js/shim.js"))?;
        for file in self.users {
            users += &read_text(&dir.join(file))?;
        }
        let bundle = || bundle::bundled(repo, &dir.join(self.users[0]));
        let build = Build { dir: &dir, class: self.class, wasm_opt: &|| repo.command("wasm-opt"), bundle: &bundle };
        build.shrink(&users, self.module)?;
        write(&dir.join("module.js"), embed::javascript(&read(&dir.join(self.module))?))?;
        self.bundle_entries(repo, &private)?;
        copy_into(&dir.join(self.module), &repo.pkg())
    }

    /// Collects the JavaScript to bundle in one directory, so that the relative imports of the entries stay valid.
    fn collect_javascript(&self, repo: &Repo, private: &PrivateNames) -> Result<()> {
        let dir = self.dir(repo);
        for file in entries(&repo.path("pkg-template"))? {
            if file.extension().is_some_and(|extension| extension == "js") {
                copy_into(&file, &dir)?;
            }
        }
        let snippets = entries(&dir.join("snippets"))?.pop().context("wasm-pack writes snippets")?;
        let name = snippets.file_name().context("a directory has a name")?.to_string_lossy();
        write(&dir.join("shim.js"), format!("export * from \"./snippets/{name}/src/js/shim.js\";\n"))?;
        let no_module = ErrCode::NoModule;
        let text = format!(
            "export const errCode = {}, message = {}, componentSignature = {}, aborted = {};\n",
            no_module.number(),
            json!(no_module.text()),
            json!(COMPONENT_SIGNATURE),
            ErrCode::Signal.number(),
        );
        write(&dir.join("no-module.js"), text)?;
        let face = dir.join(self.users[0]);
        write(&face, private.hidden(&read_text(&face)?))
    }

    fn bundle_entries(&self, repo: &Repo, private: &PrivateNames) -> Result<()> {
        for entry in self.entries {
            let mut esbuild = esbuild(repo)?;
            esbuild.arg(self.dir(repo).join(entry));
            // Node shows the line of an uncaught exception.
            esbuild.args("--charset=ascii --sourcemap --line-limit=500 --external:./*.wasm?module".split(' '));
            esbuild.arg(format!("--outfile=pkg/{entry}"));
            if self.dir != UNITS[0].dir {
                // Its entries import those of the first one, so that there is only one class.
                esbuild.args(UNITS[0].entries.iter().map(|entry| format!("--external:./{entry}")));
            }
            step::output(&mut esbuild, &format!("fix pkg-template/{entry}"))?;
            let (file, map) = (repo.pkg().join(entry), repo.pkg().join(format!("{entry}.map")));
            write(&file, private.shown(&read_text(&file)?))?;
            write(&map, private.shown(&source_map(&read_text(&map)?)?))?;
        }
        Ok(())
    }
}

fn copy_rest(repo: &Repo) -> Result<()> {
    for file in entries(&repo.path("pkg-template"))? {
        if file.file_name().is_some_and(|name| name == "package.json") {
            write(&repo.pkg().join("package.json"), package_json(&file, repo.version("fourd-websocket")?)?)?;
        } else if file.extension().is_none_or(|extension| extension != "js") {
            copy_into(&file, &repo.pkg())?;
        }
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&repo.path(licence), &repo.pkg().join(licence))?;
    }
    write(&repo.pkg().join(notices::FILE), notices::text(repo.root())?)
}

/// The template's package.json with the version of Cargo.toml. It is replaced as text, to keep the order and the layout.
fn package_json(template: &Path, version: &str) -> Result<String> {
    const VERSION: &str = "\"version\": \"0.0.0\"";
    let text = read_text(template)?;
    ensure!(text.contains(VERSION), "pkg-template/package.json has to contain {VERSION}; Cargo.toml has the version");
    Ok(text.replacen(VERSION, &format!("\"version\": \"{version}\""), 1))
}

fn copy_into(file: &Path, dir: &Path) -> Result<()> {
    copy(file, &dir.join(file.file_name().context("a file has a name")?))
}

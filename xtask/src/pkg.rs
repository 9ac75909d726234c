//! `cargo xtask pkg`: builds the npm package from the crate and the hand-written files in `pkg-template`.

pub mod bundle;
pub mod size;

use std::path::Path;

use anyhow::{Context, Result, bail};
use fourd_websocket::{COMPONENT_SIGNATURE, ErrCode};
use serde_json::{Value, json};
use shrink::{Build, embed};

use crate::files::{copy, entries, read, read_text, remove_dir, write};
use crate::repo::Repo;
use crate::step;
use crate::tools::{npm, rust};
use bundle::esbuild;

/// Options for `wasm-pack build`. The profile is in Cargo.toml. It leaves optimisation to this command.
const BUILD: &str = "--target web --profile npm --no-pack --no-typescript --mode no-install --out-dir target/wasm \
                     --out-name fourd_websocket . -- --features small";

/// Limits the stack, which is most of the module's initial memory and has 1 MiB by default. A call of the package uses
/// a few hundred bytes of it.
const LINK: &str = "-Clink-arg=-zstack-size=65536";

/// The entries with the module inside, with the module as a file for edge hosts, and with a module of the application.
const ENTRIES: [&str; 3] = ["index.js", "edge.js", "slim.js"];

/// The file name of the module in the package.
pub const MODULE: &str = "fourd_websocket.wasm";

const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Builds `pkg/`, ready for `npm publish`.
pub fn build(repo: &Repo) -> Result<()> {
    rust::ensure(repo)?;
    npm::ensure(repo, "xtask")?;
    remove_dir(&repo.wasm())?;
    build_module(repo)?;
    collect_javascript(repo)?;
    shrink(repo)?;
    embed(repo)?;
    // Removed first, so that no file of an older build is published.
    remove_dir(&repo.pkg())?;
    bundle_entries(repo)?;
    copy_rest(repo)
}

fn build_module(repo: &Repo) -> Result<()> {
    step::say("building the wasm module");
    let mut build = repo.command("wasm-pack")?;
    build.arg("build").args(BUILD.split_whitespace()).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", LINK);
    step::compile(&mut build)
}

/// Collects the JavaScript to bundle in one directory, so that the relative imports of the entries stay valid.
fn collect_javascript(repo: &Repo) -> Result<()> {
    let mut copied = 0;
    for file in entries(&repo.path("pkg-template"))? {
        if file.extension().is_some_and(|extension| extension == "js") {
            copy_into(&file, &repo.wasm())?;
            copied += 1;
        }
    }
    if copied == 0 {
        bail!("pkg-template has no .js file; its index.js is the package's entry");
    }
    let no_module = ErrCode::NoModule;
    let text = format!(
        "export const errCode = {};\nexport const message = {};\nexport const componentSignature = {};\n\
         export const aborted = {};\n",
        no_module.number(),
        json!(no_module.text()),
        json!(COMPONENT_SIGNATURE),
        ErrCode::Signal.number(),
    );
    write(&repo.wasm().join("no-module.js"), text)?;
    let face = repo.wasm().join("face.js");
    write(&face, without_private_names(&read_text(&face)?))
}

fn shrink(repo: &Repo) -> Result<()> {
    step::say("shrinking the module");
    let users = read_text(&repo.wasm().join("face.js"))?
        + &read_text(&repo.wasm().join("waiters.js"))?
        + &read_text(&repo.path("src/js/shim.js"))?;
    let build =
        Build { dir: &repo.wasm(), wasm_opt: &|| repo.command("wasm-opt"), bundle: &|| bundle::bundled_face(repo) };
    build.shrink(&users, MODULE)
}

fn embed(repo: &Repo) -> Result<()> {
    write(&repo.wasm().join("module.js"), embed::javascript(&read(&repo.module())?))
}

fn bundle_entries(repo: &Repo) -> Result<()> {
    step::say("bundling the package");
    for entry in ENTRIES {
        let mut esbuild = esbuild(repo)?;
        esbuild.arg(format!("target/wasm/{entry}")).arg("--charset=ascii").arg(format!("--outfile=pkg/{entry}"));
        esbuild.arg(format!("--external:./{MODULE}?module"));
        step::output(&mut esbuild, &format!("fix pkg-template/{entry}"))?;
        let file = repo.pkg().join(entry);
        write(&file, read_text(&file)?.replace(PRIVATE, "#"))?;
    }
    Ok(())
}

/// Replaces the `#` of private fields while the package is bundled. esbuild shortens private names, which consoles
/// show, but not the names of properties.
const PRIVATE: &str = "private_";

fn without_private_names(text: &str) -> String {
    text.replace("#", PRIVATE)
}

fn copy_rest(repo: &Repo) -> Result<()> {
    for file in entries(&repo.path("pkg-template"))? {
        if file.file_name().is_some_and(|name| name == "package.json") {
            write(&repo.pkg().join("package.json"), package_json(&file, repo.version("fourd-websocket")?)?)?;
        } else if file.extension().is_none_or(|extension| extension != "js") {
            copy_into(&file, &repo.pkg())?;
        }
    }
    copy(&repo.module(), &repo.pkg().join(MODULE))?;
    for licence in LICENCES {
        copy(&repo.path(licence), &repo.pkg().join(licence))?;
    }
    write(&repo.pkg().join(notices::FILE), notices::text(repo.root())?)
}

/// The template's package.json with the version of Cargo.toml.
fn package_json(template: &Path, version: &str) -> Result<String> {
    let text = read_text(template)?;
    let parsed: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", template.display()))?;
    // Replaced as text, to keep the order and the layout of the hand-written file.
    let placeholder = "\"version\": \"0.0.0\"";
    if parsed["version"] != "0.0.0" || !text.contains(placeholder) {
        bail!("pkg-template/package.json has to contain {placeholder}; the version comes from Cargo.toml");
    }
    Ok(text.replacen(placeholder, &format!("\"version\": \"{version}\""), 1))
}

fn copy_into(file: &Path, dir: &Path) -> Result<()> {
    copy(file, &dir.join(file.file_name().context("a file has a name")?))
}

//! `cargo xtask pkg`: the npm package, from the crate and the hand-written face in `pkg-template`.

pub mod bundle;
pub mod size;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fourd_websocket::{COMPONENT_SIGNATURE, ErrCode};
use serde_json::{Value, json};
use shrink::{Build, embed};

use crate::files::remove_dir;
use crate::repo::Repo;
use crate::tools::{npm, rust};
use crate::{notices, step};
use bundle::esbuild;

/// Options for `wasm-pack build`: the profile is that of Cargo.toml, which leaves the optimising to this command.
const BUILD: &str = "--target web --profile npm --no-pack --no-typescript --mode no-install --out-dir target/wasm \
                     --out-name fourd_websocket . -- --features small";

/// The stack is the most of what the module takes of memory from the start: 1 MiB, unless it is told. A call of the package
/// takes some hundred bytes of it.
const LINK: &str = "-Clink-arg=-zstack-size=65536";

/// The module inside of it, beside it for edge hosts, and wherever the application has it.
const ENTRIES: [&str; 3] = ["index.js", "edge.js", "slim.js"];

/// What the module is called in the package.
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
    // Removed first, so that nothing of an older build is published.
    remove_dir(&repo.pkg())?;
    bundle_entries(repo)?;
    copy_rest(repo)
}

fn build_module(repo: &Repo) -> Result<()> {
    step::say("building the wasm module");
    let mut build = repo.command("wasm-pack")?;
    build.arg("build").args(BUILD.split_whitespace()).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", LINK);
    step::run(&mut build, "mend what the compiler names above")
}

/// What is bundled, beside one another, so that the relative imports of the entries hold before and after.
fn collect_javascript(repo: &Repo) -> Result<()> {
    let mut copied = 0;
    for file in files(&repo.path("pkg-template"))? {
        if file.extension().is_some_and(|extension| extension == "js") {
            copy(&file, &repo.wasm())?;
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
    let text = fs::read_to_string(&face).context("reading pkg-template/face.js")?;
    write(&face, without_private_names(&text))
}

fn shrink(repo: &Repo) -> Result<()> {
    step::say("making the module small");
    let read = |file: PathBuf| fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()));
    let users = read(repo.wasm().join("face.js"))?
        + &read(repo.wasm().join("waiters.js"))?
        + &read(repo.path("src/js/shim.js"))?;
    let build =
        Build { dir: &repo.wasm(), wasm_opt: &|| repo.command("wasm-opt"), bundle: &|| bundle::bundled_face(repo) };
    build.shrink(&users, MODULE)
}

fn embed(repo: &Repo) -> Result<()> {
    let module = fs::read(repo.module()).context("reading the wasm module")?;
    write(&repo.wasm().join("module.js"), embed::javascript(&module))
}

fn bundle_entries(repo: &Repo) -> Result<()> {
    step::say("bundling the package");
    for entry in ENTRIES {
        let mut esbuild = esbuild(repo)?;
        esbuild.arg(format!("target/wasm/{entry}")).arg("--charset=ascii").arg(format!("--outfile=pkg/{entry}"));
        esbuild.arg(format!("--external:./{MODULE}?module"));
        step::output(&mut esbuild, &format!("mend pkg-template/{entry}"))?;
        let file = repo.pkg().join(entry);
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        write(&file, text.replace(PRIVATE, "#"))?;
    }
    Ok(())
}

/// What stands before the names of private fields while the package is bundled: esbuild would shorten private names, which
/// consoles show, but no others.
const PRIVATE: &str = "private_";

fn without_private_names(text: &str) -> String {
    text.replace("#", PRIVATE)
}

fn copy_rest(repo: &Repo) -> Result<()> {
    for file in files(&repo.path("pkg-template"))? {
        if file.file_name().is_some_and(|name| name == "package.json") {
            write(&repo.pkg().join("package.json"), package_json(&file, repo.version("fourd-websocket")?)?)?;
        } else if file.extension().is_none_or(|extension| extension != "js") {
            copy(&file, &repo.pkg())?;
        }
    }
    fs::copy(repo.module(), repo.pkg().join(MODULE)).context("copying the wasm module into pkg")?;
    for licence in LICENCES {
        copy(&repo.path(licence), &repo.pkg())?;
    }
    notices::write(repo)
}

/// The template's package.json with the crate's version: Cargo.toml is the one place for it.
fn package_json(template: &Path, version: &str) -> Result<String> {
    let text = fs::read_to_string(template).with_context(|| format!("reading {}", template.display()))?;
    let parsed: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", template.display()))?;
    // Replaced as text, which keeps the order and the layout of the hand-written file.
    let placeholder = "\"version\": \"0.0.0\"";
    if parsed["version"] != "0.0.0" || !text.contains(placeholder) {
        bail!("pkg-template/package.json has to say {placeholder}; the version comes from Cargo.toml");
    }
    Ok(text.replacen(placeholder, &format!("\"version\": \"{version}\""), 1))
}

fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn copy(file: &Path, dir: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    let bytes = fs::copy(file, dir.join(name));
    bytes.map(drop).with_context(|| format!("copying {} into {}", file.display(), dir.display()))
}

fn write(file: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

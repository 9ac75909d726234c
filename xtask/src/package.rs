//! `cargo xtask pkg`: the npm package, from the crate and the hand-written face in `pkg-template`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::glue::{self, Names};
use crate::repo::Repo;
use crate::tools::{npm, rust};
use crate::{embed, step};

/// The module brings its own small allocator and panic handler in place of the standard library's.
const FEATURES: [&str; 3] = ["--no-default-features", "--features", "module"];

/// What the module may use, as wasm-pack's profile in Cargo.toml allows it.
const FEATURES_OF_MODULE: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-multivalue",
];

/// The module inside of it, beside it for edge hosts, and wherever the application has it.
const ENTRIES: [&str; 3] = ["index.js", "edge.js", "slim.js"];

/// What the module is called in the package.
pub const MODULE: &str = "fourd_websocket.wasm";

const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Builds `pkg/`, ready for `npm publish`.
pub fn build(repo: &Repo) -> Result<()> {
    rust::ensure(repo)?;
    npm::ensure(repo, "xtask")?;
    build_wasm(repo)?;
    embed_module(repo)?;
    copy_face_beside_glue(repo)?;
    // Removed first, so that nothing of an older build is published.
    remove_dir(&repo.pkg())?;
    bundle(repo)?;
    copy_rest(repo)
}

fn build_wasm(repo: &Repo) -> Result<()> {
    remove_dir(&repo.wasm())?;
    step::say("building the wasm module");
    let mut build = repo.command("wasm-pack")?;
    let words = "build --release --target web --no-pack --no-typescript --mode no-install \
                 --out-dir target/wasm --out-name fourd_websocket . --";
    build.args(words.split_whitespace()).args(FEATURES);
    step::run(&mut build, "mend what the compiler names above")
}

/// Brings the module into the JavaScript, under short names.
fn embed_module(repo: &Repo) -> Result<()> {
    let (module_file, glue_file) = (repo.module(), repo.wasm().join("fourd_websocket.js"));
    let names = shorten(repo, &module_file)?;
    let glue = fs::read_to_string(&glue_file).with_context(|| format!("reading {}", glue_file.display()))?;
    write(&glue_file, glue::tighten(&glue, &names)?)?;
    let host_file = host_js(repo)?;
    let host = fs::read_to_string(&host_file).with_context(|| format!("reading {}", host_file.display()))?;
    write(&host_file, glue::without_private_names(&glue::with_texts(&host)?)?)?;
    let module = fs::read(&module_file).with_context(|| format!("reading {}", module_file.display()))?;
    write(&repo.wasm().join("module.js"), embed::javascript(&module))
}

/// The crate's host.js where wasm-bindgen has put it, in a directory of the crate's name and a hash.
fn host_js(repo: &Repo) -> Result<PathBuf> {
    let snippets = repo.wasm().join("snippets");
    let mut entries = fs::read_dir(&snippets).with_context(|| format!("reading {}", snippets.display()))?;
    let entry = entries.next().context("wasm-bindgen has put no src/host.js beside the glue")??;
    Ok(entry.path().join("src/host.js"))
}

/// Gives the module's imports and exports short names, and tells which.
fn shorten(repo: &Repo, module: &Path) -> Result<Names> {
    let mut wasm_opt = repo.command("wasm-opt")?;
    wasm_opt.args(FEATURES_OF_MODULE).arg("--strip-target-features").arg("--minify-imports-and-exports-and-modules");
    wasm_opt.arg(module).arg("-o").arg(module);
    let names =
        step::output(&mut wasm_opt, "is the module's feature list in xtask/src/package.rs that of Cargo.toml?")?;
    serde_json::from_str(&names).context("reading the names that wasm-opt gave")
}

/// So that the entry's relative imports hold before and after bundling.
fn copy_face_beside_glue(repo: &Repo) -> Result<()> {
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
    Ok(())
}

fn bundle(repo: &Repo) -> Result<()> {
    step::say("bundling the package");
    for entry in ENTRIES {
        let mut esbuild = esbuild(repo)?;
        esbuild.arg(format!("target/wasm/{entry}")).arg("--charset=ascii").arg(format!("--outfile=pkg/{entry}"));
        esbuild.arg(format!("--external:./{MODULE}?module"));
        step::output(&mut esbuild, &format!("mend pkg-template/{entry}"))?;
        let file = repo.pkg().join(entry);
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        write(&file, glue::with_private_names(&text))?;
    }
    Ok(())
}

/// A command that bundles to one minified module, for browsers and Node from 2022 on.
pub fn esbuild(repo: &Repo) -> Result<std::process::Command> {
    let mut command = repo.command("esbuild")?;
    command.args("--bundle --format=esm --minify --target=es2022 --legal-comments=none".split(' '));
    command.arg("--log-level=warning");
    Ok(command)
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
    Ok(())
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

/// Removes a directory with all it holds; fine if there is none.
pub fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", dir.display()))
        }
        _ => Ok(()),
    }
}

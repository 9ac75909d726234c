//! What wasm-pack built, made small: the module loses all that the npm package cannot reach, and its glue goes along.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use walrus::ir::{self, Visitor};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, ImportKind, Module};

use crate::glue::{self, Names};
use crate::repo::Repo;
use crate::{bundle, step};

/// What wasm-pack built, what is given to wasm-opt, and what that makes of it, which has names; beside target/wasm's other
/// files.
const BUILT: &str = "fourd_websocket_bg.wasm";
const CUT: &str = "cut.wasm";
const NAMED: &str = "named.wasm";
const GLUE: &str = "fourd_websocket.js";

/// Every feature named here can be read by Node 20, the oldest host.
const FEATURES: &str = "--enable-bulk-memory --enable-reference-types --enable-mutable-globals \
                        --enable-nontrapping-float-to-int --enable-sign-ext --enable-multivalue";

/// The low memory is the end of the stack: nothing that has an address is there.
const OPTIMIZE: &str = "-g --flatten --rereloop -Oz -Oz --converge --low-memory-unused";

const STRIP: &str = "--strip-debug --strip-producers --strip-target-features --minify-imports-and-exports-and-modules";

/// What is in the names of functions that end the module with a panic. None can be reached.
const PANICS: [&str; 10] = [
    "core::panicking::",
    "std::panicking::",
    "core::cell::panic_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::thread::local::panic_access_error",
    "alloc::raw_vec::capacity_overflow",
];

/// The same of those that panics need, and an export of js-sys that nothing calls.
const OF_PANICS: [&str; 2] = ["core::fmt::", "js_sys::futures::"];

/// Makes the module in its final place, and the glue in its own.
pub fn shrink(repo: &Repo) -> Result<()> {
    step::say("making the module small");
    let mut text = glue::lean(&read(repo, GLUE)?, &users_of_class(repo)?)?;
    let mut module = Module::from_file(repo.wasm().join(BUILT)).context("reading the module of wasm-pack")?;
    cut_panics(&mut module)?;
    prune(repo, &mut module, &mut text)?;
    merge_imports(&mut module, &text)?;
    optimize(repo, &mut module)?;
    // Some of what was needed is not any more.
    prune(repo, &mut module, &mut text)?;
    optimize(repo, &mut module)?;
    let mut strip = wasm_opt(repo, NAMED, STRIP)?;
    let names = step::output(strip.arg("-o").arg(repo.module()), "what of its names is wrong?")?;
    let names: Names = serde_json::from_str(&names).context("reading the names that wasm-opt gave")?;
    glue::rename(&mut text, &names)?;
    write(repo, GLUE, &text)
}

/// All the JavaScript written by hand that calls the class.
fn users_of_class(repo: &Repo) -> Result<String> {
    Ok(read(repo, "face.js")?
        + &read(repo, "waiters.js")?
        + &fs::read_to_string(repo.path("src/js/shim.js")).context("reading src/js/shim.js")?)
}

/// Removes what no longer is reached from the one side, then what no longer is from the other, and so on.
fn prune(repo: &Repo, module: &mut Module, text: &mut String) -> Result<()> {
    loop {
        let before = module.exports.iter().count();
        write(repo, GLUE, text)?;
        let used = bundle::bundled_face(repo)?;
        let unused = module.exports.iter().filter(|export| !glue::has_word(&used, &format!("wasm.{}", export.name)));
        for id in unused.map(walrus::Export::id).collect::<Vec<_>>() {
            module.exports.delete(id);
        }
        walrus::passes::gc::run(module);
        glue::retain_imports(text, |name| module.imports.find(glue::MODULE, name).is_some())?;
        if module.exports.iter().count() == before {
            return Ok(());
        }
    }
}

fn optimize(repo: &Repo, module: &mut Module) -> Result<()> {
    module.emit_wasm_file(repo.wasm().join(CUT)).context("writing the module")?;
    let named = repo.wasm().join(NAMED);
    let mut optimize = wasm_opt(repo, CUT, OPTIMIZE)?;
    step::output(optimize.arg("-o").arg(&named), "does the module use what the oldest host cannot read?")?;
    *module = Module::from_file(named).context("reading what wasm-opt made")?;
    Ok(())
}

fn wasm_opt(repo: &Repo, file: &str, options: &str) -> Result<std::process::Command> {
    let mut command = repo.command("wasm-opt")?;
    command.args(options.split_whitespace()).args(FEATURES.split_whitespace()).arg(repo.wasm().join(file));
    Ok(command)
}

/// Panics end the module as they did, but say nothing: nobody hears them. What only they need is not reached then.
fn cut_panics(module: &mut Module) -> Result<()> {
    let ids_of = |parts: &[&str]| -> Vec<FunctionId> {
        let has_part = |name: &str| parts.iter().any(|part| name.contains(part));
        let named =
            module.funcs.iter().filter(|function| has_part(&without_hashes(function.name.as_deref().unwrap_or(""))));
        named.map(walrus::Function::id).collect()
    };
    let (panics, of_panics) = (ids_of(&PANICS), ids_of(&OF_PANICS));
    ensure!(!panics.is_empty(), "the module has no panic by name; does its profile keep names?");
    for (id, function) in module.funcs.iter_local() {
        let mut calls = Calls(Vec::new());
        ir::dfs_in_order(&mut calls, function, function.entry_block());
        let needed = calls.0.into_iter().find(|callee| of_panics.contains(callee));
        if let Some(needed) = needed.filter(|_| !panics.contains(&id) && !of_panics.contains(&id)) {
            let name = |id| module.funcs.get(id).name.as_deref().unwrap_or("?");
            bail!("{} calls {}, which xtask/src/shrink.rs takes for a part of panics", name(id), name(needed));
        }
    }
    for id in panics.into_iter().chain(of_panics) {
        let FunctionKind::Local(local) = &module.funcs.get(id).kind else { continue };
        let ty = module.types.get(local.ty());
        let (parameters, results, arguments) = (ty.params().to_vec(), ty.results().to_vec(), local.args.clone());
        let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
        builder.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
    }
    cut_paths(module);
    Ok(())
}

/// The functions that a function calls.
struct Calls(Vec<FunctionId>);

impl Visitor<'_> for Calls {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.0.push(*id);
    }
}

/// Panics name the files that they are in.
fn cut_paths(module: &mut Module) {
    for id in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        for text in module.data.get_mut(id).value.split_mut(|byte| *byte == 0) {
            if text.starts_with(b"/") && text.ends_with(b".rs") {
                text.fill(0);
            }
        }
    }
}

/// A name as it is in the source: in `core[c5930c85a12de822]::fmt`, the crate has a hash.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut all = String::from(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if hash.len() == 16 => all += rest,
            _ => all = all + "[" + part,
        }
    }
    all
}

/// Gives imports for which the glue has the same function one name, by which wasm-opt takes them for one.
fn merge_imports(module: &mut Module, text: &str) -> Result<()> {
    for (name, other) in glue::duplicates(text)? {
        let found = [&name, &other].map(|name| module.imports.find(glue::MODULE, name));
        let [Some(id), Some(other_id)] = found else {
            bail!("the module does not import {name} and {other}, which the glue has");
        };
        let ty = |id| match module.imports.get(id).kind {
            ImportKind::Function(function) => Some(module.funcs.get(function).ty()),
            _ => None,
        };
        if ty(id) == ty(other_id) {
            module.imports.get_mut(id).name = other;
        }
    }
    Ok(())
}

fn read(repo: &Repo, name: &str) -> Result<String> {
    fs::read_to_string(repo.wasm().join(name)).with_context(|| format!("reading target/wasm/{name}"))
}

fn write(repo: &Repo, name: &str, text: &str) -> Result<()> {
    fs::write(repo.wasm().join(name), text).with_context(|| format!("writing target/wasm/{name}"))
}

#[cfg(test)]
mod tests {
    use super::without_hashes;

    #[test]
    fn names_lose_the_hashes_of_crates() {
        let name = "<core[c5930c85a12de822]::cell::BorrowError as core[c5930c85a12de822]::fmt::Display>::fmt";
        assert_eq!(without_hashes(name), "<core::cell::BorrowError as core::fmt::Display>::fmt");
        assert_eq!(without_hashes("alloc::slice::<impl [T]>::to_vec"), "alloc::slice::<impl [T]>::to_vec");
    }
}

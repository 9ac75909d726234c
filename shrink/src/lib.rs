//! Shrinks the output of wasm-pack: removes everything from the module and its glue that the npm package cannot reach.

#![forbid(unsafe_code)]

pub mod embed;
mod glue;
pub mod source;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use walrus::ir::{self, Value, Visitor};
use walrus::{ConstExpr, DataKind, FunctionBuilder, FunctionId, FunctionKind, ImportKind, Module};

use glue::Names;

/// The module of wasm-pack, the input of wasm-opt, and its output with names. They are in target/wasm.
const BUILT: &str = "fourd_websocket_bg.wasm";
const CUT: &str = "cut.wasm";
const NAMED: &str = "named.wasm";
const GLUE: &str = "fourd_websocket.js";

/// Node 20, the oldest host, supports every feature named here.
const FEATURES: &str = "--enable-bulk-memory --enable-reference-types --enable-mutable-globals \
                        --enable-nontrapping-float-to-int --enable-sign-ext --enable-multivalue";

/// The low memory is the end of the stack, which contains no addressable data.
const OPTIMIZE: &str = "-g --flatten --rereloop -Oz -Oz --converge --low-memory-unused";

const STRIP: &str = "--strip-debug --strip-producers --strip-target-features --minify-imports-and-exports-and-modules";

/// Parts of the names of functions that end the module with a panic. None can be reached.
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

/// Parts of the names of functions that only panics call, and an export of js-sys that is never called.
const OF_PANICS: [&str; 2] = ["core::fmt::", "js_sys::futures::"];

/// The directory with the output of wasm-pack, and the tools to process it.
pub struct Build<'a> {
    pub dir: &'a Path,
    /// The class that the module exports.
    pub class: &'a str,
    /// Runs wasm-opt.
    pub wasm_opt: &'a dyn Fn() -> Result<Command>,
    /// Bundles the hand-written JavaScript with the glue that it currently uses, not minified.
    pub bundle: &'a dyn Fn() -> Result<String>,
}

impl Build<'_> {
    /// Writes the glue in its place, and the module to this file. `users` is all the hand-written JavaScript that calls
    /// the class.
    pub fn shrink(&self, users: &str, file: &str) -> Result<()> {
        let mut module = Module::from_file(self.dir.join(BUILT)).context("reading the module of wasm-pack")?;
        let mut text = glue::lean(&self.read(GLUE)?, self.class, users, &data_of(&module)?)?;
        cut_panics(&mut module)?;
        self.prune(&mut module, &mut text)?;
        merge_imports(&mut module, &text)?;
        self.optimize(&mut module)?;
        // Further functions may be unused now.
        self.prune(&mut module, &mut text)?;
        self.optimize(&mut module)?;
        let names = self.run_wasm_opt(NAMED, STRIP, file)?;
        let names: Names = serde_json::from_str(&names).context("reading the names that wasm-opt gave")?;
        glue::rename(&mut text, &names)?;
        self.write(GLUE, &text)
    }

    /// Removes unreachable functions from the module and the glue in turn, until nothing changes.
    fn prune(&self, module: &mut Module, text: &mut String) -> Result<()> {
        loop {
            let before = module.exports.iter().count();
            self.write(GLUE, text)?;
            let used = (self.bundle)()?;
            let unused =
                module.exports.iter().filter(|export| !glue::has_word(&used, &format!("wasm.{}", export.name)));
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

    fn optimize(&self, module: &mut Module) -> Result<()> {
        module.emit_wasm_file(self.dir.join(CUT)).context("writing the module")?;
        self.run_wasm_opt(CUT, OPTIMIZE, NAMED)?;
        *module = Module::from_file(self.dir.join(NAMED)).context("reading what wasm-opt made")?;
        Ok(())
    }

    /// Runs wasm-opt from one file to another. Returns its output.
    fn run_wasm_opt(&self, from: &str, options: &str, to: &str) -> Result<String> {
        let mut command = (self.wasm_opt)()?;
        command.args(options.split_whitespace()).args(FEATURES.split_whitespace());
        command.arg(self.dir.join(from)).arg("-o").arg(self.dir.join(to));
        let output = command.output().context("wasm-opt could not be started")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "does the module use what the oldest host cannot read? wasm-opt says\n{stderr}"
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.dir.join(name)).with_context(|| format!("reading {name}"))
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.dir.join(name), text).with_context(|| format!("writing {name}"))
    }
}

/// The memory with the module's data.
fn data_of(module: &Module) -> Result<Range<u32>> {
    let segments = module.data.iter().map(|data| match data.kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => {
            let start = start.cast_unsigned();
            Ok(start..start + u32::try_from(data.value.len())?)
        }
        _ => bail!("the module has data without a fixed place"),
    });
    let segments = segments.collect::<Result<Vec<_>>>()?;
    let start = segments.iter().map(|segment| segment.start).min().context("the module has no data")?;
    let end = segments.iter().map(|segment| segment.end).max().context("the module has no data")?;
    Ok(start..end)
}

/// Replaces panics by traps without a message, because nothing reads it. Functions that only panics need become
/// unreachable.
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
            bail!("{} calls {}, which shrink/src/lib.rs takes for a part of panics", name(id), name(needed));
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

/// Removes the file names of panics.
fn cut_paths(module: &mut Module) {
    for id in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
        for text in module.data.get_mut(id).value.split_mut(|byte| *byte == 0) {
            if text.starts_with(b"/") && text.ends_with(b".rs") {
                text.fill(0);
            }
        }
    }
}

/// A name as in the source. In `core[c5930c85a12de822]::fmt`, the crate has a hash.
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

/// Gives imports with the same function in the glue the same name, so that wasm-opt merges them.
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

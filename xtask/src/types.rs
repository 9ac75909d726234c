//! What can be told of the packed npm package without running it: its types, and what linters of packages say.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::outcome::Outcome;
use crate::package::MODULE;
use crate::project::Tarballs;
use crate::repo::Repo;
use crate::step;
use crate::tools::npm;

/// Where the compilers and linters are pinned, and the test of the types stands.
const DIR: &str = "tests/types";

/// TypeScript's present major and the one before.
const COMPILERS: [&str; 2] = ["typescript", "typescript-6"];

/// How a program finds the package.
const RESOLUTIONS: [(&str, &str); 2] = [("nodenext", "nodenext"), ("esnext", "bundler")];

/// What there is around a program: the libraries, and the packages of types.
const SURROUNDINGS: [(&str, &str, &str); 2] =
    [("a page", r#"["es2022", "dom"]"#, "[]"), ("Node", r#"["es2022"]"#, r#"["node"]"#)];

/// Compiles the test of the types in every way that users do.
pub fn compile(repo: &Repo, tarballs: &Tarballs, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let project = tarballs.install(repo, "types", false)?;
    fs::copy(repo.path(DIR).join("contract.ts"), project.join("contract.ts")).context("copying contract.ts")?;
    for compiler in COMPILERS {
        for (module, resolution) in RESOLUTIONS {
            for (place, lib, types) in SURROUNDINGS {
                let name = format!("{compiler}, {resolution}, in {place}");
                if !filter.is_none_or(|filter| name.contains(filter)) {
                    continue;
                }
                let config = format!(
                    r#"{{ "compilerOptions": {{ "strict": true, "noEmit": true, "skipLibCheck": false, "target": "es2022",
                    "module": "{module}", "moduleResolution": "{resolution}", "lib": {lib}, "types": {types},
                    "typeRoots": [{:?}] }}, "files": ["contract.ts"] }}"#,
                    npm::package(repo, DIR, "@types/node").with_file_name("")
                );
                fs::write(project.join("tsconfig.json"), config).context("writing tsconfig.json")?;
                let mut tsc = Command::new("node");
                tsc.arg(npm::package(repo, DIR, compiler).join("bin/tsc")).current_dir(&project);
                judge(&mut tsc, name, outcome)?;
            }
        }
    }
    Ok(())
}

/// Has the packed package looked at by publint and are-the-types-wrong.
pub fn lint(repo: &Repo, tarballs: &Tarballs, outcome: &mut Outcome) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let program = |package: &str, path: &str| {
        let mut node = Command::new("node");
        node.arg(npm::package(repo, DIR, package).join(path));
        node
    };
    let mut publint = program("publint", "src/cli.js");
    judge(publint.arg("--strict").arg(repo.pkg()), "publint", outcome)?;
    let mut attw = program("@arethetypeswrong/cli", "dist/index.js");
    attw.args(["--no-color", "--profile", "esm-only"]).arg(tarballs.package());
    // What an import of it gives is the bundler's to say.
    attw.args(["--exclude-entrypoints", MODULE]);
    judge(&mut attw, "are the types wrong", outcome)
}

fn judge(command: &mut Command, name: impl Into<String>, outcome: &mut Outcome) -> Result<()> {
    let output = step::capture(command)?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    // publint ends well whatever it finds, unless it is an error.
    let warns = said.contains("Warnings:") || said.contains("Suggestions:");
    if output.status.success() && !warns {
        outcome.passed += 1;
    } else {
        outcome.fail(name, said.trim());
    }
    Ok(())
}

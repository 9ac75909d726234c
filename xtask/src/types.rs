//! What can be told of the packed npm package without running it: its types, and what linters of packages say.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

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

/// A program, and what there is around it: the libraries, the packages of types, and whether what is optional may be
/// undefined.
const PROGRAMS: [(&str, &str, &str, &str, bool); 4] = [
    ("contract.ts", "a page", r#"["es2022", "dom"]"#, "[]", false),
    ("contract.ts", "a page, exactly", r#"["es2022", "dom"]"#, "[]", true),
    ("contract.ts", "Node", r#"["es2022"]"#, r#"["node"]"#, false),
    ("bare.ts", "neither", r#"["es2022"]"#, "[]", false),
];

/// What is wrong with pairs of lines of wrong.ts, in words of the compiler.
const WRONG: [&str; 5] = ["'onmessage' does not exist", "'\"json\"'", "'string'", "'number'", "'number'"];

/// Compiles the test of the types in every way that users do.
pub fn compile(repo: &Repo, tarballs: &Tarballs, filter: Option<&str>, outcome: &mut Outcome) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let project = tarballs.install(repo, "types", false)?;
    for file in PROGRAMS.map(|(file, ..)| file).into_iter().chain(["wrong.ts"]) {
        fs::copy(repo.path(DIR).join(file), project.join(file)).with_context(|| format!("copying {file}"))?;
    }
    let wanted = |name: &str| filter.is_none_or(|filter| name.contains(filter));
    for compiler in COMPILERS {
        let mut tsc = Command::new("node");
        tsc.arg(repo.path(DIR).join("node_modules").join(compiler).join("bin/tsc")).current_dir(&project);
        tsc.args(["--pretty", "false"]);
        let configure = |file: &str, (module, resolution): (&str, &str), lib: &str, types: &str, exactly: bool| {
            let config = format!(
                r#"{{ "compilerOptions": {{ "strict": true, "noEmit": true, "skipLibCheck": false, "target": "es2022",
                "module": "{module}", "moduleResolution": "{resolution}", "lib": {lib}, "types": {types},
                "exactOptionalPropertyTypes": {exactly}, "typeRoots": [{:?}] }}, "files": ["{file}"] }}"#,
                repo.path(DIR).join("node_modules/@types")
            );
            fs::write(project.join("tsconfig.json"), config).context("writing tsconfig.json")
        };
        for resolution in RESOLUTIONS {
            for (file, place, lib, types, exactly) in PROGRAMS {
                let name = format!("{compiler}, {}, in {place}", resolution.1);
                if wanted(&name) {
                    configure(file, resolution, lib, types, exactly)?;
                    judge(&mut tsc, name, outcome)?;
                }
            }
        }
        let name = format!("{compiler}, in words");
        if wanted(&name) {
            let (_, _, lib, types, exactly) = PROGRAMS[0];
            configure("wrong.ts", RESOLUTIONS[0], lib, types, exactly)?;
            let said = String::from_utf8_lossy(&step::capture(&mut tsc)?.stdout).into_owned();
            match judge_words(&said) {
                Ok(()) => outcome.passed += 1,
                Err(why) => outcome.fail(name, format!("{why:#}\n{said}")),
            }
        }
    }
    Ok(())
}

/// Whether a compiler says what is wrong of both lines of each pair in the same words, and nothing around it.
fn judge_words(said: &str) -> Result<()> {
    // `wrong.ts(5,36): error TS2561: …`; what goes on is indented.
    let errors: Vec<_> = said.lines().filter_map(|line| line.split_once(": error ")).map(|(_, words)| words).collect();
    ensure!(errors.len() == 2 * WRONG.len(), "it has to find {} errors", 2 * WRONG.len());
    for (pair, wrong) in errors.chunks(2).zip(WRONG) {
        ensure!(pair[0] == pair[1], "these have to be the same: {} and {}", pair[0], pair[1]);
        ensure!(pair[0].contains(wrong), "`{}` has to name {wrong}", pair[0]);
    }
    Ok(())
}

/// Has the packed package looked at by publint and are-the-types-wrong.
pub fn lint(repo: &Repo, tarballs: &Tarballs, outcome: &mut Outcome) -> Result<()> {
    npm::ensure(repo, DIR)?;
    let program = |path: &str| {
        let mut node = Command::new("node");
        node.arg(repo.path(DIR).join("node_modules").join(path));
        node
    };
    let mut publint = program("publint/src/cli.js");
    judge(publint.arg("--strict").arg(repo.pkg()), "publint", outcome)?;
    let mut attw = program("@arethetypeswrong/cli/dist/index.js");
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

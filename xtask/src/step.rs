//! One step of a command: another program that has to succeed, or the next step to take is named.

use std::io;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Says what is done now. On stderr, so that a command's result stands alone on stdout.
pub fn say(what: impl AsRef<str>) {
    eprintln!("== {}", what.as_ref());
}

/// Runs a program that shows its own progress: on stderr, as [`say`]. `next` is what to do when it fails.
pub fn run(command: &mut Command, next: &str) -> Result<()> {
    let status = command.stdout(io::stderr()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status}): {next}", line(command));
    }
    Ok(())
}

/// Runs a build, which shows its own progress.
pub fn compile(command: &mut Command) -> Result<()> {
    run(command, "fix what the compiler names above")
}

/// Runs a program and gives what it wrote to stdout. Its stderr is shown only when it fails.
pub fn output(command: &mut Command, next: &str) -> Result<String> {
    let output = capture(command)?;
    if !output.status.success() {
        eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("`{}` failed ({}): {next}", line(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program and gives all it did, success or not.
pub fn capture(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))
}

/// Runs a program that downloads: once more if it fails, for a network that only hiccuped.
pub fn download(command: &mut Command, next: &str) -> Result<()> {
    run(command, next).or_else(|_| {
        say("that failed; once more");
        run(command, next)
    })
}

/// What `program --version` prints, `None` where there is no such program.
pub fn version_of(program: impl AsRef<std::ffi::OsStr>) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as one would type it.
pub fn line(command: &Command) -> String {
    words(command).join(" ")
}

/// The program and its arguments.
pub fn words(command: &Command) -> Vec<String> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect()
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` could not be started; is it installed and on PATH?", line(command))
}

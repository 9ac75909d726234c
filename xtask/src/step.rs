//! Steps of a command: programs that have to succeed. The error of a failed step names what to do next.

use std::io;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Prints the current step on stderr. stdout is only for the result of a command.
pub fn say(what: impl AsRef<str>) {
    eprintln!("== {}", what.as_ref());
}

/// Runs a program whose output is shown on stderr. `next` tells what to do when it fails.
pub fn run(command: &mut Command, next: &str) -> Result<()> {
    let status = command.stdout(io::stderr()).status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status}): {next}", line(command));
    }
    Ok(())
}

/// Runs a build, whose output is shown on stderr.
pub fn compile(command: &mut Command) -> Result<()> {
    run(command, "fix what the compiler names above")
}

/// Runs a program and returns its stdout. Its output is shown only when it fails.
pub fn output(command: &mut Command, next: &str) -> Result<String> {
    let output = capture(command)?;
    if !output.status.success() {
        eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("`{}` failed ({}): {next}", line(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program and returns its output and status, also when it fails.
pub fn capture(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))
}

/// Runs a program that downloads. Retries once, because networks fail for moments.
pub fn download(command: &mut Command, next: &str) -> Result<()> {
    run(command, next).or_else(|_| {
        say("the download failed, so it is retried once");
        run(command, next)
    })
}

/// The output of `program --version`. `None` if there is no such program.
pub fn version_of(program: impl AsRef<std::ffi::OsStr>) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as typed in a shell.
pub fn line(command: &Command) -> String {
    words(command).join(" ")
}

/// The program and its arguments.
pub fn words(command: &Command) -> Vec<String> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect()
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` cannot be started; is it installed and on PATH?", line(command))
}

//! Debian's packages, which root may install.

use std::path::Path;
use std::process::Command;

use super::{Unavailable, on_path};
use crate::repo::Repo;
use crate::step;

/// What `find` finds, at once or after its packages were installed; `what` they should have brought.
pub fn find_or_install<T>(
    find: impl Fn() -> Option<T>,
    packages: &[&str],
    what: &str,
    elsewhere: &str,
) -> Result<T, Unavailable> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install(packages, elsewhere)?;
    find().ok_or_else(|| Unavailable {
        reason: format!("apt-get brought no {what}"),
        command: advice(packages, elsewhere),
    })
}

/// Installs packages; elsewhere than for root on Debian, tells what would get them.
pub fn install(packages: &[&str], elsewhere: &str) -> Result<(), Unavailable> {
    let names = packages.join(" ");
    if !is_debian() || !is_root() {
        return Err(Unavailable {
            reason: format!("{} not on PATH", packages.join(", ")),
            command: advice(packages, elsewhere),
        });
    }
    step::say(format!("installing {names} with apt-get (1 to 3 minutes)"));
    let failed =
        |error: anyhow::Error| Unavailable { reason: format!("{error:#}"), command: advice(packages, elsewhere) };
    step::download(&mut apt("apt-get update"), "check the network and the Debian mirror").map_err(failed)?;
    step::download(&mut apt(&install_line(packages)), "check the network and the Debian mirror").map_err(failed)
}

/// Unpacks a package into target/tools/NAME, without running any of its scripts; its libraries have to be there.
pub fn unpack(repo: &Repo, package: &str, elsewhere: &str) -> Result<(), Unavailable> {
    let tools = repo.tools();
    let line = format!("apt-get download {package} && dpkg-deb -x {package}_*.deb {package} && rm {package}_*.deb");
    if !is_debian() {
        let reason = format!("{package} not on PATH");
        return Err(Unavailable { reason, command: elsewhere.to_owned() });
    }
    step::say(format!("unpacking Debian's {package} into target/tools/{package} (10 to 30 seconds)"));
    if is_root() {
        // The list of what the mirror has; an old one may do.
        let _ = step::run(&mut apt("apt-get update"), "check the network and the Debian mirror");
    }
    // A directory that cannot be made is what the shell says then.
    let _ = std::fs::create_dir_all(&tools);
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(&tools);
    step::download(&mut command, "check the network and the Debian mirror").map_err(|error| Unavailable {
        reason: format!("{error:#}"),
        command: format!("(cd {} && {line})", tools.display()),
    })
}

/// The one command that gets packages on this machine.
pub fn advice(packages: &[&str], elsewhere: &str) -> String {
    if is_debian() {
        format!("sudo sh -c 'apt-get update && {}'", install_line(packages))
    } else {
        elsewhere.to_owned()
    }
}

/// The version of a package that is installed, without Debian's own part.
pub fn version(package: &str) -> Option<String> {
    let output = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    Some(version.split('-').next()?.to_owned()).filter(|version| !version.is_empty())
}

fn install_line(packages: &[&str]) -> String {
    format!("apt-get install -y --no-install-recommends {}", packages.join(" "))
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && on_path(&["apt-get"]).is_some()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt(line: &str) -> Command {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

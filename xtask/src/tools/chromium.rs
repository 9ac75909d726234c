//! Chromium and its driver: from PATH, or from Debian's packages where this user may install them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Unavailable, on_path};
use crate::step;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const INSTALL: &str = "apt-get install -y --no-install-recommends chromium chromium-driver";

/// A browser with the driver that belongs to it.
pub struct Chromium {
    pub browser: PathBuf,
    pub driver: PathBuf,
    pub version: String,
}

/// Looks for both, and installs them for root on Debian.
pub fn ensure() -> Result<Chromium, Unavailable> {
    if let Some(chromium) = find() {
        return Ok(chromium);
    }
    if !is_debian() || !is_root() {
        return Err(Unavailable { reason: "no Chromium with chromedriver on PATH".into(), command: advice() });
    }
    step::say("installing chromium and chromium-driver with apt-get (1 to 3 minutes)");
    let failed = |error: anyhow::Error| Unavailable { reason: format!("{error:#}"), command: advice() };
    step::download(&mut apt("apt-get update"), "check the network and the Debian mirror").map_err(failed)?;
    step::download(&mut apt(INSTALL), "check the network and the Debian mirror").map_err(failed)?;
    find()
        .ok_or_else(|| Unavailable { reason: "apt-get brought no chromium and chromedriver".into(), command: advice() })
}

fn find() -> Option<Chromium> {
    let driver = match std::env::var_os("CHROMEDRIVER") {
        Some(driver) => Some(PathBuf::from(driver)).filter(|driver| driver.is_file())?,
        None => on_path(&["chromedriver"])?,
    };
    let browser = on_path(&BROWSERS)?;
    let said = step::version_of(&browser)?;
    // "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)"
    let version =
        said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?.to_owned();
    Some(Chromium { browser, driver, version })
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && on_path(&["apt-get"]).is_some()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The one command that gets a browser on this machine.
fn advice() -> String {
    if is_debian() {
        format!("sudo sh -c 'apt-get update && {INSTALL}'")
    } else if cfg!(target_os = "macos") {
        "brew install --cask chromium chromedriver".into()
    } else {
        "install chromium and chromedriver of one version with the system's package manager, both on PATH".into()
    }
}

fn apt(line: &str) -> Command {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

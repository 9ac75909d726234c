//! `certutil` of NSS, which writes the certificate databases of Chromium and Firefox.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{Unavailable, debian, on_path};
use crate::step;

const PACKAGES: [&str; 1] = ["libnss3-tools"];
const ELSEWHERE: &str = "install certutil of NSS (nss-tools) with the system's package manager, on PATH";

/// The program.
pub struct Certutil(PathBuf);

/// Looks for it, and installs it for root on Debian.
pub fn ensure() -> Result<Certutil, Unavailable> {
    debian::find_or_install(|| on_path(&["certutil"]), &PACKAGES, "certutil", ELSEWHERE).map(Certutil)
}

impl Certutil {
    /// Makes a database in an empty directory that trusts an authority for servers.
    pub fn trust(&self, dir: &Path, authority: &Path) -> Result<()> {
        let database = format!("sql:{}", dir.display());
        let certutil = |options: &str| {
            let mut command = Command::new(&self.0);
            command.args(["-d", &database]).args(options.split(' '));
            command
        };
        step::output(&mut certutil("-N --empty-password"), "is the directory there?")?;
        step::output(certutil("-A -n authority -t C,, -i").arg(authority), "is it a certificate?")?;
        Ok(())
    }
}

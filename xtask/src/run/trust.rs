//! Makes hosts trust a certificate authority without changing the system's authorities.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::files;
use crate::step;
use crate::tools::browser::Browser;

/// The file with Debian's authorities, which GnuTLS reads.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A certificate authority in the forms that hosts read.
pub struct Trust {
    authority: PathBuf,
    /// A home directory with the database that Chromium reads.
    home: PathBuf,
    /// A profile of Firefox with its database.
    profile: PathBuf,
}

/// Creates a database in an empty directory that trusts an authority for servers.
fn trust(certutil: &Path, dir: &Path, authority: &Path) -> Result<()> {
    let database = format!("sql:{}", dir.display());
    let certutil = |options: &str| {
        let mut command = Command::new(certutil);
        command.args(["-d", &database]).args(options.split(' '));
        command
    };
    step::output(&mut certutil("-N --empty-password"), "is the directory there?")?;
    step::output(certutil("-A -n authority -t C,, -i").arg(authority), "is it a certificate?")?;
    Ok(())
}

impl Trust {
    pub fn new(dir: &Path, authority: PathBuf, certutil: &Path) -> Result<Self> {
        let (home, profile) = (dir.join("home"), dir.join("profile"));
        for database in [home.join(".pki/nssdb"), profile.clone()] {
            fs::create_dir_all(&database).with_context(|| format!("creating {}", database.display()))?;
            trust(certutil, &database, &authority)?;
        }
        Ok(Self { authority, home, profile })
    }

    /// The authority's certificate as text.
    pub fn certificate(&self) -> Result<String> {
        files::read_text(&self.authority)
    }

    /// The environment variables of Node and Bun, and of Deno.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("NODE_EXTRA_CA_CERTS", &self.authority), ("DENO_CERT", &self.authority)]
    }

    /// The reason why a host cannot trust the authority on this machine.
    pub fn obstacle(&self, browser: Option<&Browser>) -> Option<&'static str> {
        let is_webkit = browser.is_some_and(|browser| browser.name == "WebKit");
        let may_start = || step::capture(self.with_authority().arg("true")).is_ok_and(|done| done.status.success());
        (is_webkit && !may_start()).then_some("WebKit can trust an authority only if this user may create namespaces")
    }

    /// A browser that trusts the authority, as an argument of the tests.
    pub fn browser(&self, browser: &Browser) -> Value {
        let mut given = browser.given();
        match browser.name {
            "Chromium" => given["environment"]["HOME"] = json!(self.home),
            "Firefox" => {
                let arguments = given["capabilities"]["moz:firefoxOptions"]["args"].as_array_mut();
                arguments.into_iter().for_each(|all| all.extend([json!("-profile"), json!(self.profile)]));
            }
            _ => {
                let start = self.with_authority();
                let driver = given["driver"].as_array_mut();
                driver
                    .into_iter()
                    .for_each(|words| drop(words.splice(0..0, step::words(&start).into_iter().map(Value::from))));
            }
        }
        given
    }

    /// A command that replaces the system's authorities for one program. GnuTLS reads no other file.
    fn with_authority(&self) -> Command {
        let mut command = Command::new("bwrap");
        command.args("--die-with-parent --dev-bind / / --ro-bind".split(' '));
        command.arg(&self.authority).arg(SYSTEM_AUTHORITIES).arg("--");
        command
    }
}

//! How each host is made to trust an authority, without touching what the system trusts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::files;
use crate::step;
use crate::tools::browser::Browser;

/// Where Debian's GnuTLS looks for authorities.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// An authority, in the form that each host takes it.
pub struct Trust {
    authority: PathBuf,
    /// A home directory with the database that Chromium reads.
    home: PathBuf,
    /// A profile of Firefox with its database.
    profile: PathBuf,
}

/// Has a new database in an empty directory trust an authority for servers.
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

    /// The text of the authority's certificate.
    pub fn certificate(&self) -> Result<String> {
        files::read_text(&self.authority)
    }

    /// Node and Bun have one variable, Deno another.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("NODE_EXTRA_CA_CERTS", &self.authority), ("DENO_CERT", &self.authority)]
    }

    /// Why a host cannot be made to trust it on this machine.
    pub fn obstacle(&self, browser: Option<&Browser>) -> Option<&'static str> {
        let is_webkit = browser.is_some_and(|browser| browser.name == "WebKit");
        let may_start =
            || step::capture(self.in_place_of_the_system().arg("true")).is_ok_and(|done| done.status.success());
        (is_webkit && !may_start()).then_some("WebKit's trust can be set only where this user may make namespaces")
    }

    /// A browser as the tests take it, which trusts the authority.
    pub fn browser(&self, browser: &Browser) -> Value {
        let mut given = browser.given();
        match browser.name {
            "Chromium" => given["environment"]["HOME"] = json!(self.home),
            "Firefox" => {
                let arguments = given["capabilities"]["moz:firefoxOptions"]["args"].as_array_mut();
                arguments.into_iter().for_each(|all| all.extend([json!("-profile"), json!(self.profile)]));
            }
            _ => {
                let start = self.in_place_of_the_system();
                let driver = given["driver"].as_array_mut();
                driver
                    .into_iter()
                    .for_each(|words| drop(words.splice(0..0, step::words(&start).into_iter().map(Value::from))));
            }
        }
        given
    }

    /// GnuTLS reads the system's file and no other. For the program that this starts, and for no other, the authority
    /// stands in that place. WebKitGTK brings `bwrap` along.
    fn in_place_of_the_system(&self) -> Command {
        let mut command = Command::new("bwrap");
        command.args("--die-with-parent --dev-bind / / --ro-bind".split(' '));
        command.arg(&self.authority).arg(SYSTEM_AUTHORITIES).arg("--");
        command
    }
}

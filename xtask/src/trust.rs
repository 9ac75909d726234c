//! How each host is made to trust an authority, without touching what the system trusts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::tools::browser::Browser;
use crate::tools::nss::Certutil;

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

impl Trust {
    pub fn new(dir: &Path, authority: PathBuf, certutil: &Certutil) -> Result<Self> {
        let (home, profile) = (dir.join("home"), dir.join("profile"));
        for database in [home.join(".pki/nssdb"), profile.clone()] {
            fs::create_dir_all(&database).with_context(|| format!("creating {}", database.display()))?;
            certutil.trust(&database, &authority)?;
        }
        Ok(Self { authority, home, profile })
    }

    /// Node and Bun have one variable, Deno another.
    pub fn variables(&self) -> [(&'static str, &Path); 2] {
        [("NODE_EXTRA_CA_CERTS", &self.authority), ("DENO_CERT", &self.authority)]
    }

    /// The command that starts a browser's driver, and with it the browser.
    pub fn driver(&self, browser: &Browser) -> Command {
        match browser.name {
            "WebKit" => {
                // GnuTLS has the system's file and no other; here it has another one under that name.
                let mut command = Command::new("bwrap");
                command.args("--die-with-parent --dev-bind / / --ro-bind".split(' '));
                command.arg(&self.authority).arg(SYSTEM_AUTHORITIES).arg("--").arg(&browser.driver);
                command
            }
            _ => {
                let mut command = Command::new(&browser.driver);
                command.env("HOME", &self.home);
                command
            }
        }
    }

    /// What WebDriver calls the browser's options.
    pub fn options(&self, browser: &Browser) -> Value {
        let mut options = browser.options.1.clone();
        if browser.name == "Firefox" {
            let arguments = options["args"].as_array_mut();
            arguments.into_iter().for_each(|all| all.extend([json!("-profile"), json!(self.profile)]));
        }
        options
    }
}

//! The browsers, each with its driver.

use std::path::Path;

use serde_json::{Value, json};

use super::{Unavailable, rust, system};
use crate::repo::Repo;
use crate::step;

/// A browser with the driver that belongs to it.
#[derive(Clone)]
pub struct Browser {
    pub name: &'static str,
    pub version: String,
    /// The command that starts the driver, but for its `--port=`.
    pub driver: Vec<String>,
    /// The variable by which wasm-bindgen-test takes that.
    pub variable: &'static str,
    /// What the driver is asked for.
    pub capabilities: Value,
}

impl Browser {
    /// As the tests in Node take it.
    pub fn given(&self) -> Value {
        json!({ "name": self.name, "driver": self.driver, "environment": {}, "capabilities": self.capabilities })
    }
}

/// Fast, and without what a browser does on its own in the background.
const CHROMIUM_ARGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--expose-gc",
    // The size of the heap to the byte, and not of twenty minutes ago.
    "--enable-precise-memory-info",
];

const GECKODRIVER: &str = "0.37.1";

pub fn chromium(repo: &Repo) -> Result<Browser, Unavailable> {
    let (program, driver) = system::chromium(repo)?;
    Ok(Browser {
        name: "Chromium",
        version: version_of(&program),
        driver: vec![driver.display().to_string()],
        variable: "CHROMEDRIVER",
        capabilities: json!({
            "browserName": "chrome", "goog:chromeOptions": { "binary": program, "args": CHROMIUM_ARGS },
        }),
    })
}

/// Its driver is built from crates.io.
pub fn firefox(repo: &Repo) -> Result<Browser, Unavailable> {
    let program = system::firefox(repo)?;
    let command = format!("cargo install --locked geckodriver@{GECKODRIVER} --root target/tools");
    let unavailable = |reason: String| Unavailable { reason, command: command.clone() };
    rust::ensure_program(repo, "geckodriver", GECKODRIVER, &["--locked"], "2 to 4 minutes")
        .map_err(|error| unavailable(format!("{error:#}")))?;
    let driver = rust::program(repo, "geckodriver").ok_or_else(|| unavailable("there is no geckodriver".into()))?;
    let preferences = json!({
        // Some cases are refused on purpose; the next connection is not to wait for that.
        "network.websocket.delay-failed-reconnects": false,
        // Others leave connections to servers that never answer; the next is not to wait for those to be collected.
        "network.http.max-persistent-connections-per-server": 64,
        // What is measured takes milliseconds, and the clock of a page counts no less otherwise.
        "privacy.reduceTimerPrecision": false,
        // The server is on this machine, and has to be out of reach without a network.
        "network.disable-localhost-when-offline": true,
    });
    Ok(Browser {
        name: "Firefox",
        version: version_of(&program),
        // Scripts of the browser's own take it off the network.
        driver: vec![driver.display().to_string(), "--allow-system-access".into()],
        variable: "GECKODRIVER",
        capabilities: json!({
            "browserName": "firefox",
            "moz:firefoxOptions": { "binary": program, "args": ["-headless"], "prefs": preferences },
        }),
    })
}

pub fn webkit(repo: &Repo) -> Result<Browser, Unavailable> {
    let (program, display) = system::webkit(repo)?;
    Ok(Browser {
        name: "WebKit",
        // The browser does not tell it without a display, its driver not at all.
        version: system::version("webkit2gtk-driver").unwrap_or_else(|| "unknown".into()),
        driver: vec![display.display().to_string(), "-a".into(), "WebKitWebDriver".into()],
        variable: "SAFARIDRIVER",
        capabilities: json!({
            "browserName": "MiniBrowser",
            "webkitgtk:browserOptions": { "binary": program, "args": ["--automation"] },
        }),
    })
}

/// The first word that is a number, as in `Chromium 156.0.8078.79 built on …` and `Mozilla Firefox 153.7.0esr`.
fn version_of(program: &Path) -> String {
    let said = step::version_of(program).unwrap_or_default();
    let number = said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    number.unwrap_or("unknown").to_owned()
}

//! The browsers and their drivers.

use std::path::Path;

use serde_json::{Value, json};

use super::{Unavailable, rust, system};
use crate::repo::Repo;
use crate::step;

/// A browser and its driver.
#[derive(Clone)]
pub struct Browser {
    pub name: &'static str,
    pub version: String,
    /// The command that starts the driver, without `--port=`.
    pub driver: Vec<String>,
    /// The environment variable for the driver's path in wasm-bindgen-test.
    pub variable: &'static str,
    /// The WebDriver capabilities.
    pub capabilities: Value,
}

impl Browser {
    /// The browser as an argument of the tests in Node.
    pub fn given(&self) -> Value {
        json!({ "name": self.name, "driver": self.driver, "environment": {}, "capabilities": self.capabilities })
    }
}

/// Options for speed, without background activity of the browser.
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
    // Reports the exact current size of the heap. The default is rounded and up to twenty minutes old.
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

/// Firefox, with geckodriver from crates.io.
pub fn firefox(repo: &Repo) -> Result<Browser, Unavailable> {
    let program = system::firefox(repo)?;
    let command = format!("cargo install --locked geckodriver@{GECKODRIVER} --root target/tools");
    let unavailable = |reason: String| Unavailable { reason, command: command.clone() };
    rust::ensure_program(repo, "geckodriver", GECKODRIVER, &["--locked"], "2 to 4 minutes")
        .map_err(|error| unavailable(format!("{error:#}")))?;
    let driver = rust::program(repo, "geckodriver").ok_or_else(|| unavailable("there is no geckodriver".into()))?;
    let preferences = json!({
        // Some cases are refused on purpose. Later connections must not be delayed by that.
        "network.websocket.delay-failed-reconnects": false,
        // Other cases leave connections to servers that never answer. They must not block later connections.
        "network.http.max-persistent-connections-per-server": 64,
        // The bench measures milliseconds, and a page's clock is not more precise by default.
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
        // The browser reports its version only with a display, the driver never.
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
    let output = step::version_of(program).unwrap_or_default();
    let number = output.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    number.unwrap_or("unknown").to_owned()
}

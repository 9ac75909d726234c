//! The browsers, each with its driver.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Unavailable, rust, system};
use crate::repo::Repo;
use crate::step;

/// A browser with the driver that belongs to it.
pub struct Browser {
    pub name: &'static str,
    pub driver: PathBuf,
    pub driver_options: &'static [&'static str],
    pub port: Port,
    pub version: String,
    /// The variable by which wasm-bindgen-test takes a driver that runs already.
    pub remote: &'static str,
    /// The name and the value of what WebDriver calls the browser's options.
    pub options: (&'static str, Value),
}

impl Browser {
    /// As the tests in Node take it: the driver's command but for its port, and what is asked of the driver.
    pub fn given(&self) -> Value {
        let name = match self.name {
            "Chromium" => "chrome",
            "Firefox" => "firefox",
            _ => "MiniBrowser",
        };
        let options = self.driver_options.iter().filter(|option| !option.starts_with("--port") && **option != "0");
        let driver: Vec<_> = std::iter::once(json!(self.driver)).chain(options.map(|option| json!(option))).collect();
        json!({
            "name": self.name, "driver": driver, "environment": {},
            "capabilities": { "browserName": name, self.options.0: self.options.1 },
        })
    }
}

/// How a driver comes to its port.
pub enum Port {
    /// It takes a free one, and writes a line with this before it.
    Told { before: &'static str },
    /// It is given one in an option of this beginning, and writes nothing.
    Given { option: &'static str },
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
        driver,
        driver_options: &["--port=0"],
        port: Port::Told { before: "started successfully on port " },
        version: version_of(&program),
        remote: "CHROMEDRIVER_REMOTE",
        options: ("goog:chromeOptions", json!({ "binary": program, "args": CHROMIUM_ARGS })),
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
        // What is measured takes milliseconds, and the clock of a page counts no less otherwise.
        "privacy.reduceTimerPrecision": false,
        // The server is on this machine, and has to be out of reach without a network.
        "network.disable-localhost-when-offline": true,
    });
    Ok(Browser {
        name: "Firefox",
        driver,
        // Scripts of the browser's own take it off the network.
        driver_options: &["--port", "0", "--allow-system-access"],
        port: Port::Told { before: "Listening on 127.0.0.1:" },
        version: version_of(&program),
        remote: "GECKODRIVER_REMOTE",
        options: ("moz:firefoxOptions", json!({ "binary": program, "args": ["-headless"], "prefs": preferences })),
    })
}

pub fn webkit(repo: &Repo) -> Result<Browser, Unavailable> {
    let (program, driver) = system::webkit(repo)?;
    Ok(Browser {
        name: "WebKit",
        driver,
        driver_options: &["-a", "WebKitWebDriver"],
        port: Port::Given { option: "--port=" },
        // The browser does not tell it without a display, its driver not at all.
        version: system::version("webkit2gtk-driver").unwrap_or_else(|| "unknown".into()),
        remote: "SAFARIDRIVER_REMOTE",
        options: ("webkitgtk:browserOptions", json!({ "binary": program, "args": ["--automation"] })),
    })
}

/// The first word that is a number, as in `Chromium 156.0.8078.79 built on …` and `Mozilla Firefox 153.7.0esr`.
fn version_of(program: &Path) -> String {
    let said = step::version_of(program).unwrap_or_default();
    let number = said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    number.unwrap_or("unknown").to_owned()
}

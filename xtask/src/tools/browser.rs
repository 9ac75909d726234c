//! The browsers: from PATH, or from Debian's packages where this user may install them, each with its driver.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Unavailable, debian, on_path, rust};
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

const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const CHROMIUM_PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const FIREFOX: [&str; 2] = ["firefox", "firefox-esr"];
const FIREFOX_PACKAGES: [&str; 1] = ["firefox-esr"];
const WEBKIT_PACKAGES: [&str; 3] = ["webkit2gtk-driver", "xvfb", "xauth"];
const GECKODRIVER: &str = "0.37.1";

/// Looks for Chromium and chromedriver, and installs them for root on Debian.
pub fn chromium() -> Result<Browser, Unavailable> {
    let elsewhere = if cfg!(target_os = "macos") {
        "brew install --cask chromium chromedriver"
    } else {
        "install chromium and chromedriver of one version with the system's package manager, both on PATH"
    };
    debian::find_or_install(find_chromium, &CHROMIUM_PACKAGES, "chromium and chromedriver", elsewhere)
}

fn find_chromium() -> Option<Browser> {
    let driver = match std::env::var_os("CHROMEDRIVER") {
        Some(driver) => Some(PathBuf::from(driver)).filter(|driver| driver.is_file())?,
        None => on_path(&["chromedriver"])?,
    };
    let program = on_path(&CHROMIUM)?;
    Some(Browser {
        name: "Chromium",
        driver,
        driver_options: &["--port=0"],
        port: Port::Told { before: "started successfully on port " },
        version: version_of(&program)?,
        remote: "CHROMEDRIVER_REMOTE",
        options: ("goog:chromeOptions", json!({ "binary": program, "args": CHROMIUM_ARGS })),
    })
}

/// Looks for Firefox, and installs it for root on Debian; its driver is built from crates.io.
pub fn firefox(repo: &Repo) -> Result<Browser, Unavailable> {
    let elsewhere = if cfg!(target_os = "macos") {
        "brew install --cask firefox"
    } else {
        "install firefox with the system's package manager, on PATH"
    };
    let program = debian::find_or_install(|| on_path(&FIREFOX), &FIREFOX_PACKAGES, "firefox", elsewhere)?;
    let command = format!("cargo install --locked geckodriver@{GECKODRIVER} --root target/tools");
    let unavailable = |reason: String| Unavailable { reason, command: command.clone() };
    rust::ensure_program(repo, "geckodriver", GECKODRIVER, &["--locked"], "2 to 4 minutes")
        .map_err(|error| unavailable(format!("{error:#}")))?;
    let driver = rust::program(repo, "geckodriver").ok_or_else(|| unavailable("there is no geckodriver".into()))?;
    let version = version_of(&program).ok_or_else(|| Unavailable {
        reason: format!("{} does not tell its version", program.display()),
        command: debian::advice(&FIREFOX_PACKAGES, elsewhere),
    })?;
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
        version,
        remote: "GECKODRIVER_REMOTE",
        options: ("moz:firefoxOptions", json!({ "binary": program, "args": ["-headless"], "prefs": preferences })),
    })
}

/// Looks for WebKitGTK's small browser, its driver, and a display to show it on; installs them for root on Debian.
pub fn webkit() -> Result<Browser, Unavailable> {
    let elsewhere = "install WebKitGTK's MiniBrowser and WebKitWebDriver, and xvfb, with the system's package manager";
    debian::find_or_install(find_webkit, &WEBKIT_PACKAGES, "WebKitWebDriver and MiniBrowser", elsewhere)
}

fn find_webkit() -> Option<Browser> {
    on_path(&["WebKitWebDriver"])?;
    // Without a display it hangs.
    let driver = on_path(&["xvfb-run"])?;
    let libraries = std::fs::read_dir("/usr/lib").ok()?;
    let program = libraries
        .flatten()
        .map(|library| library.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|program| program.is_file())?;
    Some(Browser {
        name: "WebKit",
        driver,
        driver_options: &["-a", "WebKitWebDriver"],
        port: Port::Given { option: "--port=" },
        // The browser does not tell it without a display, its driver not at all.
        version: debian::version("webkit2gtk-driver").unwrap_or_else(|| "unknown".into()),
        remote: "SAFARIDRIVER_REMOTE",
        options: ("webkitgtk:browserOptions", json!({ "binary": program, "args": ["--automation"] })),
    })
}

/// The first word that is a number, as in `Chromium 156.0.8078.79 built on …` and `Mozilla Firefox 153.7.0esr`.
fn version_of(program: &Path) -> Option<String> {
    let said = step::version_of(program)?;
    said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

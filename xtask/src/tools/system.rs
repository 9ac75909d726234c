//! The tools that `xtask/setup.sh` installs: Debian packages, and Python with the packages of `xtask/requirements.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Unavailable;
use crate::repo::Repo;
use crate::step;

/// The result of `find`. If it finds nothing, runs the script to install a part, and searches again.
fn ensure<T>(repo: &Repo, part: &str, find: impl Fn() -> Option<T>) -> Result<T, Unavailable> {
    let mut setup = Command::new("xtask/setup.sh");
    setup.arg(part).current_dir(repo.root());
    find().map_or_else(
        || {
            step::say(format!("installing {part} with xtask/setup.sh (up to 3 minutes)"));
            let installed = step::download(&mut setup, "check the network and the Debian mirror");
            let reason = installed.err().map_or_else(|| "it does not run".into(), |error| format!("{error:#}"));
            find().ok_or_else(|| Unavailable {
                reason: format!("{part}: {reason}"),
                command: format!("sudo xtask/setup.sh {part}, or the system's package manager where it is not Debian"),
            })
        },
        Ok,
    )
}

/// Chromium and chromedriver.
pub fn chromium(repo: &Repo) -> Result<(PathBuf, PathBuf), Unavailable> {
    ensure(repo, "chromium", || {
        let driver = match std::env::var_os("CHROMEDRIVER") {
            Some(driver) => Some(PathBuf::from(driver)).filter(|driver| driver.is_file()),
            None => on_path(&["chromedriver"]),
        };
        Some((on_path(&["chromium", "chromium-browser", "google-chrome"])?, driver?))
    })
}

pub fn firefox(repo: &Repo) -> Result<PathBuf, Unavailable> {
    ensure(repo, "firefox", || on_path(&["firefox", "firefox-esr"]))
}

/// WebKitGTK's small browser, and `xvfb-run`, which gives its driver a display.
pub fn webkit(repo: &Repo) -> Result<(PathBuf, PathBuf), Unavailable> {
    ensure(repo, "webkit", || {
        on_path(&["WebKitWebDriver"])?;
        let mut browsers = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|library| library.path());
        let browser = browsers.find_map(|library| is_file(library.join("webkit2gtk-4.1/MiniBrowser")))?;
        Some((browser, on_path(&["xvfb-run"])?))
    })
}

pub fn nginx(repo: &Repo) -> Result<PathBuf, Unavailable> {
    let unpacked = repo.tools().join("nginx/usr/sbin/nginx");
    let runs =
        |program: &PathBuf| step::capture(Command::new(program).arg("-v")).is_ok_and(|output| output.status.success());
    ensure(repo, "nginx", || on_path(&["nginx"]).into_iter().chain([unpacked.clone()]).find(runs))
}

/// NSS' program, which writes the certificate databases of Chromium and Firefox.
pub fn certutil(repo: &Repo) -> Result<PathBuf, Unavailable> {
    ensure(repo, "certutil", || on_path(&["certutil"]))
}

/// The directory of the Python environment's programs: python, kosoku, lychee.
pub fn python(repo: &Repo) -> Result<PathBuf, Unavailable> {
    let dir = repo.tools().join("python");
    let read = |file: &Path| std::fs::read(file).ok();
    ensure(repo, "python", || {
        let wanted = read(&repo.path("xtask/requirements.txt"));
        let is_current = wanted.is_some() && read(&dir.join("requirements.txt")) == wanted;
        is_file(dir.join("bin/python")).filter(|_| is_current).map(|_| dir.join("bin"))
    })
}

/// Installs the fonts of README.md's pictures. If they are not available, the pictures use the installed fonts.
pub fn fonts(repo: &Repo) {
    let are_there = || {
        ["fonts-inter", "fonts-noto-color-emoji", "fonts-noto-core"]
            .into_iter()
            .try_for_each(|font| version(font).map(drop))
    };
    if let Err(missing) = ensure(repo, "fonts", are_there) {
        step::say(format!("the pictures use other fonts, because some are missing: {missing}"));
    }
}

/// The version of an installed Debian package, without the Debian revision.
pub fn version(package: &str) -> Option<String> {
    let output = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    Some(version.split('-').next()?.to_owned()).filter(|version| !version.is_empty())
}

/// The first program of these names on PATH.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    super::find(&std::env::var_os("PATH")?, names)
}

fn is_file(path: PathBuf) -> Option<PathBuf> {
    Some(path).filter(|path| path.is_file())
}

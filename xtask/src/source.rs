//! `src/host.js` on its way into the npm package.

use anyhow::{Result, ensure};
use fourd_websocket::ErrCode;

/// `host.js` with the texts of the errors, which programs in Rust bring along.
pub fn with_texts(host: &str) -> Result<String> {
    let texts: Vec<_> = ErrCode::ALL.iter().map(|error| error.text()).collect();
    let place = "let texts = [];";
    ensure!(host.matches(place).count() == 1, "src/host.js has no place for the texts of the errors, `{place}`");
    Ok(host.replace(place, &format!("let texts = {};", serde_json::to_string(&texts)?)))
}

/// The private fields in `host.js`, which consoles show.
const SHOWN: [&str; 6] = ["url", "status", "id", "wire", "socket", "handler"];

/// What stands before their names while the package is bundled: esbuild would shorten private names, but no others.
const PRIVATE: &str = "shown_";

/// `host.js` with its private fields public, for the way through esbuild.
pub fn without_private_names(host: &str) -> Result<String> {
    let mut host = host.to_owned();
    for name in SHOWN {
        let private = format!("#{name};");
        ensure!(host.contains(&private), "src/host.js has no private field `{private}`, which consoles would show");
        host = host.replace(&format!("#{name}"), &format!("{PRIVATE}{name}"));
    }
    Ok(host)
}

/// What came out of esbuild, with the private fields private again.
pub fn with_private_names(bundled: &str) -> String {
    SHOWN.iter().fold(bundled.to_owned(), |text, name| text.replace(&format!("{PRIVATE}{name}"), &format!("#{name}")))
}

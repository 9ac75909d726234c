//! The size of a page's download for the package, and its budget.

use std::io::Write;

use anyhow::{Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::files::{read, write};
use crate::pkg::{UNITS, bundle};
use crate::repo::Repo;
use crate::step;

/// The greatest size of a page's download for `import { WebSocket } from "fourd-websocket"`, gzipped, in bytes. It is
/// slightly above the current size, so that growth is noticed. The bench has the goal of the project.
const BUDGET: usize = 34_600;

/// Prints the sizes; fails if the page's download is over the budget.
pub fn report(repo: &Repo) -> Result<()> {
    println!("{:<46}{:>8}{:>8}", "", "bytes", "gzip -9");
    for unit in &UNITS {
        row(unit.module, &read(&repo.pkg().join(unit.module))?)?;
    }
    row("a page's import { ReconnectingWebSocket }", &page(repo, "ReconnectingWebSocket", "reconnecting")?)?;
    let total = row("a page's import { WebSocket }, bundled", &page(repo, "WebSocket", "index")?)?;
    ensure!(total <= BUDGET, "a page downloads {total} bytes, the budget is {BUDGET}. The table above has the sizes");
    println!("{} bytes below the budget of {BUDGET}", BUDGET - total);
    Ok(())
}

/// A page's import of a class, as one minified file.
fn page(repo: &Repo, class: &str, entry: &str) -> Result<Vec<u8>> {
    let [page, bundle] = ["page.js", "page.min.js"].map(|name| repo.wasm().join(name));
    write(&page, format!("import {{ {class} }} from \"../../pkg/{entry}.js\";\nglobalThis.x = {class};\n"))?;
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.arg(page).arg(format!("--outfile={}", bundle.display()));
    step::output(&mut esbuild, &format!("pkg/{entry}.js does not bundle; fix pkg-template/{entry}.js"))?;
    read(&bundle)
}

fn row(what: &str, bytes: &[u8]) -> Result<usize> {
    let gzipped = gzipped(bytes)?;
    println!("{what:<46}{:>8}{gzipped:>8}", bytes.len());
    Ok(gzipped)
}

/// The length after `gzip -9`, in bytes.
pub fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

//! The size of a page's download for the package, and its budget.

use std::io::Write;

use anyhow::{Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::files::{read, write};
use crate::pkg::bundle;
use crate::repo::Repo;
use crate::step;

/// The greatest size of a page's download for `import { WebSocket } from "fourd-websocket"`, gzipped, in bytes. It is
/// slightly above the current size, so that growth is noticed. The bench has the goal of the project.
const BUDGET: usize = 34_000;

/// Prints the sizes; fails if the page's download is over the budget.
pub fn report(repo: &Repo) -> Result<()> {
    let wasm = repo.wasm();
    let page = |class, entry| {
        let text = format!("import {{ {class} }} from \"../../pkg/{entry}.js\";\nglobalThis.x = {class};\n");
        write(&wasm.join("page.js"), text)?;
        bundled(repo, "page", &[])
    };
    let face = bundled(repo, "index", &["--external:./module.js"])?;

    println!("{:<46}{:>8}{:>8}", "", "bytes", "gzip -9");
    row("wasm module", &read(&repo.module())?)?;
    row("the same as text, with its decoder", &read(&wasm.join("module.js"))?)?;
    row("the JavaScript without it, minified", &face)?;
    row("pkg/index.js", &read(&repo.pkg().join("index.js"))?)?;
    row("a page's import { ReconnectingWebSocket }", &page("ReconnectingWebSocket", "reconnecting")?)?;
    let total = row("a page's import { WebSocket }, bundled", &page("WebSocket", "index")?)?;
    ensure!(total <= BUDGET, "a page downloads {total} bytes, the budget is {BUDGET}; the table above has the sizes");
    println!("{} bytes below the budget of {BUDGET}", BUDGET - total);
    Ok(())
}

/// target/wasm/NAME.js as one minified file.
fn bundled(repo: &Repo, name: &str, options: &[&str]) -> Result<Vec<u8>> {
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.arg(format!("target/wasm/{name}.js")).args(options).arg(format!("--outfile=target/wasm/{name}.min.js"));
    step::output(&mut esbuild, "pkg/index.js does not bundle; fix pkg-template/index.js")?;
    read(&repo.wasm().join(format!("{name}.min.js")))
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

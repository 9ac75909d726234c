//! What a page downloads for a minimal app: it opens a connection, sends, receives and closes.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::{Bench, app};
use crate::{package, step};

/// The scripts in tests/bench/downloads, and what each shows.
const APPS: [(&str, &str); 8] = [
    ("package", "fourd-websocket"),
    ("fourd-websocket", "fourd-websocket in Rust"),
    ("gloo-net", "gloo-net"),
    ("ws-stream", "ws_stream_wasm"),
    ("socket.io-client", "socket.io-client"),
    ("partysocket", "partysocket"),
    ("reconnecting-websocket", "reconnecting-websocket"),
    ("websocket-ts", "websocket-ts"),
];

/// A minimal app, bundled and minified, in bytes.
#[derive(Serialize)]
pub struct Download {
    pub name: &'static str,
    pub javascript: usize,
    /// The module beside the JavaScript, if there is one.
    pub wasm: usize,
    /// Both, with `gzip -9`.
    pub gzipped: usize,
    /// What a program in Rust would use instead.
    pub is_rival: bool,
}

pub fn all(bench: &Bench) -> Result<Vec<Download>> {
    APPS.into_iter().map(|(script, name)| download(bench, script, name)).collect()
}

/// The table for the page of benchmarks.
pub fn markdown(downloads: &[Download]) -> String {
    let line = |download: &Download| format!("| {} | {} |\n", download.name, download.gzipped);
    String::from("| application with | bytes |\n|---|--:|\n") + &downloads.iter().map(line).collect::<String>()
}

fn download(bench: &Bench, script: &str, name: &'static str) -> Result<Download> {
    let dir = bench.dir();
    let bundle = dir.join("site/downloads").join(format!("{script}.js"));
    let mut esbuild = package::esbuild(bench.repo)?;
    esbuild.current_dir(&dir).arg(format!("downloads/{script}.js")).arg(format!("--outfile={}", bundle.display()));
    step::output(&mut esbuild, &format!("mend tests/bench/downloads/{script}.js"))?;
    let javascript = read(&bundle)?;
    let has_module = app::NAMES.contains(&script);
    let wasm = match has_module {
        true => read(&dir.join("apps").join(script).join("pkg/app_bg.wasm"))?,
        false => Vec::new(),
    };
    Ok(Download {
        name,
        javascript: javascript.len(),
        wasm: wasm.len(),
        gzipped: gzipped(&javascript)? + if has_module { gzipped(&wasm)? } else { 0 },
        is_rival: has_module && !app::OURS.contains(&script),
    })
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("reading {}", file.display()))
}

fn gzipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_sizes_beside_the_names() {
        let of = |name, gzipped| Download { name, javascript: 0, wasm: 0, gzipped, is_rival: false };
        let table = markdown(&[of("fourd-websocket", 7000), of("gloo-net", 23_000)]);
        assert_eq!(
            table,
            "| application with | bytes |\n|---|--:|\n| fourd-websocket | 7000 |\n| gloo-net | 23000 |\n"
        );
    }
}

//! What a page downloads for a minimal app: it opens a connection, sends, receives and closes.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use figures::download::Download;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::app;
use crate::pkg::bundle;
use crate::repo::Repo;
use crate::step;

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

pub fn all(repo: &Repo, dir: &Path) -> Result<Vec<Download>> {
    APPS.into_iter().map(|(script, name)| download(repo, dir, script, name)).collect()
}

fn download(repo: &Repo, dir: &Path, script: &str, name: &'static str) -> Result<Download> {
    let bundle = dir.join("site/downloads").join(format!("{script}.js"));
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.current_dir(dir).arg(format!("downloads/{script}.js")).arg(format!("--outfile={}", bundle.display()));
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

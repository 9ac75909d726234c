//! The size of a page's download for a minimal app, which opens a connection, sends, receives and closes.

use std::path::Path;

use anyhow::Result;
use figures::download::Download;

use super::app;
use crate::files::read;
use crate::pkg::bundle;
use crate::pkg::size::gzipped;
use crate::repo::Repo;
use crate::step;

/// The scripts in tests/bench/downloads, and the names of their subjects.
const APPS: [(&str, &str); 9] = [
    ("package", "fourd-websocket"),
    ("reconnecting", "fourd-websocket/reconnecting"),
    ("fourd-websocket", "fourd-websocket in Rust"),
    ("gloo-net", "gloo-net"),
    ("ws-stream", "ws_stream_wasm"),
    ("socket.io-client", "socket.io-client"),
    ("partysocket", "partysocket"),
    ("reconnecting-websocket", "reconnecting-websocket"),
    ("websocket-ts", "websocket-ts"),
];

pub fn all(repo: &Repo, dir: &Path) -> Result<Vec<Download>> {
    step::say("bundling minimal apps for their sizes");
    APPS.into_iter().map(|(script, name)| download(repo, dir, script, name)).collect()
}

fn download(repo: &Repo, dir: &Path, script: &str, name: &'static str) -> Result<Download> {
    let bundle = dir.join("site/downloads").join(format!("{script}.js"));
    let mut esbuild = bundle::esbuild(repo)?;
    esbuild.current_dir(dir).arg(format!("downloads/{script}.js")).arg(format!("--outfile={}", bundle.display()));
    step::output(&mut esbuild, &format!("fix tests/bench/downloads/{script}.js"))?;
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

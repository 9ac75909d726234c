//! The size of a page's download for a minimal app.

use serde::Serialize;

/// A minimal app, bundled and minified, in bytes.
#[derive(Serialize)]
pub struct Download {
    pub name: &'static str,
    pub javascript: usize,
    /// The module in a file of its own, if there is one.
    pub wasm: usize,
    /// Both, with `gzip -9`.
    pub gzipped: usize,
    /// `true` for an alternative for programs in Rust.
    pub is_rival: bool,
}

/// The table for the page of benchmarks.
pub fn markdown(downloads: &[Download]) -> String {
    let line = |download: &Download| format!("| {} | {} |\n", download.name, download.gzipped);
    String::from("| application with | bytes |\n|---|--:|\n") + &downloads.iter().map(line).collect::<String>()
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

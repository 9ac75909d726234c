//! What a page downloads for a minimal app.

use serde::Serialize;

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

/// The table for the README.
pub fn markdown(downloads: &[Download]) -> String {
    let line = |cell: fn(&Download) -> String| {
        let cells: Vec<_> = downloads.iter().map(cell).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = format!("|{}\n", "--:|".repeat(downloads.len()));
    line(|download| download.name.to_owned()) + &rule + &line(|download| download.gzipped.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_sizes_below_the_names() {
        let of = |name, gzipped| Download { name, javascript: 0, wasm: 0, gzipped, is_rival: false };
        let table = markdown(&[of("fourd-websocket", 7000), of("gloo-net", 23_000)]);
        assert_eq!(table, "| fourd-websocket | gloo-net |\n|--:|--:|\n| 7000 | 23000 |\n");
    }
}

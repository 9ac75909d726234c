//! What a bundle tells of its source: the names of private fields, which consoles show, and its source map.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The names of the private fields in a file of JavaScript.
///
/// esbuild shortens private names, but not the names of properties. Therefore `#name` is `$name` while it bundles: one
/// character for another, so that the columns of the source map stay valid.
pub struct PrivateNames(BTreeSet<String>);

impl PrivateNames {
    pub fn of(javascript: &str) -> Self {
        let names = javascript.split('#').skip(1).map(|rest| rest[..word(rest)].to_owned());
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    /// The file as esbuild reads it.
    pub fn hidden(&self, javascript: &str) -> String {
        self.replace(javascript, '#', "$")
    }

    /// The reverse, in what esbuild wrote.
    pub fn shown(&self, written: &str) -> String {
        self.replace(written, '$', "#")
    }

    fn replace(&self, text: &str, from: char, to: &str) -> String {
        let mut parts = text.split(from);
        let mut replaced = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            if self.0.contains(&part[..word(part)]) {
                replaced += to;
            } else {
                replaced.push(from);
            }
            replaced += part;
        }
        replaced
    }
}

/// The length of the word at the start of a text.
fn word(text: &str) -> usize {
    text.find(|character: char| !character.is_ascii_alphanumeric() && character != '_').unwrap_or(text.len())
}

/// The source map of esbuild, with paths that do not depend on where it was built, and without the embedded module.
pub fn source_map(map: &str) -> Result<String> {
    let mut map = serde_json::from_str::<Value>(map).context("esbuild writes a source map")?;
    let sources = map["sources"].as_array().context("a source map has sources")?;
    let paths = sources.iter().map(|source| source.as_str().context("a source is a path"));
    let files = paths.map(|path| Ok(path?.rsplit('/').next().unwrap_or_default().to_owned()));
    for (index, file) in files.collect::<Result<Vec<_>>>()?.iter().enumerate() {
        map["sources"][index] = json!(format!("source/{file}"));
        if file == "module.js" {
            map["sourcesContent"][index] = json!("// The wasm module as text.\n");
        }
    }
    Ok(map.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_keep_their_columns() {
        let file = "class A { #url; #id; get url() { return `${this.#id}$id ${id} #${this.#url}`; } }";
        let names = PrivateNames::of(file);
        let hidden = names.hidden(file);
        assert_eq!(hidden, file.replace('#', "$").replace(" $$", " #$"));
        assert_eq!(names.shown(&hidden), file.replace("}$id", "}#id"));
        assert_eq!(names.shown("$url $identity a$url"), "#url $identity a#url");
    }

    #[test]
    fn a_source_map_has_paths_of_its_own() {
        let map = r#"{"version":3,"sources":["../target/wasm/snippets/a-1/src/js/shim.js","../target/wasm/module.js",
            "../target/wasm/face.js"],"sourcesContent":["1","2","3"],"mappings":"A","names":[]}"#;
        let map: Value = serde_json::from_str(&source_map(map).unwrap()).unwrap();
        assert_eq!(map["sources"], json!(["source/shim.js", "source/module.js", "source/face.js"]));
        assert_eq!(map["sourcesContent"], json!(["1", "// The wasm module as text.\n", "3"]));
        assert_eq!(map["mappings"], "A");
        assert!(source_map("{}").is_err());
    }
}

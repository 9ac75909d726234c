//! Unsafe code is forbidden in every crate of the workspace that can do without.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The package's allocator, and the exports of a module without glue.
const UNSAFE: [&str; 2] = ["fourd-websocket", "machine"];

#[test]
fn no_crate_that_needs_no_unsafe_code_may_have_some() {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let metadata: Value = serde_json::from_slice(&cargo.output().expect("cargo metadata").stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let own = packages.iter().filter(|package| !UNSAFE.contains(&package["name"].as_str().expect("a name")));
    let targets: Vec<_> = own.flat_map(|package| package["targets"].as_array().expect("targets")).collect();
    let is_shipped = |kind: &Value| kind != "test" && kind != "custom-build";
    for target in targets.iter().filter(|target| target["kind"].as_array().expect("kinds").iter().any(is_shipped)) {
        let file = Path::new(target["src_path"].as_str().expect("a path"));
        let source = std::fs::read_to_string(file).expect("a source file");
        assert!(source.contains("#![forbid(unsafe_code)]"), "{} has no #![forbid(unsafe_code)]", file.display());
    }
    assert!(targets.len() > 5, "{}", targets.len());
}

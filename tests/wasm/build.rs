//! Generates a test for each case of the contract, in the order of the suite: `cases! { NAME … }`.

use std::path::Path;
use std::process::Command;

const SUITE: &str = "../contract";

fn main() {
    println!("cargo::rerun-if-changed={SUITE}");
    let output = Command::new("node").arg(Path::new(SUITE).join("run/node.js")).arg("--list").output();
    let output = output.expect("Node lists the cases; install Node 20.19 or later, on PATH");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names are text");
    let dir = std::env::var("OUT_DIR").expect("cargo names it");
    let file = Path::new(&dir).join("cases.rs");
    std::fs::write(file, format!("cases! {{\n{names}}}\n")).expect("cargo's own directory can be written to");
}

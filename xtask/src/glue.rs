//! The glue that wasm-bindgen writes, made as short as the module it belongs to.
//!
//! Every function that crosses between wasm and JavaScript has a name of up to sixty characters in both. wasm-opt can
//! shorten the module's and tell which became which; here the glue follows. The glue is of one exact version of
//! wasm-bindgen: whatever is not found as it is expected is an error.

use anyhow::{Context, Result, ensure};
use fourd_websocket::ErrCode;
use serde::Deserialize;

/// What wasm-opt prints for `--minify-imports-and-exports-and-modules`.
#[derive(Deserialize)]
pub struct Names {
    /// Module, name, short name. The short module is always `a`.
    imports: Vec<(String, String, String)>,
    /// Name, short name.
    exports: Vec<(String, String)>,
}

/// The module whose functions stand in the glue itself.
const GLUE_MODULE: &str = "./fourd_websocket_bg.js";
const IMPORTS_START: &str = "    return {\n        __proto__: null,\n        \"./fourd_websocket_bg.js\": import0,\n";
const IMPORTS_END: &str = "    };\n}\n";

/// Beside the glue's own functions: how the module is started, and what of src/host.js the face uses.
const AFTER: &str = "
export function start(module) {
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
}
export const buffered = import1.buffered;
export const exception = import1.exception;
export const property = import1.property;
export const sendAtOnce = import1.sendAtOnce;
export const setEars = import1.setEars;
export const statusOf = import1.statusOf;
export const wireOf = import1.wireOf;
";

/// The glue with the module's short names, and with a `start` that takes a compiled module.
pub fn tighten(glue: &str, names: &Names) -> Result<String> {
    let mut text = format!("{glue}{AFTER}");
    for (name, short) in &names.exports {
        // wasm-bindgen exports some that its glue has no use for.
        text = replace_word(&text, &format!("wasm.{name}"), &format!("wasm.{short}"));
    }
    let mut outside = String::new();
    for (module, name, short) in &names.imports {
        if module == GLUE_MODULE {
            replace_once(&mut text, &format!("        {name}: function("), &format!("        {short}: function("))?;
        } else {
            ensure!(module.ends_with("/src/host.js"), "the module imports {name} from {module}, not from src/host.js");
            outside += &format!("{short}: import1.{name}, ");
        }
    }
    let start = text.find(IMPORTS_START).context("the glue's object of imports is not as expected")?;
    let end = start + text[start..].find(IMPORTS_END).context("the glue's object of imports has no end")?;
    text.replace_range(start..end, &format!("    return {{ a: {{ ...import0, {outside}}} "));
    Ok(text)
}

/// `host.js` with the texts of the errors, which the module leaves out.
pub fn with_texts(host: &str) -> Result<String> {
    let texts: Vec<_> = ErrCode::ALL.iter().map(|error| error.text()).collect();
    let mut host = host.to_owned();
    replace_once(&mut host, "const texts = [];", &format!("const texts = {};", serde_json::to_string(&texts)?))?;
    Ok(host)
}

/// The private fields in `host.js`, which consoles show.
const SHOWN: [&str; 5] = ["url", "status", "id", "wire", "socket"];

/// What stands before their names while the package is bundled: esbuild would shorten private names, but no others.
const PRIVATE: &str = "shown_";

/// `host.js` with its private fields public, for the way through esbuild.
pub fn without_private_names(host: &str) -> Result<String> {
    let mut host = host.to_owned();
    for name in SHOWN {
        let private = format!("#{name};");
        ensure!(host.contains(&private), "src/host.js has no private field `{private}`, which consoles would show");
        host = host.replace(&format!("#{name}"), &format!("{PRIVATE}{name}"));
    }
    Ok(host)
}

/// What came out of esbuild, with the private fields private again.
pub fn with_private_names(bundled: &str) -> String {
    SHOWN.iter().fold(bundled.to_owned(), |text, name| text.replace(&format!("{PRIVATE}{name}"), &format!("#{name}")))
}

fn replace_once(text: &mut String, from: &str, to: &str) -> Result<()> {
    let found = text.matches(from).count();
    ensure!(found == 1, "the glue has `{from}` {found} times, not once; is wasm-bindgen another version?");
    *text = text.replacen(from, to, 1);
    Ok(())
}

/// Replaces `from` where no longer word goes on from it.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = &found[from.len()..];
        replaced += before;
        replaced += if after.starts_with(is_part) { from } else { to };
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = r#"import { listen } from './snippets/x/src/host.js';
import * as import1 from "./snippets/x/src/host.js"
import * as import2 from "./snippets/x/src/host.js"
export function send(place, message) {
    return wasm.send(place, message) + wasm.send2();
}
function __wbg_get_imports() {
    const import0 = {
        __wbg_init_1: function(arg0) {
            return arg0;
        },
    };
    return {
        __proto__: null,
        "./fourd_websocket_bg.js": import0,
        "./snippets/x/src/host.js": import1,
        "./snippets/x/src/host.js": import2,
    };
}
"#;

    fn names(imports: &[(&str, &str, &str)]) -> Names {
        let owned = |&(a, b, c): &(&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
        Names { imports: imports.iter().map(owned).collect(), exports: vec![("send".to_owned(), "b".to_owned())] }
    }

    #[test]
    fn names_become_short() {
        let names = names(&[(GLUE_MODULE, "__wbg_init_1", "c"), ("./snippets/x/src/host.js", "send", "d")]);
        let glue = tighten(GLUE, &names).unwrap();
        assert!(glue.contains("wasm.b(place, message) + wasm.send2()"), "{glue}");
        assert!(glue.contains("        c: function(arg0)"), "{glue}");
        assert!(glue.contains("    return { a: { ...import0, d: import1.send, }     };\n}\n"), "{glue}");
    }

    #[test]
    fn what_is_not_as_expected_is_an_error() {
        let names_of = |name| names(&[(GLUE_MODULE, name, "c")]);
        assert!(tighten(GLUE, &names_of("__wbg_other")).is_err());
        assert!(tighten(&GLUE.replace("import0,", "import9,"), &names_of("__wbg_init_1")).is_err());
        assert!(tighten(GLUE, &names(&[("./elsewhere.js", "send", "d")])).is_err());
    }
}

//! Reduces the JavaScript of wasm-bindgen to the parts that the npm package uses.
//!
//! The input is the output of one exact version of wasm-bindgen. Unexpected text is an error.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The short names that wasm-opt prints. The short module is always `a`.
#[derive(Deserialize)]
pub struct Names {
    /// Module, name, short name.
    imports: Vec<(String, String, String)>,
    /// Name, short name.
    exports: Vec<(String, String)>,
}

/// The module name of the imports that the glue itself has.
pub const MODULE: &str = "./fourd_websocket_bg.js";

/// `CLASS` in a text stands for the name of the class.
const CLASS: (&str, &str) = ("export class CLASS {\n", "\n}\n");
const IMPORTS: (&str, &str) = ("    const import0 = {\n        __proto__: null,\n", "\n    };\n");
const MODULES: (&str, &str) = ("    return {\n        __proto__: null,\n", "\n    };\n");

const DECODED: (&str, &str) = ("function getStringFromWasm0(", "\n}\n");

/// Members of the class that other methods need.
const OF_CLASS: [&str; 2] = ["__wrap", "__destroy_into_raw"];

/// Parts of the glue to replace: the start, the end, and the replacement.
const SHORTER: [(&str, &str, &str); 8] = [
    // The package's class has its own method.
    ("if (Symbol.dispose) CLASS", ";\n", ""),
    // Some test environments lack these classes, and creating them takes longer than the code that replaces them.
    (
        "let cachedTextDecoder = ",
        "return cachedTextDecoder.decode(bytes);\n}\n",
        "import { decodeText } from \"./utf8.js\";\n",
    ),
    ("const cachedTextEncoder = ", "};\n}\n", "import { cachedTextEncoder } from \"./utf8.js\";\n"),
    ("const CLASSFinalization = ", ";\n", ""),
    ("const CLOSURE_DTORS = ", ";\n", ""),
    ("function handleError(f, args) {\n", "\n}\n", HANDLING),
    ("function initSync(module) {\n", "\n}\n", INIT_SYNC),
    ("export { initSync, __wbg_init", ";", "export { initSync };"),
];

/// The crate frees everything it allocates, so that no registry is needed. Each registration would cost a microsecond.
const REGISTRIES: [&str; 2] = ["CLASSFinalization.", "CLOSURE_DTORS."];

/// Wraps functions that can throw at their definition, not at each call. A rest parameter would cost a tenth of the time
/// to open a connection.
const HANDLING: &str = "
const handling = (f) => (a, b, c, d, e) => {
    try {
        return f(a, b, c, d, e);
    } catch (e) {
        wasm.__wbindgen_exn_store(addToExternrefTable0(e));
    }
};
";

/// The number of parameters in [`HANDLING`].
const MOST_PARAMETERS: usize = 5;

/// Decodes each text of the module's data once. A connection needs 35 of them, names most of all, and decoding took 40 %
/// of the time to open and close it. `text.length === len` is true for ASCII alone.
const DECODING: &str = "
const texts = new Map();
function getStringFromWasm0(ptr, len) {
    ptr >>>= 0;
    const known = len ? texts.get(ptr) : \"\";
    if (known?.length === len) return known;
    const text = decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
    if (text.length === len && ptr >= START && ptr < END) texts.set(ptr, text);
    return text;
}
";

/// Instantiates a compiled module.
const INIT_SYNC: &str = "
function initSync({ module }) {
    __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()));
}
";

/// The glue with only those methods of `class` that `users`, the hand-written JavaScript, calls, and without the
/// other ways to start a module. `data` is the memory with the module's data.
pub fn lean(glue: &str, class: &str, users: &str, data: &Range<u32>) -> Result<String> {
    let mut text = glue.to_owned();
    for (start, end, to) in SHORTER {
        let start = start.replace("CLASS", class);
        let (from, after) = find(&text, &start, end)?;
        text.replace_range(from - start.len()..after + end.len(), to);
    }
    let (from, to) = find(&text, DECODED.0, DECODED.1)?;
    let decoding = DECODING.replace("START", &data.start.to_string()).replace("END", &data.end.to_string());
    text.replace_range(from - DECODED.0.len()..to + DECODED.1.len(), &decoding);
    let is_of = |line: &str, registry: &str| line.trim_start().starts_with(&registry.replace("CLASS", class));
    let is_needed = |line: &&str| !REGISTRIES.iter().any(|registry| is_of(line, registry));
    text = text.lines().filter(is_needed).map(|line| line.to_owned() + "\n").collect();
    let (from, to) = find(&text, IMPORTS.0, IMPORTS.1)?;
    let arrows = text[from..to].lines().map(|line| arrow(line).map(|line| line + "\n")).collect::<Result<String>>()?;
    text.replace_range(from..to, arrows.trim_end());
    retain(&mut text, (&CLASS.0.replace("CLASS", class), CLASS.1), 4, |name| {
        OF_CLASS.contains(&name) || users.contains(&format!(".{name}(")) || users.contains(&format!("\"{name}\""))
    })?;
    Ok(text)
}

/// A line of a function as a line of an arrow function. None of the functions uses `this`.
fn arrow(line: &str) -> Result<String> {
    let line =
        line.replace("function() { return handleError(function (", "handling((").replace("}, arguments); },", "}),");
    Ok(match line.strip_suffix(") {") {
        Some(start) if start.contains(": handling((") => {
            ensure!(start.matches("arg").count() <= MOST_PARAMETERS, "`{line}` has more parameters than HANDLING");
            format!("{start}) => {{")
        }
        Some(start) if start.contains(": function(") => start.replacen("function(", "(", 1) + ") => {",
        _ => line,
    })
}

/// Removes the functions for imports that the module does not have.
pub fn retain_imports(text: &mut String, is_imported: impl Fn(&str) -> bool) -> Result<()> {
    retain(text, IMPORTS, 8, is_imported)
}

/// The functions for imports that are equal to an earlier one: the name, and the name of the earlier one.
pub fn duplicates(text: &str) -> Result<Vec<(String, String)>> {
    let mut first = HashMap::new();
    let mut duplicates = Vec::new();
    let (from, to) = find(text, IMPORTS.0, IMPORTS.1)?;
    for (name, block) in blocks(&text[from..to], 8)? {
        let body = block.trim_start().strip_prefix(name).context("a block starts with its name")?;
        match first.get(body) {
            Some(other) => duplicates.push((name.to_owned(), String::from(*other))),
            None => drop(first.insert(body.to_owned(), name)),
        }
    }
    Ok(duplicates)
}

/// Gives the short names to all imports and exports.
pub fn rename(text: &mut String, names: &Names) -> Result<()> {
    for (name, short) in &names.exports {
        *text = replace_word(text, &format!("wasm.{name}"), &format!("wasm.{short}"));
    }
    let (mut snippets, mut members) = (String::new(), String::new());
    for (module, name, short) in &names.imports {
        if module == MODULE {
            replace_once(text, &format!("\n        {name}: "), &format!("\n        {short}: "))?;
        } else {
            snippets += &format!("import {{ {name} as import_{short} }} from {module:?};\n");
            members += &format!("{short}: import_{short}, ");
        }
    }
    let (from, to) = find(text, MODULES.0, MODULES.1)?;
    text.replace_range(from..to, &format!("        a: {{ ...import0, {members} }},"));
    text.insert_str(0, &snippets);
    Ok(())
}

/// Removes blocks between two texts.
fn retain(text: &mut String, (start, end): (&str, &str), indent: usize, keep: impl Fn(&str) -> bool) -> Result<()> {
    let (from, to) = find(text, start, end)?;
    let kept = blocks(&text[from..to], indent)?.into_iter().filter(|(name, _)| keep(name));
    let kept = kept.map(|(_, block)| block).collect::<Vec<_>>().join("\n");
    text.replace_range(from..to, &kept);
    Ok(())
}

/// The members of a class or an object, by their names, without comments. Each is indented by `indent` spaces.
fn blocks(text: &str, indent: usize) -> Result<Vec<(&str, String)>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let start = line[indent.min(line.len())..].trim_start_matches("static ").trim_start_matches("get ");
        if start.starts_with(['/', ' ']) {
            continue;
        }
        let name = start.split([':', '(']).next().filter(|name| !name.is_empty() && name.bytes().all(is_part));
        let name = name.with_context(|| format!("in the glue, `{line}` begins no member"))?;
        let mut block = line.to_owned();
        let end = format!("{:indent$}}}", "");
        loop {
            let line = lines.next().with_context(|| format!("in the glue, {name} has no end"))?;
            block = block + "\n" + line;
            if line.starts_with(&end) {
                break;
            }
        }
        blocks.push((name, block));
    }
    Ok(blocks)
}

/// The range between two texts.
fn find(text: &str, start: &str, end: &str) -> Result<(usize, usize)> {
    let from =
        text.find(start).with_context(|| format!("the glue has no `{start}`; is wasm-bindgen another version?"))?;
    let from = from + start.len();
    let length = text[from..].find(end).with_context(|| format!("in the glue, `{start}` has no end"))?;
    Ok((from, from + length))
}

fn replace_once(text: &mut String, from: &str, to: &str) -> Result<()> {
    let found = text.matches(from).count();
    ensure!(found == 1, "the glue has `{from}` {found} times, not once; is wasm-bindgen another version?");
    *text = text.replacen(from, to, 1);
    Ok(())
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `true` if a text contains a word.
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| !text[at + word.len()..].starts_with(|next: char| next.is_ascii() && is_part(next as u8)))
}

/// Replaces `from`, except as the start of a longer word.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = &found[from.len()..];
        replaced += before;
        replaced += if after.bytes().next().is_some_and(is_part) { from } else { to };
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = r#"import { Shortcut } from './snippets/x/shim.js';
import * as import1 from "./snippets/x/shim.js"

export class WebSocket {
    static __wrap(ptr) {
        return ptr;
    }
    /**
     * What is sent.
     */
    send(message) {
        wasm.websocket_send(message);
    }
    get url() {
        return wasm.websocket_url();
    }
}
if (Symbol.dispose) WebSocket.prototype[Symbol.dispose] = WebSocket.prototype.free;
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_slice_1: function(arg0) {
            if (arg0) {
                return wasm.websocket_send2;
            }
        },
        __wbg_slice_2: function(arg0) {
            if (arg0) {
                return wasm.websocket_send2;
            }
        },
        __wbg_size: function() { return handleError(function (arg0) {
            return arg0.size;
        }, arguments); },
    };
    return {
        __proto__: null,
        "./fourd_websocket_bg.js": import0,
        "./snippets/x/shim.js": import1,
    };
}
function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store(idx);
    }
}
const WebSocketFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_websocket_free(ptr, 1));
const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b));
function makeClosure(state) {
    CLOSURE_DTORS.register(state, state, state);
    return state;
}
let cachedTextDecoder = new TextDecoder();
function decodeText(bytes) {
    return cachedTextDecoder.decode(bytes);
}
function getStringFromWasm0(ptr, len) {
    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
const cachedTextEncoder = new TextEncoder();
if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg) {
        return other(arg);
    };
}
function initSync(module) {
    return other(module);
}
export { initSync, __wbg_init as default };
"#;

    const DATA: Range<u32> = 65536..70000;

    #[test]
    fn what_nobody_uses_is_left_out() {
        let mut glue = lean(GLUE, "WebSocket", "connection.send(message)", &DATA).unwrap();
        assert!(glue.contains("    send(message) {\n") && glue.contains("__wrap(ptr)"), "{glue}");
        for removed in ["url", "/**", "Symbol.dispose", "other", "new Text", "Registry", "register"] {
            assert!(!glue.contains(removed), "{removed} in {glue}");
        }
        assert!(
            glue.contains("        __wbg_size: handling((arg0) => {\n            return arg0.size;\n        }),"),
            "{glue}"
        );
        assert!(glue.contains("ptr >= 65536 && ptr < 70000"), "{glue}");
        assert_eq!(duplicates(&glue).unwrap(), [("__wbg_slice_2".to_owned(), "__wbg_slice_1".to_owned())]);
        retain_imports(&mut glue, |name| name == "__wbg_size").unwrap();
        assert!(!glue.contains("slice") && glue.contains("__wbg_size"), "{glue}");
    }

    #[test]
    fn names_become_short() {
        let mut glue = lean(GLUE, "WebSocket", "send(\"send\")", &DATA).unwrap();
        let imports = [(MODULE, "__wbg_size", "b"), ("./snippets/x/shim.js", "findWs", "c")];
        let owned = |(module, name, short): (&str, &str, &str)| (module.to_owned(), name.to_owned(), short.to_owned());
        let exports = vec![("websocket_send".to_owned(), "d".to_owned())];
        rename(&mut glue, &Names { imports: imports.map(owned).into(), exports }).unwrap();
        assert!(glue.contains("wasm.d(message)") && glue.contains("wasm.websocket_send2"), "{glue}");
        assert!(glue.contains("        b: handling("), "{glue}");
        assert!(glue.starts_with("import { findWs as import_c } from \"./snippets/x/shim.js\";\n"), "{glue}");
        assert!(glue.contains("a: { ...import0, c: import_c,"), "{glue}");
    }

    #[test]
    fn what_is_not_as_expected_is_an_error() {
        assert!(lean(&GLUE.replace("handleError(f, args)", "handleError(f)"), "WebSocket", "", &DATA).is_err());
        assert!(
            lean(
                &GLUE.replace(
                    "(arg0) {\n            return",
                    "(arg0, arg1, arg2, arg3, arg4, arg5) {\n            return"
                ),
                "WebSocket",
                "",
                &DATA
            )
            .is_err()
        );
        assert!(lean(&GLUE.replace("export class", "class"), "WebSocket", "", &DATA).is_err());
        let mut glue = lean(GLUE, "WebSocket", "", &DATA).unwrap();
        let imports = vec![(MODULE.to_owned(), "__wbg_other".to_owned(), "b".to_owned())];
        assert!(rename(&mut glue, &Names { imports, exports: Vec::new() }).is_err());
    }
}

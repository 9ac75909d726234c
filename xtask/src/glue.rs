//! The glue that wasm-bindgen writes, made as short as the module it belongs to.
//!
//! Every function that crosses between wasm and JavaScript has a name of up to sixty characters in both. wasm-opt can
//! shorten the module's and tell which became which; here the glue follows. The glue is of one exact version of
//! wasm-bindgen: whatever is not found as it is expected is an error.

use anyhow::{Context, Result, bail, ensure};
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

/// Beside the glue's own functions: how the module is started, with the prototype of the objects that it makes; what of
/// src/host.js the face uses; and how an object's place in the module's memory is kept. It is on the wire, where nobody
/// sees, sets or fakes it. An object is not collected before its connection has ended; then its place is freed, and what is
/// called on it is called on the first that ended, which does what every ended one does. No collector has to tell when.
const AFTER: &str = "
let prototype;
let placed;
let ended;
export function place(object) {
    import1.wireOf(object).place = placed;
}
import1.whenEnded((wire) => {
    const { place } = wire;
    wire.place = ended ??= place;
    if (place !== ended) wasm.__wbg_websocket_free(place, 1);
});
export function start(module, ofObjects) {
    prototype = ofObjects;
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
}
export const buffered = import1.buffered;
export const exception = import1.exception;
export const property = import1.property;
export const sendAtOnce = import1.sendAtOnce;
export const statusOf = import1.statusOf;
export const wireOf = import1.wireOf;
";

/// Members of the class that nobody can call: an object is freed at its end, and the face has a `new` of its own.
const UNUSED: [&str; 3] = ["free()", "__destroy_into_raw()", "static new(url, handler)"];

const DISPOSE: &str = "if (Symbol.dispose) WebSocket.prototype[Symbol.dispose] = WebSocket.prototype.free;\n";

/// What would free an object when it is collected: a tenth of what a connection costs in Node.
const REGISTRY_OF_OBJECTS: &str = "const WebSocketFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_websocket_free(ptr, 1));\n";

/// The texts that leave the module are few and short: no view and no decoder have to be kept for them.
const DECODE: &str = "    ptr = ptr >>> 0;\n    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));\n";
const DECODER: &str =
    "let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();\n";
const DECODE_SIMPLY: &str = "    return new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, ptr, len));\n";

/// How wasm-bindgen makes a Rust closure a function: two functions, an object and a registration for each.
const CLOSURE_START: &str = "function makeClosure(arg0, arg1, f) {\n";
const CLOSURE_END: &str = "    CLOSURE_DTORS.register(real, state, state);\n    return real;\n}\n";
const REGISTRY_OF_CLOSURES: &str = "const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b));\n";

/// The same as an object, which src/host.js calls as it would call a function with `call`. It takes one number. The
/// count keeps the closure until what it is doing has been done, should Rust drop it meanwhile; nobody else lets go of it.
const CLOSURE: &str = "class Closure {
    constructor(a, b, f) {
        this.a = a;
        this.b = b;
        this.f = f;
        this.count = 1;
    }
    call(_, kind) {
        this.count++;
        try {
            this.f(this.a, this.b, kind);
        } finally {
            this._wbg_cb_unref();
        }
    }
    _wbg_cb_unref() {
        if (!--this.count) wasm.__wbindgen_destroy_closure(this.a, this.b);
    }
}
";

/// The glue with the module's short names, its pointers out of sight, without what nobody calls, and with a `start` that
/// takes a compiled module.
pub fn tighten(glue: &str, names: &Names) -> Result<String> {
    let mut text = format!("{glue}{AFTER}");
    for member in UNUSED {
        remove_member(&mut text, member)?;
    }
    replace_once(&mut text, DISPOSE, "")?;
    replace_once(&mut text, DECODE, DECODE_SIMPLY)?;
    replace_once(&mut text, DECODER, "")?;
    replace_once(&mut text, REGISTRY_OF_CLOSURES, "")?;
    replace_between(&mut text, CLOSURE_START, CLOSURE_END, CLOSURE)?;
    text = text.replace("makeClosure(", "new Closure(");
    keep_places(&mut text)?;
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
const SHOWN: [&str; 4] = ["url", "status", "id", "wire"];

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

fn remove_member(text: &mut String, signature: &str) -> Result<()> {
    let member = format!("    {signature} {{\n");
    let start = text.find(&member).with_context(|| format!("the glue's class has no `{signature}`"))?;
    let length = text[start..].find("\n    }\n").with_context(|| format!("`{signature}` has no end"))?;
    text.replace_range(start..start + length + "\n    }\n".len(), "");
    Ok(())
}

fn keep_places(text: &mut String) -> Result<()> {
    replace_once(text, "obj.__wbg_ptr = ptr;", "placed = ptr;")?;
    replace_once(text, "Object.create(WebSocket.prototype)", "Object.create(prototype)")?;
    replace_once(text, "        WebSocketFinalization.register(obj, obj.__wbg_ptr, obj);\n", "")?;
    replace_once(text, REGISTRY_OF_OBJECTS, "")?;
    *text = text.replace("this.__wbg_ptr", "import1.wireOf(this).place");
    if text.contains("__wbg_ptr") {
        bail!("the glue uses a pointer in a way that is not expected");
    }
    Ok(())
}

/// Replaces the first piece that begins and ends so.
fn replace_between(text: &mut String, start: &str, end: &str, to: &str) -> Result<()> {
    let from = text.find(start).with_context(|| format!("the glue has no `{start}`"))?;
    let length = text[from..].find(end).with_context(|| format!("nothing in the glue goes on to `{end}`"))?;
    text.replace_range(from..from + length + end.len(), to);
    Ok(())
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

    const GLUE: &str = r#"import { exception } from './snippets/x/src/host.js';
import * as import1 from "./snippets/x/src/host.js"
import * as import2 from "./snippets/x/src/host.js"
export class WebSocket {
    static __wrap(ptr) {
        const obj = Object.create(WebSocket.prototype);
        obj.__wbg_ptr = ptr;
        WebSocketFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_websocket_free(ptr, 0);
    }
    static new(url, handler) {
        const ret = wasm.websocket_new(url, handler);
        return ret;
    }
    get url() {
        return wasm.websocket_url(this.__wbg_ptr) + wasm.websocket_url2();
    }
}
if (Symbol.dispose) WebSocket.prototype[Symbol.dispose] = WebSocket.prototype.free;
const WebSocketFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_websocket_free(ptr, 1));
const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b));
function makeClosure(arg0, arg1, f) {
    const real = (...args) => f(...args);
    CLOSURE_DTORS.register(real, state, state);
    return real;
}
function getStringFromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
function __wbg_get_imports() {
    const import0 = {
        __wbg_throw_1: function(arg0) {
            return makeClosure(arg0, arg1, invoke);
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
        Names {
            imports: imports.iter().map(owned).collect(),
            exports: vec![("websocket_url".to_owned(), "b".to_owned())],
        }
    }

    #[test]
    fn names_become_short_and_objects_have_their_place_on_the_wire() {
        let names = names(&[(GLUE_MODULE, "__wbg_throw_1", "c"), ("./snippets/x/src/host.js", "send", "d")]);
        let glue = tighten(GLUE, &names).unwrap();
        assert!(glue.contains("wasm.b(import1.wireOf(this).place) + wasm.websocket_url2()"), "{glue}");
        assert!(glue.contains("        c: function(arg0)"), "{glue}");
        assert!(glue.contains("    return { a: { ...import0, d: import1.send, }     };\n}\n"), "{glue}");
        let made = "        const obj = Object.create(prototype);\n        placed = ptr;\n        return obj;";
        assert!(glue.contains(made), "{glue}");
        assert!(!glue.contains("FinalizationRegistry"), "{glue}");
        assert!(glue.contains("return new Closure(arg0, arg1, invoke);") && !glue.contains("real"), "{glue}");
        assert!(!glue.contains("free()") && !glue.contains("static new") && !glue.contains("raw"), "{glue}");
    }

    #[test]
    fn what_is_not_as_expected_is_an_error() {
        let names_of = |name| names(&[(GLUE_MODULE, name, "c")]);
        assert!(tighten(GLUE, &names_of("__wbg_other")).is_err());
        assert!(tighten(&GLUE.replace("obj.__wbg_ptr = ptr;", ""), &names_of("__wbg_throw_1")).is_err());
        assert!(tighten(&GLUE.replace("import0,", "import9,"), &names_of("__wbg_throw_1")).is_err());
        assert!(
            tighten(&GLUE.replace("function makeClosure(", "function other("), &names_of("__wbg_throw_1")).is_err()
        );
        assert!(tighten(GLUE, &names(&[("./elsewhere.js", "send", "d")])).is_err());
    }
}

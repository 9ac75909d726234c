// The samples of the pages, run against the test server exactly as they are printed, in Node or, with a browser, in its
// pages.

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";
import { By, Key } from "selenium-webdriver";

import { open } from "../browser/driver.js";
import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { check, run } from "../harness/program.js";
import { allSamples, isLike } from "./sample.js";

/** The limit for one sample on a busy machine, in milliseconds. */
const LIMIT = 20_000;

const ROOT = new URL("../../", import.meta.url);

/** The script that runs before each sample. */
const WORLD = new URL("world.js", import.meta.url);

/** The project with the installed package, and the crate of the samples in Rust. Both are below target/suite, which the
    test server serves as `projects`. */
const PROJECT = pathToFileURL(`${given.project}/`);
const RUST = new URL("../docs-rust/", PROJECT);

const samples = allSamples();
const worldOf = ({ server: path }) => ({ server: given.server.replace("http", "ws"), path });

before(() => {
  cpSync(packageFile("docs", "mock-socket"), new URL("node_modules/mock-socket", PROJECT), { recursive: true });
});

// --- In Node ---

const inNode = () => {
  for (const sample of samples.filter(({ host }) => host === "node")) {
    const file = `${sample.name}.${sample.language === "ts" ? "mts" : "mjs"}`;
    define(sample, () => runInNode(PROJECT, sample, file, sample.code));
  }
  withRust("nodejs", "rust in node", (sample) => {
    const program = `import samples from "./pkg/samples.js";\nsamples.${sample.name}();\n`;
    return runInNode(RUST, sample, `${sample.name}.mjs`, program);
  });
};

async function runInNode(project, sample, file, program) {
  const [{ prints }, ...others] = sample.steps;
  assert(prints && others.length === 0, "a program of Node can only print");
  copyFileSync(WORLD, new URL("world.mjs", project));
  writeFileSync(new URL(file, project), program);
  const env = { SAMPLE: JSON.stringify(worldOf(sample)), NO_COLOR: "1" };
  const command = [process.execPath, "--import", "./world.mjs", file];
  const { status, stdout, stderr } = await run(command, { cwd: project, env, limit: LIMIT });
  assert(status === 0 && stderr === "", `it ended with ${status} and wrote\n${stdout}${stderr}`);
  const lines = stdout.split("\n").slice(0, -1);
  assert(isLike(lines, prints), `it printed\n${stdout}and not\n${prints.join("\n")}`);
}

// --- In a page ---

let driver;

const inPage = () => {
  let close;
  before(async () => {
    ({ driver, close } = await open(given.browser, LIMIT));
  });
  after(() => close?.());
  for (const sample of samples.filter(({ host }) => host === "bundler" || host === "page")) {
    define(sample, async () => runInPage(sample, `docs/${await page(sample)}`));
  }
  withRust("web", "rust in a page", (sample) => {
    const { name } = sample;
    const script = `import init, { ${name} } from "./pkg/samples.js";\nawait init();\n${name}();`;
    writeFileSync(new URL(`${name}.html`, RUST), html(`<body><script type="module">\n${script}\n</script>`, name));
    return runInPage(sample, `docs-rust/${name}.html`);
  });
};

const html = (body, name) => `<!doctype html><title>${name}</title>\n${body}\n`;

/** Writes the page of a sample. Returns its name. */
async function page({ name, host, code }) {
  const write = (file, text) => writeFileSync(new URL(file, PROJECT), text);
  if (host === "page") {
    write(`${name}.html`, code);
  } else {
    write(`${name}.js`, code);
    const options = { bundle: true, format: "esm", minify: true, target: "es2022", logLevel: "error" };
    const dir = given.project;
    await build({ ...options, entryPoints: [`${dir}/${name}.js`], outfile: `${dir}/${name}.bundle.js` });
    write(`${name}.html`, html(`<script type="module" src="${name}.bundle.js"></script>`, name));
  }
  return `${name}.html`;
}

async function runInPage(sample, page) {
  const source = `globalThis.sample = ${JSON.stringify(worldOf(sample))};\n${readFileSync(WORLD, "utf8")}`;
  const added = await driver.sendAndGetDevToolsCommand("Page.addScriptToEvaluateOnNewDocument", { source });
  try {
    await driver.get(`${given.server}/files/projects/${page}`);
    for (const step of sample.steps) await take(step);
    // A page may show the expected lines and still have an uncaught error.
    const { printed } = await told();
    assert.deepEqual(
      printed.filter((line) => line.startsWith("uncaught: ")),
      [],
    );
  } finally {
    await driver.sendAndGetDevToolsCommand("Page.removeScriptToEvaluateOnNewDocument", added);
  }
}

async function take({ type, click, prints, shows }) {
  if (type) await driver.findElement(By.css("input")).sendKeys(type, Key.ENTER);
  else if (click) await driver.findElement(By.xpath(`//button[normalize-space()='${click}']`)).click();
  else await comes(prints ?? shows, prints ? "printed" : "shown");
}

/** Waits until the page reports the expected lines. */
async function comes(expected, part) {
  const start = performance.now();
  for (;;) {
    const lines = (await told())[part];
    if (isLike(lines, expected)) return;
    if (performance.now() - start > LIMIT) assert.deepEqual(lines, expected);
    await pause(20);
  }
}

/** The lines that a page has printed and shows. */
const told = () =>
  driver.executeScript(() => {
    const lines = (document.body?.innerText ?? "").split("\n").map((line) => line.trim());
    return { printed: globalThis.told, shown: lines.filter((line) => line) };
  });

// --- In Rust ---

/** The manifest of the samples in Rust. */
const MANIFEST = `[package]
name = "samples"
version = "0.0.0"
edition = "2024"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
fourd-websocket = { path = "../../..", default-features = false, features = ["futures", "reconnecting", "serde"] }
futures-util = { version = "0.3", default-features = false }
serde = { version = "1", features = ["derive"] }
wasm-bindgen = "0.2"
wasm-bindgen-futures = "0.4"
web-sys = { version = "0.3", features = ["console", "Document", "Element", "HtmlElement", "HtmlInputElement", "Window"] }

[lints.rust]
warnings = "deny"

[workspace]
`;

const inRust = samples.filter(({ host }) => host.startsWith("rust"));

/** The cases for the samples in Rust of a host, compiled once for a target of wasm-pack. */
function withRust(target, host, run) {
  let built;
  for (const sample of inRust.filter((sample) => sample.host === host)) {
    define(sample, async () => {
      built ??= compile(target);
      await built;
      await run(sample);
    }).timeout(LIMIT * 10);
  }
}

/** Compiles the samples, each as a module with a function for its calls. */
async function compile(target) {
  rmSync(RUST, { recursive: true, force: true });
  mkdirSync(new URL("src/", RUST), { recursive: true });
  const write = (file, text) => writeFileSync(new URL(file, RUST), text);
  for (const { name, code, calls } of inRust) {
    const program = [
      `#[wasm_bindgen::prelude::wasm_bindgen(js_name = ${name})]`,
      `pub ${calls.some((call) => call.includes(".await")) ? "async " : ""}fn program() -> Result<(), wasm_bindgen::JsValue> {`,
      ...[...calls, "Ok(())"].map((line) => `    ${line}`),
      "}",
    ];
    write(`src/${name}.rs`, `${code}\n${program.join("\n")}\n`);
  }
  write("src/lib.rs", inRust.map(({ name }) => `mod ${name};\n`).join(""));
  write("Cargo.toml", MANIFEST);
  copyFileSync(new URL("Cargo.lock", ROOT), new URL("Cargo.lock", RUST));
  const build = "wasm-pack build --dev --mode no-install --no-typescript --out-dir pkg --target".split(" ");
  // A target directory of its own. For wasm32, cargo has one file name for this crate, whatever its features. It only
  // detects that another build has replaced the file within one workspace.
  await check([...build, target], { cwd: RUST, env: { CARGO_TARGET_DIR: given.samples } });
}

function define({ name, place }, run) {
  return it(`${name} (${place})`, run).timeout(LIMIT * 2);
}

if (given.browser) inPage();
else inNode();

// The samples of the pages, run against the test server exactly as they are printed, in Node or, with a browser, in its
// pages.

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";
import { By, Key } from "selenium-webdriver";
import * as svelte from "svelte/compiler";
import * as vue from "vue/compiler-sfc";

import { open } from "../browser/driver.js";
import { given } from "../harness/given.js";
import { bun, deno, packageFile } from "../harness/packages.js";
import { check, run } from "../harness/program.js";
import { listen } from "../harness/server.js";
import { allSamples, isLike } from "./sample.js";

/** The limit for one sample on a busy machine, in milliseconds. */
const LIMIT = 20_000;

/** The script that runs before each sample. */
const WORLD = new URL("world.js", import.meta.url);

/** The project with the installed package, and the crate of the samples in Rust. Both are below target/suite, which the
    test server serves as `projects`. */
const PROJECT = pathToFileURL(`${given.project}/`);
const RUST = new URL("../docs-rust/", PROJECT);

const samples = allSamples();

/** The directory of a sample, with its files. */
function directory(sample) {
  const dir = new URL(`${sample.name}/`, PROJECT);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [file, text] of Object.entries(sample.files)) writeFileSync(new URL(file, dir), text);
  copyFileSync(WORLD, new URL("world.mjs", dir));
  return dir;
}

/** Runs a sample beside its server, if it has one: the test server or one of its own files. */
async function withServer({ server: path, files }, dir, run) {
  if (path === undefined) return run({});
  if (!(path in files)) return run({ server: given.server, path });
  const world = fileURLToPath(new URL("world.mjs", dir));
  const own = await listen([process.execPath, "--import", world, fileURLToPath(new URL(path, dir))]);
  try {
    return await run({ server: own.http });
  } finally {
    await own.stop();
  }
}

before(() => {
  cpSync(packageFile("docs", "mock-socket"), new URL("node_modules/mock-socket", PROJECT), { recursive: true });
});

// --- In Node ---

const inNode = () => {
  for (const sample of samples.filter(({ host }) => host in PROGRAMS)) {
    define(sample, () => {
      const file = `${sample.name}.${sample.language === "ts" ? "mts" : "mjs"}`;
      return runProgram(directory(sample), sample, file, sample.code);
    });
  }
  withRust("nodejs", "rust in node", (sample) => {
    const program = `import samples from "./pkg/samples.js";\nsamples.${sample.name}();\n`;
    copyFileSync(WORLD, new URL("world.mjs", RUST));
    return runProgram(RUST, { ...sample, host: "node" }, `${sample.name}.mjs`, program);
  });
};

/** The commands that run a program after `world.mjs`. */
const PROGRAMS = {
  node: [process.execPath, "--import=./world.mjs"],
  deno: [deno, "run", "--allow-net", "--allow-env=SAMPLE", "--no-prompt", "--preload=./world.mjs"],
  bun: [bun, "run", "--preload=./world.mjs"],
};

async function runProgram(project, sample, file, program) {
  const [{ prints }, ...others] = sample.steps;
  assert(prints && others.length === 0, "a program can only print");
  writeFileSync(new URL(file, project), program);
  await withServer(sample, project, async (world) => {
    const env = { SAMPLE: JSON.stringify(world), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
    const { status, stdout, stderr } = await run([...PROGRAMS[sample.host], file], { cwd: project, env, limit: LIMIT });
    assert(status === 0 && stderr === "", `it ended with ${status} and wrote\n${stdout}${stderr}`);
    const lines = stdout.split("\n").slice(0, -1);
    assert(isLike(lines, prints), `it printed\n${stdout}and not\n${prints.join("\n")}`);
  });
}

/** Frameworks render the components of the recipes on a server. world.mjs refuses every connection there. */
const onServer = () => {
  const rendered = {
    react: `import { createElement as h } from "react";
      import { renderToString } from "react-dom/server";
      import { useWebSocket } from "./useWebSocket.js";
      console.log(renderToString(h(() => h("p", {}, useWebSocket("wss://example.com/").status))));`,
    svelte: `import { render } from "svelte/server";
      import Chat from "./Chat.svelte";
      console.log(render(Chat).body);`,
    vue: `import { createSSRApp } from "vue";
      import { renderToString } from "vue/server-renderer";
      import Chat from "./Chat.vue";
      console.log(await renderToString(createSSRApp(Chat)));`,
  };
  for (const [framework, code] of Object.entries(rendered)) {
    const { files, place } = samples.find(({ place }) => place.startsWith(`docs/guide/recipes/${framework}.md`));
    define({ name: `${framework}_opens_no_connection_on_a_server`, place }, async () => {
      const dir = directory({ name: `${framework}-server`, files });
      await bundle(dir, "js", code, { platform: "node", plugins: [components("server")], packages: "external" });
      const { status, stdout, stderr } = await run([...PROGRAMS.node, "bundle.js"], { cwd: dir, limit: LIMIT });
      assert(status === 0 && stderr === "" && stdout.includes("<p>Connecting</p>"), `${status}: ${stdout}${stderr}`);
    });
  }
};

// --- In a page ---

let driver;

const inPage = () => {
  let close;
  before(async () => {
    ({ driver, close } = await open(given.browser, LIMIT));
  });
  after(() => close?.());
  for (const sample of samples.filter(({ host }) => host === "bundler" || host === "page")) {
    define(sample, async () => runInPage(sample, directory(sample), `docs/${await page(sample)}`));
  }
  withRust("web", "rust in a page", (sample) => {
    const { name } = sample;
    const script = `import init, { ${name} } from "./pkg/samples.js";\nawait init();\n${name}();`;
    writeFileSync(new URL(`${name}.html`, RUST), html(`<body><script type="module">\n${script}\n</script>`, name));
    return runInPage(sample, directory(sample), `docs-rust/${name}.html`);
  });
};

const html = (body, name) => `<!doctype html><title>${name}</title>\n${body}\n`;

/** Writes the page of a sample into its directory. Returns its address in the project. */
async function page({ name, host, language, code }) {
  const dir = new URL(`${name}/`, PROJECT);
  const write = (file, text) => writeFileSync(new URL(file, dir), text);
  if (host === "page") {
    // The page is beside node_modules, as a reader's page is.
    writeFileSync(new URL(`${name}.html`, PROJECT), code);
    return `${name}.html`;
  }
  await bundle(dir, language, code, { minify: true, plugins: [components("client")] });
  write("index.html", html('<body><div id="app"></div><script type="module" src="bundle.js"></script>', name));
  return `${name}/index.html`;
}

/** Bundles a module of a directory: bundle.js. */
async function bundle(dir, language, code, options) {
  const path = (file) => fileURLToPath(new URL(file, dir));
  writeFileSync(path(`main.${language}`), code);
  await build({
    ...{ bundle: true, format: "esm", target: "es2022", logLevel: "error", jsx: "automatic" },
    define: { "process.env.NODE_ENV": '"development"' },
    entryPoints: [path(`main.${language}`)],
    outfile: path("bundle.js"),
    ...options,
  });
}

/** The components of frameworks, compiled by their own compilers for a side. */
const components = (generate) => ({
  name: "components",
  setup({ onLoad }) {
    const compiled = (filter, compile) =>
      onLoad({ filter }, ({ path }) => {
        return { contents: compile(readFileSync(path, "utf8"), path), resolveDir: dirname(path) };
      });
    compiled(/\.svelte$/, (source, filename) => svelte.compile(source, { filename, generate }).js.code);
    compiled(/\.vue$/, (source, filename) => {
      const { descriptor } = vue.parse(source, { filename });
      const options = { ssr: generate === "server", ssrCssVars: [] };
      return vue.compileScript(descriptor, { id: filename, inlineTemplate: true, templateOptions: options }).content;
    });
  },
});

const runInPage = (sample, dir, page) =>
  withServer(sample, dir, async (world) => {
    const source = `globalThis.sample = ${JSON.stringify(world)};\n${readFileSync(WORLD, "utf8")}`;
    const added = await driver.sendAndGetDevToolsCommand("Page.addScriptToEvaluateOnNewDocument", { source });
    try {
      await driver.get(`${given.server}/files/projects/${page}`);
      for (const step of sample.steps) await take(step);
      // A page may show the expected lines and still have an uncaught error.
      const { printed } = await pageOutput();
      assert.deepEqual(
        printed.filter((line) => line.startsWith("uncaught: ")),
        [],
      );
    } finally {
      await driver.sendAndGetDevToolsCommand("Page.removeScriptToEvaluateOnNewDocument", added);
    }
  });

async function take({ type, click, open, prints, shows }) {
  if (type) await driver.findElement(By.css("input")).sendKeys(type, Key.ENTER);
  else if (click) await driver.findElement(By.xpath(`//button[normalize-space()='${click}']`)).click();
  else if (open) await comes([open], "open");
  else await comes(prints ?? shows, prints ? "printed" : "shown");
}

/** Waits until the page reports the expected lines. */
async function comes(expected, part) {
  const start = performance.now();
  for (;;) {
    const lines = (await pageOutput())[part];
    if (isLike(lines, expected)) return;
    if (performance.now() - start > LIMIT) assert.deepEqual(lines, expected);
    await pause(20);
  }
}

/** The lines that a page has printed and shows, and the number of connections that it has not ended. */
const pageOutput = () =>
  driver.executeScript(() => {
    const lines = (document.body?.innerText ?? "").split("\n").map((line) => line.trim());
    return { printed: globalThis.printed, shown: lines.filter((line) => line), open: [`${globalThis.connections()}`] };
  });

// --- In Rust ---

/** The cases for the samples in Rust of a host, compiled once for a target of wasm-pack. */
function withRust(target, host, run) {
  let built;
  for (const sample of samples.filter((sample) => sample.host === host)) {
    define(sample, async () => {
      built ??= compile(target, host);
      await built;
      await run(sample);
    }).timeout(LIMIT * 30); // Three frameworks are compiled, the first time.
  }
}

/** Compiles the samples of a host, each as a module with a function for its calls. */
async function compile(target, host) {
  const inRust = samples.filter((sample) => sample.host === host);
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
  for (const file of ["Cargo.toml", "Cargo.lock"])
    copyFileSync(new URL(`rust/${file}`, import.meta.url), new URL(file, RUST));
  const build = "wasm-pack build --dev --mode no-install --no-typescript --out-dir pkg --target".split(" ");
  const features = host === "rust in a page" ? ["--features=frameworks"] : [];
  // A target directory of its own. For wasm32, cargo has one file name for this crate, whatever its features. It only
  // detects that another build has replaced the file within one workspace.
  await check([...build, target, ".", "--locked", ...features], {
    cwd: RUST,
    env: { CARGO_TARGET_DIR: given.samples },
  });
}

function define({ name, place }, run) {
  return it(`${name} (${place})`, run).timeout(LIMIT * 2);
}

if (given.browser) {
  inPage();
} else {
  inNode();
  onServer();
}

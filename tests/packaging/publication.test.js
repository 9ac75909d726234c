// The results of publishing to both registries, without a login and without sending anything, and the presentation of
// the package.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { given } from "../harness/given.js";
import { check, output, run } from "../harness/program.js";

const ROOT = new URL("../../", import.meta.url);

/** The limit for a compiler. */
const LIMIT = 600_000;

/** Exactly the files of the npm package. */
const FILES = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "THIRD-PARTY-NOTICES.txt",
  "edge.js",
  "edge.js.map",
  "fourd_websocket.wasm",
  "index.d.ts",
  "index.js",
  "index.js.map",
  "package.json",
  "reconnecting-edge.js",
  "reconnecting-edge.js.map",
  "reconnecting.d.ts",
  "reconnecting.js",
  "reconnecting.js.map",
  "reconnecting.wasm",
  "slim.d.ts",
  "slim.js",
  "slim.js.map",
];

/** Expected warnings of cargo. Nothing is sent. The version may exist already. The crate excludes the tests, which need
    the suite of the npm package. The workspace has settings for more than this crate. */
const EXPECTED = [
  "aborting upload due to dry run",
  "already exists on crates.io index",
  "is not included in the published package",
  "profile package spec `test-server`",
];

/** npm corrects nothing in `pkg/`, and sends the expected files. */
it("npm publish --dry-run", async () => {
  // Offline, because a version that is already published is not an error.
  const publish = "npm publish ./pkg --dry-run --offline --ignore-scripts --json".split(" ");
  const { status, stdout, stderr } = await run(publish, { cwd: ROOT });
  assert.equal(status, 0, stderr);
  const warnings = stderr.split("\n").filter((line) => line.toLowerCase().startsWith("npm warn publish"));
  assert.deepEqual(
    warnings.filter((line) => !line.includes("requires you to be logged in")),
    [],
  );
  const listed = JSON.parse(stdout);
  // npm 11 nests it under the package's name.
  const { files } = listed["fourd-websocket"] ?? listed;
  assert.deepEqual(files.map(({ path }) => path).sort(), FILES);
});

it("cargo publish --dry-run", async () => {
  const publish = "cargo publish --dry-run --allow-dirty --package fourd-websocket".split(" ");
  const { status, stderr } = await run(publish, { cwd: ROOT, limit: LIMIT });
  assert.equal(status, 0, stderr);
  const warnings = stderr.split("\n").filter((line) => line.trimStart().startsWith("warning"));
  assert.deepEqual(
    warnings.filter((line) => !EXPECTED.some((part) => line.includes(part))),
    [],
  );
}).timeout(LIMIT);

/** Both registries link to the documentation, and npm also to the issues. */
it("the registries lead to the repository", async () => {
  const npm = JSON.parse(readFileSync(new URL("pkg/package.json", ROOT), "utf8"));
  const { packages } = JSON.parse(
    await output("cargo metadata --format-version 1 --no-deps".split(" "), { cwd: ROOT }),
  );
  const crate = packages.find(({ name }) => name === "fourd-websocket");
  assert.equal(npm.repository.url, `git+${crate.repository}.git`);
  assert.equal(npm.bugs.url, `${crate.repository}/issues`);
  assert.equal(npm.homepage, crate.homepage);
  assert(npm.homepage.startsWith(`${crate.repository}#`));
  assert.equal(crate.documentation, `https://docs.rs/${crate.name}`);
  assert(readFileSync(new URL("LICENSE-MIT", ROOT), "utf8").includes(`Copyright (c) 2026 ${npm.author}`));
});

/** A stack trace names the line of the source and its column, also behind a private field. */
it("a stack trace leads to the source", async () => {
  const throwing = [
    ["index", "WebSocket.new(5)", "openFor(", "face.js"],
    ["index", "WebSocket.prototype.send.call({}, 5)", "new TypeError(", "face.js"],
    ["slim", "WebSocket.new(5)", "new Error(", "unusable.js"],
    ["reconnecting", "ReconnectingWebSocket.prototype.send.call({}, 5)", "new TypeError(", "supervised.js"],
  ];
  for (const [entry, call, code, file] of throwing) {
    const program = `import * as all from ${JSON.stringify(new URL(`pkg/${entry}.js`, ROOT))};
      const { WebSocket, ReconnectingWebSocket } = all;
      try { ${call} } catch ({ stack }) { console.log(stack) }`;
    const stack = await output([process.execPath, "--enable-source-maps", "--input-type=module", "-e", program]);
    const [, line, column] = new RegExp(`/pkg/source/${file}:(\\d+):(\\d+)`).exec(stack) ?? assert.fail(stack);
    const source = readFileSync(new URL(`pkg-template/${file}`, ROOT), "utf8").split("\n")[line - 1];
    assert(source.slice(column - 1).startsWith(code), `${file}:${line}:${column} is not ${code}, in ${source}`);
  }
});

/** The guide contains the text of the example that runs. */
it("the guide shows its example", () => {
  const example = readFileSync(new URL("guide/example.mjs", import.meta.url), "utf8");
  const page = readFileSync(new URL("docs/guide/start.md", ROOT), "utf8");
  const next =
    "docs/guide/start.md has no ```js block with the text of tests/packaging/guide/example.mjs; copy the file into it";
  assert(page.includes(`\`\`\`js\n${example.trimEnd()}\n\`\`\``), next);
});

/** Each crate in the module is named with its licence: the text in its source, or the MIT licence for its authors. */
it("the package has the licences of what is in it", async () => {
  const notices = readFileSync(new URL("pkg/THIRD-PARTY-NOTICES.txt", ROOT), "utf8");
  const tree = "cargo tree --package fourd-websocket --features small --target wasm32-unknown-unknown";
  const options = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
  const lines = (await output([...tree.split(" "), ...options], { cwd: ROOT })).split("\n");
  // Repeated crates and crates of this repository have a suffix in parentheses after the version.
  const names = new Set(lines.filter((line) => line && !line.includes(" (")));
  assert(names.size > 0, "cargo tree names no crate");
  const { packages } = JSON.parse(
    await output("cargo metadata --format-version 1 --all-features".split(" "), { cwd: ROOT }),
  );
  const parts = packages.filter(({ name, version }) => names.has(`${name} v${version}`));
  assert.equal(parts.length, names.size);
  for (const { name, version, authors, manifest_path: manifest } of parts) {
    assert(notices.includes(`\n${name} ${version} (`), `it does not name ${name} ${version}`);
    const dir = dirname(manifest);
    const files = readdirSync(dir).filter((file) => /^(licen[cs]e|copying|notice)(?!.*apache)/i.test(file));
    const texts = files.map((file) => readFileSync(join(dir, file), "utf8").trim());
    if (files.length === 0) texts.push(`Copyright (c) ${authors.join(", ")}\n\nPermission is hereby granted`);
    for (const text of texts) assert(notices.includes(text), `it has not the licence of ${name}`);
  }
});

/** The demo prints only its address, and serves the page there. It ends successfully on a signal, with its server. */
it("cargo xtask demo", async () => {
  // The first compilation is not part of the demo's time limit.
  await check("cargo build --package chat-server --profile demo".split(" "), { cwd: ROOT, limit: LIMIT });
  const demo = spawn(given.xtask, ["demo"], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  try {
    const ended = once(demo, "close");
    const lines = [];
    let stderr = "";
    demo.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const first = createInterface(demo.stdout).on("line", (line) => lines.push(line));
    await Promise.race([once(first, "line"), ended.then(() => assert.fail(`it ended without an address:\n${stderr}`))]);
    const [address] = lines;
    assert.match(address, /^http:\/\/.*\/$/);
    const answer = await fetch(address);
    assert(answer.status === 200 && (await answer.text()).includes("<!doctype html>"));
    demo.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], stderr);
    assert.deepEqual(lines, [address]);
    await assert.rejects(fetch(address), "its server goes on without it");
  } finally {
    demo.kill("SIGKILL");
  }
}).timeout(LIMIT * 2);

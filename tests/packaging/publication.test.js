// What the registries would say and get, without a login and without sending anything; and what shows the package.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { given } from "../harness/given.js";
import { check, output, run } from "../harness/program.js";

const ROOT = new URL("../../", import.meta.url);

/** How long a compiler may take. */
const LIMIT = 600_000;

/** What is in the npm package, no more and no less. */
const FILES = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "THIRD-PARTY-NOTICES.txt",
  "edge.js",
  "fourd_websocket.wasm",
  "index.d.ts",
  "index.js",
  "package.json",
  "slim.d.ts",
  "slim.js",
];

/** Warnings of cargo that are no fault: nothing is sent; the version is there already; the tests, which need the suite of
    the npm package, are left out of the crate; and the workspace has settings for more than this crate. */
const EXPECTED = [
  "aborting upload due to dry run",
  "already exists on crates.io index",
  "is not included in the published package",
  "profile package spec `test-server`",
];

/** npm would correct nothing in `pkg/`, and send the files that it should. */
it("npm publish --dry-run", async () => {
  // Offline, for a version that is published already is no fault of the package.
  const publish = "npm publish ./pkg --dry-run --offline --ignore-scripts --json".split(" ");
  const { status, stdout, stderr } = await run(publish, { cwd: ROOT });
  assert.equal(status, 0, stderr);
  const warnings = stderr.split("\n").filter((line) => line.toLowerCase().startsWith("npm warn publish"));
  assert.deepEqual(
    warnings.filter((line) => !line.includes("requires you to be logged in")),
    [],
  );
  const listed = JSON.parse(stdout);
  // npm 11 puts it under the package's name.
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

/** Both registries show where to read on, and npm where to report what is wrong, too. */
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

/** What the guide shows is what runs: the text of the file, character by character. */
it("the guide shows its example", () => {
  const example = readFileSync(new URL("guide/example.mjs", import.meta.url), "utf8");
  const page = readFileSync(new URL("docs/guide/start.md", ROOT), "utf8");
  const next =
    "docs/guide/start.md has no ```js block with the text of tests/packaging/guide/example.mjs; copy the file into it";
  assert(page.includes(`\`\`\`js\n${example.trimEnd()}\n\`\`\``), next);
});

/** Each crate that is compiled into the module is named, with its licence: the text that it has, or the MIT licence for its
    authors. */
it("the package has the licences of what is in it", async () => {
  const notices = readFileSync(new URL("pkg/THIRD-PARTY-NOTICES.txt", ROOT), "utf8");
  const tree = "cargo tree --package fourd-websocket --features small --target wasm32-unknown-unknown";
  const options = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
  const lines = (await output([...tree.split(" "), ...options], { cwd: ROOT })).split("\n");
  // What was named before, or is a directory of this repository, has more behind its version.
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

/** It prints its address and no more, serves the page there, and ends well when it is told to, with its server. */
it("cargo xtask demo", async () => {
  // How long the compiler takes the first time says nothing of the demo.
  await check("cargo build --package chat-server --profile demo".split(" "), { cwd: ROOT, limit: LIMIT });
  const demo = spawn(given.xtask, ["demo"], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  try {
    const ended = once(demo, "close");
    const lines = [];
    let said = "";
    demo.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    const first = createInterface(demo.stdout).on("line", (line) => lines.push(line));
    await Promise.race([once(first, "line"), ended.then(() => assert.fail(`it ended without an address:\n${said}`))]);
    const [address] = lines;
    assert.match(address, /^http:\/\/.*\/$/);
    const answer = await fetch(address);
    assert(answer.status === 200 && (await answer.text()).includes("<!doctype html>"));
    demo.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], said);
    assert.deepEqual(lines, [address]);
    await assert.rejects(fetch(address), "its server goes on without it");
  } finally {
    demo.kill("SIGKILL");
  }
}).timeout(LIMIT * 2);

// What the registries would say and get, without a login and without sending anything; and what shows the package.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { given } from "../harness/given.js";
import { check, run } from "../harness/program.js";

const ROOT = new URL("../../", import.meta.url);

/** How long a compiler may take. */
const LIMIT = 600_000;

/** What is in the npm package, no more and no less. */
const FILES = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
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
  assert.deepEqual(warnings.filter((line) => !line.includes("requires you to be logged in")), []);
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
  assert.deepEqual(warnings.filter((line) => !EXPECTED.some((part) => line.includes(part))), []);
}).timeout(LIMIT);

/** What the README shows is what runs: the text of the file, character by character. */
it("the README shows its example", () => {
  const example = readFileSync(new URL("readme/example.mjs", import.meta.url), "utf8");
  const readme = readFileSync(new URL("README.md", ROOT), "utf8");
  assert(readme.includes(`\`\`\`js\n${example.trimEnd()}\n\`\`\``));
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

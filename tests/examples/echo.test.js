// Programs in Rust that use the crate as an application does, built with wasm-pack: examples/echo, and that of the
// README.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { By } from "selenium-webdriver";

import { open } from "../browser/driver.js";
import { given } from "../harness/given.js";
import { check, output } from "../harness/program.js";

/** The limit for a line of a page on a busy machine, in milliseconds. */
const PATIENCE = 30_000;

const ROOT = new URL("../../", import.meta.url);
const url = `${given.server.replace("http", "ws")}/echo`;

it("the_echo_answers", async () => {
  const lines = given.browser ? await inPage() : await inNode();
  assert.deepEqual(lines, [`connected to ${url}`, "received: Hello world", "closed with code 1000"]);
}).timeout(300_000);

if (!given.browser) {
  it("the_readme_s_program_runs_in_a_new_crate", async () => {
    const readme = readFileSync(new URL("README.md", ROOT), "utf8");
    const [, setup, program, commands] =
      /^## In Rust$.*?```sh\n(.*?)```.*?```rust.*?\n(.*?)```.*?```sh\n(.*?)```/ms.exec(readme);
    // Outside of this workspace, with its versions.
    const dir = mkdtempSync(`${tmpdir()}/readme-`);
    const shell = (script) => {
      const env = { CARGO_TARGET_DIR: fileURLToPath(new URL("target/examples/target", ROOT)) };
      return output(["sh", "-ec", script], { cwd: dir, env });
    };
    try {
      await shell(setup.replace("add fourd-websocket", `add --path ${fileURLToPath(ROOT)} fourd-websocket`));
      writeFileSync(`${dir}/hello/src/lib.rs`, program);
      copyFileSync(new URL("Cargo.lock", ROOT), `${dir}/hello/Cargo.lock`);
      const replaced = { "wasm-pack build": "wasm-pack build --dev --mode no-install" };
      Object.assign(replaced, { "ws://127.0.0.1:8080": url, "node -e": `${process.execPath} -e` });
      const script = Object.entries(replaced).reduce((text, [from, to]) => text.replace(from, to), commands);
      const printed = await shell(`cd hello\n${script}`);
      assert.deepEqual(
        printed.split("\n").filter((line) => line),
        ["received: Hello world", "closed with code 1000"],
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  }).timeout(300_000);
}

/** Builds the example with wasm-pack: target/examples/echo/TARGET. */
async function build(target) {
  const dir = new URL(`target/examples/echo/${target}/`, ROOT);
  rmSync(dir, { recursive: true, force: true });
  const options = `--dev --mode no-install --target ${target} --out-dir`.split(" ");
  await check(["wasm-pack", "build", "examples/echo", ...options, fileURLToPath(new URL("pkg", dir))], { cwd: ROOT });
  for (const file of ["index.html", "talk.mjs"])
    copyFileSync(new URL(`examples/echo/${file}`, ROOT), new URL(file, dir));
  const declared = readFileSync(new URL("pkg/echo.d.ts", dir), "utf8").match(/^export class.*$/gm);
  assert.deepEqual(declared, ["export class Conversation {"], "the example exports more than its own class");
  return dir;
}

async function inNode() {
  const printed = await output([process.execPath, "talk.mjs", url], { cwd: await build("nodejs") });
  return printed.trimEnd().split("\n");
}

async function inPage() {
  await build("web");
  const { driver, close } = await open(given.browser);
  try {
    await driver.get(`${given.server}/files/examples/echo/web/index.html?url=${encodeURIComponent(url)}`);
    // The first line is printed after the form is shown.
    await lines(driver, 1);
    await driver.findElement(By.css("input")).sendKeys("Hello world");
    await driver.findElement(By.css("button")).click();
    await lines(driver, 2);
    await driver.findElement(By.css("[name=leave]")).click();
    return await lines(driver, 3);
  } finally {
    await close();
  }
}

/** The lines of the page, once there are at least `count`. */
const lines = (driver, count) =>
  driver.wait(async () => {
    const items = await driver.findElements(By.css("li"));
    return items.length >= count && Promise.all(items.map((item) => item.getText()));
  }, PATIENCE);

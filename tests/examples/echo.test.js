// examples/echo, a program in Rust that uses the crate as an application does, built with wasm-pack.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
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
  const said = await output([process.execPath, "talk.mjs", url], { cwd: await build("nodejs") });
  return said.trimEnd().split("\n");
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

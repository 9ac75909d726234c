// The site of docs/ in Chromium.

import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { By, until as untilIt } from "selenium-webdriver";

import { given } from "../harness/given.js";
import { open as openBrowser } from "./driver.js";

const LIMIT = 20_000;

/** The width of a small phone. */
const NARROW = 320;

const SITE = new URL("../../target/docs/", import.meta.url);

const { server } = given;
const echo = `${server.replace("http", "ws")}/echo`;

let driver;
let close;

before(async () => {
  ({ driver, close } = await openBrowser(given.browser, LIMIT));
});

after(() => close?.());

it("the_console_shows_each_call_and_callback_in_order", async () => {
  await connect("/echo");
  await shows(["webSocket = WebSocket.new", "onOpen(ws, event)"]);
  await showsStatus("Connected");
  await click("Send");
  const talk = ["webSocket = WebSocket.new", "onOpen", 'webSocket.send("Hello world")', "onMessage"];
  await shows(talk);
  await fill("reason", "enough");
  await click("Terminate");
  await shows([...talk, 'webSocket.terminate(1000, "enough")', "onTerminate"]);
  await showsStatus("Closed");
  assert((await lastValue()).includes('"reason": "enough"'));
});

it("the_console_shows_a_heartbeat_that_is_not_answered_and_promises", async () => {
  await open("/try.html");
  await fill("url", `${server.replace("http", "ws")}/silent`);
  await fill("heartbeat", "?");
  await fill("interval", "50");
  await click("Connect");
  const opened = ["webSocket = WebSocket.new", "onOpen"];
  await shows(opened);
  const [code] = await driver.findElements(By.css(".console li code"));
  assert((await code.getText()).includes('heartbeat: { message: "?", interval: 50, timeout: 10000 }'));
  await click("closed");
  await shows([...opened, "await webSocket.closed", "onError", "onTerminate", "await webSocket.closed"]);
  assert((await lastValue()).includes('"code": 1006'));
});

it("the_console_shows_a_connection_that_is_late", async () => {
  await open("/try.html");
  await fill("url", `${server.replace("http", "ws")}/stall`);
  await fill("connectionTimeout", "100");
  await click("Connect");
  await shows(["webSocket = WebSocket.new", "onError", "onTerminate"]);
  await showsStatus("Closed");
});

it("the_console_shows_what_is_thrown", async () => {
  await connect("/echo");
  await shows(["webSocket = WebSocket.new", "onOpen"]);
  await fill("code", "1001");
  await click("Terminate");
  await shows(["webSocket = WebSocket.new", "onOpen", "webSocket.terminate(1001)", "WebSocketError 5019"]);
  await showsStatus("Connected");
});

it("the_console_shows_a_connection_that_is_refused", async () => {
  await connect("/status/503");
  await shows(["webSocket = WebSocket.new", "onError", "onTerminate"]);
  await showsStatus("Closed");
});

it("the_console_shows_the_bytes_of_a_file", async () => {
  const file = new URL("../docs-file.bin", SITE);
  writeFileSync(file, Uint8Array.of(0, 1, 254, 255));
  await open("/try.html");
  await fill("url", echo);
  await driver.executeScript(() => {
    const select = document.querySelector("[name=dataType]");
    select.value = "blob";
    select.dispatchEvent(new Event("change"));
  });
  await click("Connect");
  await shows(["webSocket = WebSocket.new", "onOpen"]);
  await driver.findElement(By.css("[name=file]")).sendKeys(fileURLToPath(file));
  await shows(["webSocket = WebSocket.new", "onOpen", "webSocket.send(file)", "onMessage"]);
  assert((await lastValue()).includes("Blob of 4 bytes: 00 01 fe ff"));
});

it("the_search_finds_a_page_by_a_word_in_it", async () => {
  await open("/");
  await driver.findElement(By.css(".DocSearch-Button, .VPNavBarSearch button")).click();
  const field = await driver.wait(untilIt.elementLocated(By.css("input.search-input")), LIMIT);
  await field.sendKeys("closeTimeout");
  await until(
    () => [...document.querySelectorAll(".VPLocalSearchBox .result")].map((link) => link.href),
    (links) => links.some((link) => link.includes("/guide/closing.html")),
  );
});

it("the_crate_s_reference_opens_from_the_menu", async () => {
  await open("/guide/start.html");
  await driver.executeScript(() => document.querySelector('.VPSidebar a[href*="/rust/"]').click());
  await until(
    () => document.title,
    (title) => title.includes("fourd_websocket"),
  );
});

it("no_page_scrolls_sideways_on_a_small_phone", async () => {
  const metrics = { width: NARROW, height: 800, deviceScaleFactor: 1, mobile: false };
  await driver.sendAndGetDevToolsCommand("Emulation.setDeviceMetricsOverride", metrics);
  const wide = [];
  for (const page of pages()) {
    await open(page);
    const whole = await driver.executeScript(() => document.documentElement.scrollWidth);
    if (whole > NARROW) wide.push(`${page} is ${whole} px wide at ${NARROW}`);
  }
  await driver.sendAndGetDevToolsCommand("Emulation.clearDeviceMetricsOverride");
  assert.deepEqual(wide, []);
});

it("no_page_makes_the_browser_complain", async () => {
  const log = async () => (await driver.manage().logs().get("browser")).map(({ message }) => message);
  // Discards earlier entries of the log, which belong to other pages.
  await log();
  for (const page of pages()) await open(page);
  assert.deepEqual(await log(), []);
});

// --- Reading ---

/** Opens a page of the site, and waits until it is ready. */
async function open(page) {
  await driver.get(`${server}${page}`);
  await until(
    () => Boolean(document.querySelector("#app")?.__vue_app__),
    (isReady) => isReady,
  );
}

/** Connects the console to a path of the server. */
async function connect(path) {
  await open("/try.html");
  await fill("url", `${server.replace("http", "ws")}${path}`);
  await click("Connect");
}

async function fill(name, text) {
  const field = await driver.findElement(By.css(`.console [name=${name}]`));
  await field.clear();
  await field.sendKeys(text);
}

const click = (name) =>
  driver.findElement(By.xpath(`//div[@class='console']//button[normalize-space()='${name}']`)).click();

/** Waits for the entries of the console. Each has to start with the expected text. */
const shows = (expected) =>
  until(
    () => [...document.querySelectorAll(".console li code")].map((code) => code.textContent),
    (entries) => entries.length === expected.length && expected.every((begin, at) => entries[at].startsWith(begin)),
  );

const showsStatus = (status) =>
  until(
    () => document.querySelector(".console [role=status] strong").textContent,
    (shown) => shown === status,
  );

/** The value of the console's last entry. */
const lastValue = () => driver.executeScript(() => [...document.querySelectorAll(".console pre")].at(-1).textContent);

/** Waits until the result of a function in the page satisfies `isSo`. */
async function until(run, isSo) {
  const start = performance.now();
  for (;;) {
    const found = await driver.executeScript(run);
    if (isSo(found)) return;
    if (performance.now() - start > LIMIT) assert.fail(`after ${LIMIT} ms \`${run}\` gives ${JSON.stringify(found)}`);
    await pause(20);
  }
}

/** The address of each page of the site, except for those of rustdoc. */
function pages() {
  const files = readdirSync(SITE, { recursive: true }).filter((file) => file.endsWith(".html"));
  const pages = files.filter((file) => !file.startsWith("rust/")).map((file) => `/${file}`);
  assert(pages.length > 10, `the site has ${pages.length} pages; is it built?`);
  return pages;
}

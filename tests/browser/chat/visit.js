// A browser on the chat's page (www/page) with the chat's server (www/server).
//
// Every case has a room of its own, and a tab for each person. Nothing here waits for a fixed time: conditions are
// checked in every frame. Output of the browser's console fails the case.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { By, Key } from "selenium-webdriver";

import { given, skipFor } from "../../harness/given.js";
import { listen } from "../../harness/server.js";
import { open as openBrowser } from "../driver.js";
import { ask as askTab } from "../tab.js";
import { pageFunctions } from "./words.js";

/** The limit of every wait, in milliseconds. */
export const LIMIT = 15_000;

/** The widths: a small phone, a phone, a desktop. */
export const SIZES = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];

/** A picture to send, and its bytes. */
export const PICTURE = new URL("../harbour.jpg", import.meta.url);
export const picture = [...readFileSync(PICTURE)];

export const { browser } = given;
export let driver;
export let server;
/** The room of the case. */
export let room;
let close;
let home;
let cases = 0;

/** Starts the chat's server on a port, or on a free one. All clients of a test have the address of this machine, so the
    limit per address is higher than for people. */
export const startServer = (port = 0) =>
  listen([given.chat, "--page=www/page", "--package=pkg", "--clients-per-address=4000", `--port=${port}`]);

before(async () => {
  server = await startServer();
  ({ driver, close } = await openBrowser(browser, LIMIT));
  home = await driver.getWindowHandle();
});

after(async () => {
  await close?.();
  await server?.stop();
});

beforeEach(async function () {
  skipFor(reasonToSkip(this.currentTest.title), this);
  room = `room ${(cases += 1)}`;
  await open();
});

afterEach(async function () {
  if (this.currentTest.isPending()) return;
  const logged = await complaints();
  for (const tab of await driver.getAllWindowHandles()) {
    if (tab === home) continue;
    await to(tab);
    await driver.close();
  }
  await to(home);
  if (this.currentTest.state === "passed") assert.deepEqual(logged, [], "the browser's console");
});

/** The reason why a case cannot run in a browser. */
function reasonToSkip(name) {
  if (browser.name === "Chromium") return;
  const emulates = ["320_pixels", "motion", "light_and_dark", "axe", "zoom", "nothing_shifts", "heartbeat", "frozen"];
  if (emulates.some((part) => name.includes(part))) {
    return "only Chromium's driver sets the width of a page, what its reader prefers, its timers, and its life";
  }
  if (name.includes("role")) return "only Chromium's driver tells roles and names";
  if (name.includes("pasted")) return "a script of Firefox' driver can paste no file";
}

/** The entries of Chromium's console, except for connections that fail on purpose, and a picture that the server does
    not have. */
async function complaints() {
  if (browser.name !== "Chromium") return [];
  const messages = (await driver.manage().logs().get("browser")).map(({ message }) => message);
  const expected = ["WebSocket connection to", "/pictures/0-none"];
  return messages.filter((message) => !expected.some((part) => message.includes(part)));
}

// --- People ---

/** Opens the page in a tab of its own. */
export async function open() {
  await driver.switchTo().newWindow("tab");
  await driver.get(server.http);
  return driver.getWindowHandle();
}

/** Opens the page for a person, who joins the room. */
export async function person(name) {
  const tab = await open();
  await join(name);
  return tab;
}

export async function join(name, itsRoom = room) {
  await ask(
    ({ write }, name, room) => {
      write("[name=name]", name);
      write("[name=room]", room);
    },
    name,
    itsRoom,
  );
  await click("#joining .primary");
  await joined();
}

export async function joined() {
  await expect(
    ({ $, texts }) =>
      !$("#room").hidden && $("#status").textContent === "Connected" && texts(".note").at(-1) === "You joined",
  );
  await hasFocus("message");
}

export const to = (tab) => driver.switchTo().window(tab);

/** Writes a message and sends it with Enter. */
export const say = (text) => type("#message", text, Key.ENTER);

// --- Actions ---

export const find = (selector) => driver.findElement(By.css(selector));

export async function type(selector, ...keys) {
  await find(selector).sendKeys(...keys);
}

export async function click(selector) {
  await expect(({ $ }, selector) => $(selector)?.checkVisibility(), selector);
  await find(selector).click();
}

/** Presses keys in the focused element. */
export const press = (...keys) =>
  driver
    .actions()
    .sendKeys(...keys)
    .perform();

export const pressShifted = (key) => driver.actions().keyDown(Key.SHIFT).sendKeys(key).keyUp(Key.SHIFT).perform();

/** Leaves the room with the values in the dialog. */
export async function leave() {
  await click("#show-leaving");
  await click("#leaving .primary");
  await hasText("#status", "You left");
}

export const size = async (metrics) => {
  await driver.sendAndGetDevToolsCommand("Emulation.setDeviceMetricsOverride", {
    ...metrics,
    deviceScaleFactor: 1,
    mobile: false,
  });
  await expect((_, width) => innerWidth === width, metrics.width);
};

export async function prefer(name, value) {
  await driver.sendAndGetDevToolsCommand("Emulation.setEmulatedMedia", { features: [{ name, value }] });
  await expect((_, query) => matchMedia(query).matches, `(${name}: ${value})`);
}

// --- Queries ---

/** Runs a function in the page with `pageFunctions()` and the values. Returns its result. */
export const ask = (run, ...values) => askTab(driver, run, values, pageFunctions);

/** Waits until a function returns true in the page. */
export async function expect(condition, ...values) {
  const waiting = `(functions, ...values) => functions.until(() => (${condition})(functions, ...values)).then(() => {})`;
  await ask(waiting, ...values).catch(async (error) => {
    const page = await ask(() => document.body.innerText.slice(0, 1000));
    const what = `${condition} for ${JSON.stringify(values).slice(0, 500)}`;
    assert.fail(`${what}: ${error.message.split("\n", 1)}; the page shows ${JSON.stringify(page)}`);
  });
}

/** Waits until the texts of the elements, separated by commas, are equal to `expected`. */
export const shows = (selector, expected) =>
  expect(({ texts }, selector, expected) => texts(selector).join() === expected, selector, expected);

/** Waits until there is such an element with this text. */
export const hasText = (selector, expected) =>
  expect(({ $ }, selector, expected) => $(selector)?.textContent === expected, selector, expected);

/** Waits until a field has this value. */
export const hasValue = (selector, expected) =>
  expect(({ $ }, selector, expected) => $(selector).value === expected, selector, expected);

/** Waits until there are this many elements. */
export const counts = (selector, expected) =>
  expect(({ all }, selector, expected) => all(selector).length === expected, selector, expected);

/** Waits until there is a note with this text in the room. */
export const notes = (text) => expect(({ texts }, text) => texts(".note").includes(text), text);

/** Waits until the element with this id or name has the focus. */
export const hasFocus = (name) =>
  expect((_, name) => [document.activeElement.id, document.activeElement.name].includes(name), name);

/** Asserts that nothing overflows a box. */
export async function fits(selector) {
  const [has, room] = await ask(({ $ }, box) => [$(box).scrollWidth, $(box).clientWidth], selector);
  assert(has <= room, `${selector} is ${room} pixels wide and what it holds ${has}`);
}

/** Waits until a box is scrolled to its end. */
export const isAtEnd = (selector) =>
  expect(({ $ }, box) => $(box).scrollHeight - $(box).scrollTop - $(box).clientHeight < 2, selector);

// A browser on the chat's page (www/page) with the chat's server (www/server), as people use them.
//
// Every case has a room of its own, and a tab for each person. Nothing here waits for a time: what is to come is looked
// for with every frame. What the browser's console says of the page fails the case.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { By, Key } from "selenium-webdriver";

import { given, skipFor } from "../../harness/given.js";
import { listen } from "../../harness/server.js";
import { open as openBrowser } from "../driver.js";
import { ask as askTab } from "../tab.js";
import { words } from "./words.js";

/** How long anything may take to come, in milliseconds. */
export const LIMIT = 15_000;

/** The widths that are looked at: a small phone, a phone, a desktop. */
export const SIZES = [
  { width: 320, height: 640 },
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];

/** A picture that people send, and its bytes. */
export const PICTURE = new URL("../harbour.jpg", import.meta.url);
export const picture = [...readFileSync(PICTURE)];

const { browser } = given;
export let driver;
export let server;
/** That of the case. */
export let room;
let close;
let home;
let cases = 0;

/** Starts the chat's server, on this port or on a free one. As many as a test has come from one address, this machine's:
    people have fewer windows. */
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
  const said = await complaints();
  for (const tab of await driver.getAllWindowHandles()) {
    if (tab === home) continue;
    await to(tab);
    await driver.close();
  }
  await to(home);
  if (this.currentTest.state === "passed") assert.deepEqual(said, [], "the browser's console");
});

/** Why a case cannot be run in a browser. */
function reasonToSkip(name) {
  if (browser.name === "Chromium") return;
  const emulates = ["320_pixels", "motion", "axe", "nothing_shifts"];
  if (emulates.some((word) => name.includes(word))) {
    return "only Chromium's driver sets the width of a page and what its reader prefers";
  }
  if (name.includes("role")) return "only Chromium's driver tells roles and names";
  if (name.includes("pasted")) return "a script of Firefox' driver can paste no file";
}

/** What Chromium's console has, but for the connections that cannot be, and what the server forgot. */
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

/** Opens the page for somebody, who joins the room. */
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

// --- Doing ---

export const find = (selector) => driver.findElement(By.css(selector));

export async function type(selector, ...keys) {
  await find(selector).sendKeys(...keys);
}

export async function click(selector) {
  await expect(({ $ }, selector) => $(selector)?.checkVisibility(), selector);
  await find(selector).click();
}

/** Presses keys, whatever has the focus. */
export const press = (...keys) =>
  driver
    .actions()
    .sendKeys(...keys)
    .perform();

export const pressShifted = (key) => driver.actions().keyDown(Key.SHIFT).sendKeys(key).keyUp(Key.SHIFT).perform();

/** Leaves the room with the dialog as it stands. */
export async function leave() {
  await click("#show-leaving");
  await click("#leaving .primary");
  await says("#status", "Closed");
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

// --- Asking ---

/** What a function gives in the page. It is given the words, then the values. */
export const ask = (run, ...values) => askTab(driver, run, values, words);

/** Waits until a function of the page holds. */
export async function expect(condition, ...values) {
  const waiting = `(words, ...values) => words.until(() => (${condition})(words, ...values)).then(() => {})`;
  await ask(waiting, ...values).catch(async (error) => {
    const page = await ask(() => document.body.innerText.slice(0, 1000));
    const what = `${condition} for ${JSON.stringify(values).slice(0, 500)}`;
    assert.fail(`${what}: ${error.message.split("\n", 1)}; the page shows ${JSON.stringify(page)}`);
  });
}

/** Waits until the texts of the elements are these, with commas between them. */
export const shows = (selector, expected) =>
  expect(({ texts }, selector, expected) => texts(selector).join() === expected, selector, expected);

/** Waits until there is such an element, and its text is this. */
export const says = (selector, expected) =>
  expect(({ $ }, selector, expected) => $(selector)?.textContent === expected, selector, expected);

/** Waits until the value of a field is this. */
export const holds = (selector, expected) =>
  expect(({ $ }, selector, expected) => $(selector).value === expected, selector, expected);

/** Waits until there are so many elements. */
export const counts = (selector, expected) =>
  expect(({ all }, selector, expected) => all(selector).length === expected, selector, expected);

/** Waits until there is a note like this in the room. */
export const notes = (text) => expect(({ texts }, text) => texts(".note").includes(text), text);

/** Waits until the element of this id or name has the focus. */
export const hasFocus = (name) =>
  expect((_, name) => [document.activeElement.id, document.activeElement.name].includes(name), name);

/** Nothing of a box is beside it. */
export async function fits(selector) {
  const [has, room] = await ask(({ $ }, box) => [$(box).scrollWidth, $(box).clientWidth], selector);
  assert(has <= room, `${selector} is ${room} pixels wide and what it holds ${has}`);
}

/** The reader is at the newest of what scrolls. */
export const isAtEnd = (selector) =>
  expect(({ $ }, box) => $(box).scrollHeight - $(box).scrollTop - $(box).clientHeight < 2, selector);

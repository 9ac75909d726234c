// Pages that are unloaded, kept in the back/forward cache, closed, or offline.
//
// The pages are in tests/browser/pages. Nothing here waits for a fixed time: the page reports callbacks, and the server
// the ends of connections.

import assert from "node:assert/strict";

import { given, skipFor } from "../harness/given.js";
import { open as openBrowser, setOffline } from "./driver.js";
import { ask as askTab, inATab } from "./tab.js";

/** The limit for loading a page, and for a callback in it, in milliseconds. */
const LIMIT = 15_000;

const { browser, server } = given;
let driver;
let close;

before(async () => {
  ({ driver, close } = await openBrowser(browser, LIMIT));
});

after(() => close?.());

beforeEach(function () {
  skipFor(reasonToSkip(this.currentTest.title), this);
});

/** The reason why a case cannot run in a browser. */
function reasonToSkip(name) {
  const isIn = (...names) => names.includes(browser.name);
  if (name.startsWith("a_console") && !isIn("Chromium")) return "only Chromium tells what its console shows";
  // Firefox unloads the page, and closes with 1001.
  if (name.startsWith("a_page_that_is_kept") && isIn("Firefox")) return "Firefox keeps no page that has a connection";
  if (name.includes("frozen") && !isIn("Chromium")) return "only Chromium freezes a page when it is asked to";
  if (name.includes("hidden") && isIn("WebKit")) return "WebKitGTK's small browser hides no window";
  if (name.includes("offline") && isIn("WebKit")) return "nothing takes WebKitGTK's small browser off the network";
}

/** A case in a tab of its own. The browser's cache depends on the earlier pages of a tab. */
const inItsTab = (name, run) => it(name, () => inATab(driver, run));

// --- The page's objects ---

inItsTab("a_console_shows_the_class_url_status_and_id", async () => {
  await go("page.html");
  const connection = await opened("/echo");
  const { url, id } = await ask((_, at) => (({ url, id }) => ({ url, id }))(page.object(at)), connection);
  await shows(connection, [`#url: ${url}`, "#status: Connected", `#id: ${id}`]);
  await terminate(connection);
  await shows(connection, [`#url: ${url}`, "#status: Closed", `#id: ${id}`]);
});

/** Asserts the console's line for an object: its class, these fields, and the shortcut, whose class name depends on the
    minifier. */
async function shows(connection, expected) {
  const evaluate = { expression: `page.object(${connection})`, generatePreview: true };
  const { result } = await driver.sendAndGetDevToolsCommand("Runtime.evaluate", evaluate);
  const { description, properties } = result.preview;
  const shown = properties.map(({ name, value }) => `${name}: ${value}`);
  assert.equal(description, "WebSocket");
  assert.deepEqual(shown.slice(0, -1), expected);
  assert.match(shown.at(-1), /^#shortcut: /);
}

// --- The page is left ---

/** A listener for `unload` or `beforeunload` would keep every page that uses the package out of the cache. */
inItsTab("the_package_listens_for_nothing_of_the_page", async () => {
  await go("page.html");
  const connection = await opened("/echo");
  is(await terminate(connection), "open terminate", 1000);
  assert.deepEqual(await ask(() => page.listeners()), []);
});

/** WPT: websockets/unload-a-document/001.html, 003.html

    The page listens for `unload`. Otherwise Chromium would keep the page, and its connection open until it is shown
    again. */
inItsTab("a_page_that_is_left_closes_with_1001", async () => {
  await go("page.html?unload");
  const { key } = await recorded(await opened("/echo"));
  await go("other.html");
  await assertServerClosed(key, 1001);
});

inItsTab("a_tab_that_is_closed_closes_with_1001", async () => {
  const first = await driver.getWindowHandle();
  await driver.switchTo().newWindow("tab");
  await go("page.html");
  const { key } = await recorded(await opened("/echo"));
  await driver.close();
  await driver.switchTo().window(first);
  await assertServerClosed(key, 1001);
});

inItsTab("a_worker_that_is_ended_closes_with_1001", async () => {
  await go("page.html");
  const key = await ask(
    () =>
      new Promise((opened) => {
        const worker = new Worker("worker.js", { type: "module" });
        const url = page.address("/echo");
        worker.onmessage = () => {
          worker.terminate();
          opened(new URL(url).searchParams.get("key"));
        };
        worker.postMessage(url);
      }),
  );
  await assertServerClosed(key, 1001);
  await echoes();
});

inItsTab("a_frame_that_is_removed_closes_with_1001", async () => {
  await go("page.html");
  await addFrame();
  const key = await openInFrame();
  await ask(() => document.querySelector("iframe").remove());
  await assertServerClosed(key, 1001);
  await echoes();
});

/** WPT: websockets/remove-own-iframe-during-onerror.window.js */
inItsTab("a_frame_that_is_removed_in_on_error_harms_nothing", async () => {
  await go("page.html");
  await addFrame();
  const isRemoved = await ask(
    () =>
      new Promise((done) => {
        const onError = () => {
          document.querySelector("iframe").remove();
          done(true);
        };
        frames[0].page.open("/status/401", { onError });
      }),
  );
  assert(isRemoved);
  await echoes();
});

/** WPT: websockets/unload-a-document/005.html */
inItsTab("a_frame_that_is_left_harms_no_connection_of_its_page", async () => {
  await go("page.html");
  await addFrame();
  const connection = await opened("/echo");
  const key = await openInFrame();
  await ask(
    () =>
      new Promise((loaded) => {
        const element = document.querySelector("iframe");
        element.onload = () => loaded();
        element.src = "other.html";
      }),
  );
  await assertServerClosed(key, 1001);
  await exchanges(connection, "still there");
});

/** Adds a page in a frame. */
const addFrame = () =>
  ask(
    () =>
      new Promise((loaded) => {
        const element = document.createElement("iframe");
        element.onload = () => loaded();
        element.src = location.href;
        document.body.append(element);
      }),
  );

/** Opens a connection in the frame. Returns its key. */
const openInFrame = () => ask(() => frames[0].page.opened(frames[0].page.open("/echo")).then(({ key }) => key));

// --- The page is kept ---

/** WPT: websockets/unload-a-document/002.html, 004.html
    WPT: websockets/back-forward-cache-with-closed-websocket-connection.window.js */
inItsTab("a_page_whose_connection_has_ended_is_kept", async () => {
  await go("page.html");
  const connection = await opened("/echo");
  is(await terminate(connection), "open terminate", 1000);
  await leaveAndReturn();
  is(await recorded(connection), "open terminate", 1000);
  await echoes();
});

/** WPT: websockets/back-forward-cache-with-open-websocket-connection.window.js */
inItsTab("a_page_that_is_kept_loses_its_connection", async () => {
  await go("page.html");
  const connection = await opened("/echo");
  await leaveAndReturn();
  const end = await ended(connection);
  is(end, "open error terminate", 1006);
  await assertServerClosed(end.key, 1001);
  await echoes();
  // No further callback was called meanwhile.
  is(await recorded(connection), "open error terminate", 1006);
});

inItsTab("a_page_that_is_kept_loses_a_connection_being_opened", async () => {
  await go("page.html");
  const connection = await open("/stall");
  await handshakeArrived((await recorded(connection)).key);
  await leaveAndReturn();
  is(await ended(connection), "error terminate", 1006);
  await echoes();
  is(await recorded(connection), "error terminate", 1006);
});

inItsTab("a_page_that_is_kept_ends_a_connection_being_closed", async () => {
  await go("page.html");
  const connection = await opened("/silent");
  await ask((_, at) => page.terminate(at), connection);
  await leaveAndReturn();
  is(await ended(connection), "open terminate", 1006);
  await echoes();
});

async function leaveAndReturn() {
  await go("other.html");
  await driver.navigate().back();
  // Chromium reports why.
  const why = () => ask(() => performance.getEntriesByType("navigation")[0].notRestoredReasons ?? null);
  if (!(await ask(() => page.wasKept())))
    assert.fail(`the page was loaded anew, not kept: ${JSON.stringify(await why())}`);
}

// --- The page is in the background ---

/** Chromium ends the connections of a page that it freezes, and stops its timers. */
inItsTab("a_page_that_was_frozen_is_told_that_its_connection_is_lost", async () => {
  await go("page.html");
  const connection = await openWatched("/echo");
  await driver.sendDevToolsCommand("Page.setWebLifecycleState", { state: "frozen" });
  await driver.sendDevToolsCommand("Page.setWebLifecycleState", { state: "active" });
  is(await ended(connection), "open error terminate", 1006);
  await echoes();
});

/** Timers of a hidden page fire once a second, later than these heartbeats require. */
inItsTab("a_hidden_page_keeps_a_connection_with_a_heartbeat", async () => {
  await go("page.html");
  const connection = await openWatched("/echo");
  const end = await whileHidden(async () => {
    const beats = await ask((_, at) => page.received(at, 3), connection);
    assert.deepEqual(beats, Array(3).fill(HEARTBEAT.message));
    return terminate(connection);
  });
  is({ ...end, sequence: end.sequence.replace(/( message)+/, " messages") }, "open messages terminate", 1000);
});

inItsTab("a_hidden_page_notices_that_its_server_is_silent", async () => {
  await go("page.html");
  const connection = await openWatched("/silent");
  await whileHidden(async () => is(await ended(connection), "open error terminate", 1006));
});

const HEARTBEAT = { message: "?", interval: 400, timeout: 300 };

async function openWatched(path) {
  const connection = await ask((_, path, heartbeat) => page.open(path, { heartbeat }), path, HEARTBEAT);
  await ask((_, at) => page.opened(at), connection);
  return connection;
}

/** Runs a function while the window of the page is minimized. */
async function whileHidden(run) {
  const window = driver.manage().window();
  const { width, height } = await window.getRect();
  await window.minimize();
  try {
    assert.equal(await ask(() => document.visibilityState), "hidden");
    return await run();
  } finally {
    await window.setRect({ width, height });
  }
}

// --- Without a network ---

inItsTab("a_connection_opened_offline_fails", async () => {
  await go("page.html");
  await whileOffline(async () => is(await ended(await open("/echo")), "error terminate", 1006));
  await echoes();
});

/** The peer is silent, as without a network. */
inItsTab("an_open_connection_is_ended_offline_by_terminate", async () => {
  await go("page.html");
  const connection = await ask(() => page.open("/silent", { closeTimeout: 400 }));
  await ask((_, at) => page.opened(at), connection);
  await whileOffline(async () => {
    const start = performance.now();
    is(await terminate(connection), "open terminate", 1006);
    const took = performance.now() - start;
    assert(took < 5000, `it took ${took} ms`);
  });
  await echoes();
});

inItsTab("a_connection_being_opened_is_ended_offline_by_terminate", async () => {
  await go("page.html");
  const connection = await open("/stall");
  await handshakeArrived((await recorded(connection)).key);
  await whileOffline(async () => {
    // The browser may have ended the connection itself.
    const end = await terminate(connection);
    is(end, end.sequence.includes("error") ? "error terminate" : "terminate", 1006);
  });
  await echoes();
});

inItsTab("a_connection_that_was_open_offline_goes_on_or_has_ended", async () => {
  await go("page.html");
  const connection = await opened("/echo");
  await whileOffline(async () => {});
  if ((await recorded(connection)).status === "Connected") await exchanges(connection, "still there");
  else is(await ended(connection), "open error terminate", 1006);
  await echoes();
});

/** Runs a function without a network, and restores the network. */
async function whileOffline(run) {
  await setOffline(driver, browser, true);
  try {
    assert.equal(await ask(() => page.isOnline()), false, "the page still has a network");
    await run();
  } finally {
    await setOffline(driver, browser, false);
  }
}

// --- Queries ---

async function go(name) {
  await driver.get(`${server}/files/pages/${name}`);
  // WebKit's driver returns while the page is still loading. A page that is left then is not kept.
  await ask(() => document.readyState === "complete" || new Promise((loaded) => (window.onload = () => loaded())));
  await ask(() => globalThis.page?.wasKept());
}

const ask = (run, ...values) => askTab(driver, run, values);

/** Opens a connection. Returns its index in the page. */
const open = (path) => ask((_, path) => page.open(path), path);

async function opened(path) {
  const connection = await open(path);
  const { status, sequence } = await ask((_, at) => page.opened(at), connection);
  assert.deepEqual({ status, sequence }, { status: "Connected", sequence: "open" });
  return connection;
}

/** The recording of a connection up to now. */
const recorded = (connection) => ask((_, at) => page.recorded(at), connection);

const ended = (connection) => ask((_, at) => page.ended(at), connection);

async function terminate(connection) {
  await ask((_, at) => page.terminate(at), connection);
  return ended(connection);
}

/** Asserts the callbacks and the code of an ended connection, without violations of the invariants. */
function is({ faults, sequence, code }, expectedSequence, expectedCode) {
  assert.deepEqual({ faults, sequence, code }, { faults: [], sequence: expectedSequence, code: expectedCode });
}

/** An open connection has a message echoed, and ends. */
async function exchanges(connection, message) {
  await ask((_, at, message) => page.send(at, message), connection, message);
  assert.deepEqual(await ask((_, at) => page.received(at), connection), [message]);
  is(await terminate(connection), "open message terminate", 1000);
}

/** A new connection works. */
const echoes = async () => exchanges(await opened("/echo"), "hello");

/** Asserts that the connection has ended for the server, with this close code. */
async function assertServerClosed(key, code) {
  const { close, end } = await (await fetch(`${server}/seen?key=${key}&wait=12000`)).json();
  assert.equal(close?.code, code, `the server saw ${JSON.stringify(close)}, ended by ${end}`);
}

/** Waits until the server has received the handshake. */
async function handshakeArrived(key) {
  const start = performance.now();
  while (performance.now() - start < LIMIT) {
    const { path } = await (await fetch(`${server}/seen?key=${key}&now`)).json();
    if (typeof path === "string") return;
  }
  assert.fail("the connection has not come to the server");
}

// The site of docs/ in Chromium.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import lighthouse, { defaultConfig, desktopConfig } from "lighthouse";
import { By, until as untilIt } from "selenium-webdriver";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { open as openBrowser } from "./driver.js";

const LIMIT = 20_000;

/** The width of a small phone. */
const NARROW = 320;

const PHONE = 390;
const DESKTOP = 1280;

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
  const exchange = ["webSocket = WebSocket.new", "onOpen", 'webSocket.send("Hello world")', "onMessage"];
  await shows(exchange);
  await fill("reason", "enough");
  await click("Terminate");
  await shows([...exchange, 'webSocket.terminate(1000, "enough")', "onTerminate"]);
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

/** The entries of the console for each preset: calls and callbacks. Those that end are waited for. */
const PRESETS = {
  Echoes: ["onOpen"],
  "Speaks first": ["onOpen", "onMessage", "onMessage", "onMessage"],
  Refuses: ["onError", "onTerminate"],
  "Never opens": ["onError", "onTerminate"],
  "Falls silent": ["onOpen", "onError", "onTerminate"],
  "Never says goodbye": ["onOpen"],
  Restarts: ["onOpen", "onTerminate"],
  "Is cut off": ["onOpen", "onError", "onTerminate"],
  "Sends broken JSON": ["onOpen", "onError", "onTerminate"],
};

for (const [name, callbacks] of Object.entries(PRESETS)) {
  it(`a_server_of_the_page_${name.toLowerCase().replaceAll(" ", "_")}`, async () => {
    await open("/try.html");
    await click(name);
    await shows(["webSocket = WebSocket.new", ...callbacks]);
    await showsStatus(callbacks.includes("onTerminate") ? "Closed" : "Connected");
  });
}

it("every_preset_is_tested", async () => {
  await open("/try.html");
  const names = () => [...document.querySelectorAll(".presets button")].map((button) => button.textContent.trim());
  assert.deepEqual(await driver.executeScript(names), Object.keys(PRESETS));
});

it("a_server_of_the_page_sends_back_text_and_bytes_in_order", async () => {
  const file = new URL("../docs-file.bin", SITE);
  writeFileSync(file, "bytes");
  await open("/try.html");
  await click("Echoes");
  await shows(["webSocket = WebSocket.new", "onOpen"]);
  await driver.findElement(By.css("[name=file]")).sendKeys(fileURLToPath(file));
  await click("Send");
  await until(
    () => [...document.querySelectorAll(".console .callback pre")].map((pre) => pre.textContent),
    ([, ...messages]) =>
      messages.length === 2 && messages[0].includes('"bytes"') && messages[1].includes('"Hello world"'),
  );
});

it("a_server_of_the_page_that_never_says_goodbye_is_given_up", async () => {
  await open("/try.html");
  await click("Never says goodbye");
  await showsStatus("Connected");
  await click("Terminate");
  await showsStatus("Closing");
  await showsStatus("Closed");
  assert((await lastValue()).includes('"code": 1006'));
});

it("the_first_screen_of_the_console_offers_servers_and_nothing_else", async () => {
  await withWidth(PHONE, async () => {
    await open("/try.html");
    const start = await driver.executeScript(() => ({
      pressed: [...document.querySelectorAll(".console [aria-pressed=true]")].map((button) => button.textContent),
      below: [...document.querySelectorAll(".presets button")].filter(
        (button) => button.getBoundingClientRect().bottom > innerHeight,
      ).length,
      hint: document.querySelector(".console .hint").textContent,
      items: document.querySelectorAll(".console li").length,
      isDisabled: document.querySelector(".console form button").disabled,
    }));
    const hint = "Click one of them, or type a URL below.";
    assert.deepEqual(start, { pressed: [], below: 0, hint, items: 0, isDisabled: true });
    await click("Echoes");
    await until(
      () => {
        const [pressed] = document.querySelectorAll(".console [aria-pressed=true]");
        return [pressed?.textContent.trim(), document.querySelector(".console form button").disabled];
      },
      ([name, isDisabled]) => name === "Echoes" && !isDisabled,
    );
  });
});

it("the_first_page_runs_its_example", async () => {
  await open("/");
  await driver.findElement(By.xpath("//button[normalize-space()='Run it here']")).click();
  await until(
    () => [...document.querySelectorAll(".example output span")].map((line) => line.textContent),
    (lines) => lines.join() === "received: Hello world,closed with code 1000",
  );
});

it("a_missing_page_is_answered_by_the_site", async () => {
  for (const path of ["/guide/none.html", "/none/"]) {
    assert.equal(await statusOf(`${server}${path}`), 404, path);
    await open(path);
    await until(
      () => document.querySelector("h1")?.textContent,
      (title) => title === "There is no such page",
    );
    const links = () => [...document.querySelectorAll("main a")].map((link) => link.href);
    for (const link of await driver.executeScript(links)) assert.equal(await statusOf(link), 200, link);
  }
});

async function statusOf(url) {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

/** A search by a reader, and a page that has to be among the results. */
const SEARCHES = {
  closeTimeout: "/guide/closing.html",
  react: "/guide/recipes/react.html",
  retry: "/guide/reconnecting.html",
  ping: "/guide/heartbeat.html",
  timeout: "/guide/heartbeat.html",
  vitest: "/guide/testing.html",
};

for (const [query, page] of Object.entries(SEARCHES)) {
  it(`the_search_finds_${query}`, async () => {
    await search(query);
    await until(
      () => [...document.querySelectorAll(".VPLocalSearchBox .result")].map((link) => new URL(link.href).pathname),
      (links) => links.some((link) => link.startsWith(page)),
    );
  });
}

it("the_search_lists_the_guide_before_the_reference", async () => {
  for (const query of ["reconnect", "reconnecting", "heartbeat"]) {
    await search(query);
    await until(
      () => [...document.querySelectorAll(".VPLocalSearchBox .result")].map((link) => new URL(link.href).pathname),
      ([first]) => first?.startsWith("/guide/"),
    );
  }
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
  const wide = [];
  await withWidth(NARROW, async () => {
    for (const page of pages()) {
      await open(page);
      const whole = await driver.executeScript(() => document.documentElement.scrollWidth);
      if (whole > NARROW) wide.push(`${page} is ${whole} px wide at ${NARROW}`);
    }
  });
  assert.deepEqual(wide, []);
});

/** A shadow marks the edge that hides columns. It lies below the cells, so they have to be translucent. */
it("a_wide_table_shows_that_it_scrolls", async () => {
  const hidden = [];
  let wide = 0;
  await withWidth(PHONE, async () => {
    for (const page of pages()) {
      await open(page);
      const tables = await driver.executeScript(() =>
        [...document.querySelectorAll(".vp-doc table")]
          .filter((table) => table.scrollWidth > table.clientWidth)
          .map((table) => {
            const { backgroundImage, backgroundAttachment } = getComputedStyle(table);
            const isOpaque = (element) => {
              const { backgroundColor, position } = getComputedStyle(element);
              return position !== "sticky" && !/^rgba\(.*, 0(?:\.\d+)?\)$/.test(backgroundColor);
            };
            const opaque = [...table.querySelectorAll("tr, th, td")].filter(isOpaque).length;
            const hasShadow = backgroundImage !== "none" && backgroundAttachment === "local, local, scroll, scroll";
            return { opaque, hasShadow };
          }),
      );
      wide += tables.length;
      if (tables.some(({ opaque, hasShadow }) => opaque > 0 || !hasShadow)) hidden.push(page);
    }
  });
  assert.deepEqual(hidden, []);
  assert(wide > 0, "no page has a wide table");
});

it("a_small_table_fits_on_a_phone", async () => {
  await withWidth(PHONE, async () => {
    for (const page of ["/guide/reconnecting.html", "/guide/hosts.html"]) {
      await open(page);
      const [whole, shown] = await driver.executeScript(() => {
        const { scrollWidth, clientWidth } = document.querySelector(".vp-doc table");
        return [scrollWidth, clientWidth];
      });
      assert(whole <= shown, `the first table of ${page} is ${whole} px wide, and ${shown} px are shown`);
    }
  });
});

it("the_names_of_hosts_and_features_stay_in_sight", async () => {
  for (const width of [PHONE, DESKTOP]) {
    await withWidth(width, async () => {
      await open("/guide/support.html");
      const seen = await driver.executeScript(() => {
        const table = document.querySelector(".vp-doc table");
        const bar = document.querySelector(".VPNavBar").getBoundingClientRect();
        scrollTo({ top: table.getBoundingClientRect().top + scrollY - 100, behavior: "instant" });
        table.scrollTo({ top: 500, left: 200, behavior: "instant" });
        if (table.scrollTop === 0) scrollBy({ top: 600, behavior: "instant" });
        const { left, top } = table.getBoundingClientRect();
        const y = Math.max(top, bar.height) + 2;
        // Nothing of a cell behind it is seen beside the first cell.
        const at = (x, y) => document.elementFromPoint(x, y).closest("th, td");
        const hosts = [...table.querySelectorAll("th")].slice(-4, -2);
        const cell = at(left + 2, y + 200);
        return {
          hasScrolled: table.scrollTop + scrollY > 500,
          header: at(left + 2, y).textContent,
          hosts: hosts.map((host) => Math.abs(host.getBoundingClientRect().top - y) < 4),
          isFeature: cell.cellIndex === 0 && Math.abs(cell.getBoundingClientRect().left - left) <= 1,
          isAboveOthers: getComputedStyle(cell).position,
          sideways: document.documentElement.scrollWidth > innerWidth,
        };
      });
      const expected = { hasScrolled: true, header: "Feature", hosts: [true, true], isFeature: true };
      assert.deepEqual(seen, { ...expected, isAboveOthers: "sticky", sideways: false }, `at ${width} px`);
    });
  }
});

/** axe looks at no button that the pointer is on. WCAG 2.2 asks for 4.5. */
it("the_main_buttons_keep_their_contrast_under_the_pointer", async () => {
  for (const scheme of ["light", "dark"]) {
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await driver.sendAndGetDevToolsCommand("Emulation.setEmulatedMedia", { features });
    await open("/");
    for (const button of await driver.findElements(By.css(".action.main, .result button"))) {
      const before = await button.getCssValue("background-color");
      await driver.actions().move({ origin: button }).perform();
      const [text, ground] = [await button.getCssValue("color"), await button.getCssValue("background-color")];
      assert.notEqual(ground, before, "it does not react to the pointer");
      const contrast = contrastOf(text, ground);
      assert(contrast >= 4.5, `${await button.getText()}, ${scheme}: ${text} on ${ground} has ${contrast}`);
    }
  }
  await driver.sendAndGetDevToolsCommand("Emulation.setEmulatedMedia", { features: [] });
});

it("no_page_makes_the_browser_complain", async () => {
  const log = async () => (await driver.manage().logs().get("browser")).map(({ message }) => message);
  // Discards earlier entries of the log, which belong to other pages.
  await log();
  for (const page of pages()) await open(page);
  assert.deepEqual(await log(), []);
});

/** WCAG 2.2 AA, in both colour schemes. axe's rule on the names of buttons is experimental, and does not know that the
    letter of a shortcut is no part of a name. */
it("axe_finds_nothing_on_any_page", async () => {
  const axe = readFileSync(packageFile("tests/browser", "axe-core/axe.min.js"), "utf8");
  const found = [];
  for (const scheme of ["light", "dark"]) {
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await driver.sendAndGetDevToolsCommand("Emulation.setEmulatedMedia", { features });
    for (const page of pages()) {
      await open(page);
      await driver.executeScript(axe);
      const violations = await driver.executeAsyncScript((done) => {
        const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
        const rules = { "label-content-name-mismatch": { enabled: false } };
        axe
          .run({ runOnly: { type: "tag", values }, rules, resultTypes: ["violations"] })
          .then(({ violations }) => done(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)));
      });
      found.push(...violations.map((violation) => `${page}, ${scheme}: ${violation}`));
    }
  }
  await driver.sendAndGetDevToolsCommand("Emulation.setEmulatedMedia", { features: [] });
  assert.deepEqual(found, []);
}).timeout(LIMIT * 10);

/** A page of each layout. axe has looked at all of them. */
const LAYOUTS = ["/", "/guide/support.html", "/try.html", "/reference/fourd-websocket/classes/WebSocket.html"];

for (const page of LAYOUTS) {
  for (const [form, config] of Object.entries({ phone: defaultConfig, desktop: desktopConfig })) {
    it(`lighthouse_gives_${page}_100_on_a_${form}`, async () => {
      const { debuggerAddress } = (await driver.getCapabilities()).get("goog:chromeOptions");
      const flags = {
        port: Number(new URL(`http://${debuggerAddress}`).port),
        onlyCategories: ["accessibility", "best-practices", "seo"],
        disableFullPageScreenshot: true,
        // Nothing here is measured in time.
        ...{ networkQuietThresholdMs: 0, cpuQuietThresholdMs: 0, pauseAfterFcpMs: 0, pauseAfterLoadMs: 0 },
      };
      const { lhr } = await lighthouse(`${server}${page}`, flags, config);
      const audits = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 1);
      const scores = Object.values(lhr.categories).map(({ id, score }) => `${id} ${score * 100}`);
      const expected = ["accessibility 100", "best-practices 100", "seo 100"];
      assert.deepEqual(scores, expected, audits.map(({ id, title }) => `${id}: ${title}`).join("\n"));
    }).timeout(LIMIT * 3);
  }
}

// --- Reading ---

/** Opens a page of the site, and waits until it is ready. */
async function open(page) {
  await driver.get(`${server}${page}`);
  await until(
    () => Boolean(document.querySelector("#app")?.__vue_app__),
    (isReady) => isReady,
  );
}

/** Runs a function while the pages have a width of pixels. */
async function withWidth(width, run) {
  const metrics = { width, height: 844, deviceScaleFactor: 1, mobile: false };
  await driver.sendAndGetDevToolsCommand("Emulation.setDeviceMetricsOverride", metrics);
  await run();
  await driver.sendAndGetDevToolsCommand("Emulation.clearDeviceMetricsOverride");
}

/** Types into the search of the site. */
async function search(query) {
  await open("/guide/data.html");
  await driver.findElement(By.css(".DocSearch-Button, .VPNavBarSearch button")).click();
  const field = await driver.wait(untilIt.elementLocated(By.css("input.search-input")), LIMIT);
  await field.sendKeys(query);
}

/** The contrast of two colours of CSS, as WCAG 2.2 defines it. */
function contrastOf(...colours) {
  const luminances = colours.map((colour) => {
    const [red, green, blue] = colour.match(/\d+/g).map((value) => {
      const part = Number(value) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05);
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

/** Clicks a button of the console, which the bar of the page must not cover. */
async function click(name) {
  const button = await driver.findElement(By.xpath(`//div[@class='console']//button[normalize-space()='${name}']`));
  await driver.executeScript((element) => element.scrollIntoView({ block: "center" }), button);
  await button.click();
}

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

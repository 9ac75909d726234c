// A connection that is lost comes back by itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";

import { Key } from "selenium-webdriver";

import { setOffline } from "../driver.js";
import {
  ask,
  browser,
  click,
  counts,
  driver,
  expect,
  hasFocus,
  hasText,
  join,
  open,
  person,
  room,
  say,
  server,
  shows,
  startServer,
  to,
  type,
} from "./visit.js";

/** Opens a tab on this server for a person, who joins the room. */
async function personOn(server, name) {
  await driver.switchTo().newWindow("tab");
  await driver.get(server.http);
  await join(name);
  return driver.getWindowHandle();
}

const portOf = (server) => new URL(server.http).port;

/** Waits until the page is in the room again. */
async function isBack() {
  await hasText("#status", "Connected");
  await expect(({ $ }) => $("#comeback").hidden && $("#ending").textContent === "" && $("#again").hidden);
}

/** The texts of the log in the tab, without those that are on their way. */
const texts = () => ask(({ texts }) => texts(".log .text"));

it("the_server_is_restarted_under_two_people_who_write_meanwhile", async () => {
  let server = await startServer();
  const ada = await personOn(server, "Ada");
  const grace = await personOn(server, "Grace");
  await say("before");
  await counts(".log .text", 1);
  const expected = ["before"];
  for (let round = 1; round <= 2; round += 1) {
    await to(ada);
    await expect(({ all }, count) => all(".log .text").length === count, expected.length);
    await server.stop();
    for (const [tab, name] of [
      [ada, "Ada"],
      [grace, "Grace"],
    ]) {
      await to(tab);
      await hasText("#status", "Connection lost");
      for (const at of [1, 2]) {
        await say(`${name} ${round}.${at}`);
        expected.push(`${name} ${round}.${at}`);
      }
      await counts(".outgoing [aria-label='On its way']", 2);
    }
    server = await startServer(portOf(server));
    for (const tab of [ada, grace]) {
      await to(tab);
      await ask(({ $ }) => $("#try-now").click());
      await isBack();
    }
    for (const tab of [ada, grace]) {
      await to(tab);
      await counts(".log .text", expected.length);
      await counts(".outgoing .entry", 0);
    }
  }
  const ofGrace = await texts();
  await to(ada);
  assert.deepEqual(await texts(), ofGrace, "one order for both");
  assert.deepEqual(ofGrace.toSorted(), expected.toSorted(), "everything once");
  // No note about people was added.
  await shows(".note", "You joined,Grace joined");
  // Their order is that of their coming back, which the jitter decides.
  await expect(({ texts }) => texts("#people li bdi").toSorted().join() === "Ada,Grace");
  await server.stop();
});

it("who_comes_back_gets_what_was_said_meanwhile_and_goes_on_where_they_were", async () => {
  let server = await startServer();
  await personOn(server, "Ada");
  await say("before");
  await shows(".log .text", "before");
  await type("#message", "half a sen");
  await server.stop();
  // A restart is no alarm.
  await hasText("#comeback .summary", "The chat is restarting.");
  await expect(({ $ }) => /^Trying again( in \d+ s|…)$/.test($("#comeback .countdown").textContent));
  await expect(
    ({ $ }) => $("#ending").textContent === "" && $("#again").hidden && $("#message-error").textContent === "",
  );
  await hasFocus("message");
  await ask(({ $ }) => $("#messages").focus());
  server = await startServer(portOf(server));
  const grace = new WebSocket(`${server.ws}/chat`);
  await new Promise((resolve) => {
    grace.onopen = () => grace.send(JSON.stringify({ kind: "join", name: "Grace", room }));
    grace.onmessage = ({ data }) => {
      if (JSON.parse(data).kind === "joined") grace.send(JSON.stringify({ kind: "say", text: "meanwhile" }));
      else resolve();
    };
  });
  // The page comes back by itself.
  await isBack();
  await shows(".log .text", "before,meanwhile");
  await shows("#people li bdi", "Grace,Ada");
  await hasFocus("messages");
  await type("#message", "tence", Key.ENTER);
  await shows(".log .text", "before,meanwhile,half a sentence");
  grace.close();
  await server.stop();
});

it("who_comes_back_before_the_server_knows_takes_the_same_place", async () => {
  const relay = await startRelay();
  try {
    await driver.switchTo().newWindow("tab");
    await driver.get(relay.http);
    await join("Ada");
    await say("before");
    await shows(".log .text", "before");
    const ada = await driver.getWindowHandle();
    const grace = await person("Grace");
    await to(ada);
    await shows("#people li bdi", "Ada,Grace");
    // The server gets a message, but the page does not get the confirmation. Then the server gets nothing more.
    relay.drop("chat");
    await say("arrived");
    await to(grace);
    await shows(".log .text", "before,arrived");
    await to(ada);
    relay.drop("page");
    await say("lost");
    await counts(".outgoing [aria-label='On its way']", 2);
    // The page loses the connection. The server still has it.
    relay.cut();
    await hasText("#comeback .summary", "Connection lost.");
    await say("meanwhile");
    await isBack();
    await shows(".log .text", "before,arrived,lost,meanwhile");
    await counts(".outgoing .entry", 0);
    await to(grace);
    await shows(".log .text", "before,arrived,lost,meanwhile");
    await shows(".note", "You joined");
    await shows("#people li bdi", "Ada,Grace");
  } finally {
    await relay.stop();
  }
});

/** A relay to the server that can drop what one side of its connections sends, and cut the connections of the page
    without the server learning of it. */
async function startRelay() {
  const pairs = new Set();
  const from = `127.0.0.1:${portOf(server)}`;
  const relay = createServer((page) => {
    const chat = connect(portOf(server), "127.0.0.1");
    const dropped = new Set();
    pairs.add({ page, chat, dropped });
    // The server accepts its own page only: the names of the relay in the head of a request become those of the server.
    page.on("data", (bytes) => {
      if (!dropped.has("page")) chat.write(bytes.toString("latin1").replaceAll(at, from), "latin1");
    });
    chat.on("data", (bytes) => {
      if (!dropped.has("chat")) page.write(bytes);
    });
    chat.on("end", () => page.end());
    for (const socket of [page, chat]) socket.on("error", () => {});
  });
  await once(relay.listen(0, "127.0.0.1"), "listening");
  const at = `127.0.0.1:${relay.address().port}`;
  return {
    http: `http://${at}`,
    drop(side) {
      for (const { dropped } of pairs) dropped.add(side);
    },
    cut() {
      for (const { page } of pairs) page.destroy();
    },
    async stop() {
      for (const { page, chat } of pairs) for (const socket of [page, chat]) socket.destroy();
      relay.close();
      await once(relay, "close");
    },
  };
}

it("who_sends_too_fast_is_told_so_in_the_banner_and_in_the_log", async () => {
  const ada = await person("Ada");
  await person("Grace");
  await to(ada);
  await ask(({ $, write }) => {
    window.banner = new Set();
    const note = () => window.banner.add($("#comeback").hidden ? "" : $("#comeback .summary").textContent);
    new MutationObserver(note).observe($("#comeback"), { subtree: true, childList: true, attributes: true });
    for (let at = 1; at <= 40; at += 1) {
      write("#message", `${at}`);
      $("#composer").requestSubmit();
    }
  });
  await expect(() => window.banner.has("That was too fast."));
  await isBack();
  await shows(".note", "You joined,Grace joined,You were disconnected. That was too fast.");
});

it("leave_ends_the_waiting", async () => {
  const server = await startServer();
  await personOn(server, "Ada");
  await server.stop();
  await hasText("#status", "Connection lost");
  await click("#show-leaving");
  await type("#leaving [name=reason]", "enough", Key.ENTER);
  await hasText("#status", "You left");
  await shows("#ending p", "You left.,enough");
  await expect(({ $ }) => $("#comeback").hidden);
  await click("#show-drawer");
  await hasText("#drawer li:last-child h3", "onStop");
  await ask(({ $ }) => void ($("#drawer li:last-child details").open = true));
  await hasText("#drawer li:last-child .step-status", "Closed");
});

it("a_name_that_is_refused_on_return_stops_and_is_asked_for_again", async () => {
  let server = await startServer();
  await personOn(server, "Ada");
  await say("before");
  await shows(".log .text", "before");
  await server.stop();
  await hasText("#status", "Connection lost");
  server = await startServer(portOf(server));
  const other = new WebSocket(`${server.ws}/chat`);
  await new Promise((joined) => {
    other.onopen = () => other.send(JSON.stringify({ kind: "join", name: "Ada", room }));
    other.onmessage = joined;
  });
  await hasText("#name-error", "Somebody in the room has this name already.");
  await hasFocus("name");
  await hasText("#status", "Not connected");
  await click("#show-drawer");
  await hasText("#drawer li:last-child h3", "onStop");
  await click("#drawer .title button");
  await ask(({ write }) => write("#joining [name=name]", "Adele"));
  await hasText("#name-error", "");
  await click("#joining .primary");
  await hasText("#status", "Connected");
  // The room is the same. Its earlier messages are still there.
  await shows(".log .text", "before");
  other.close();
  await server.stop();
});

it("the_drawer_explains_a_retry", async () => {
  let server = await startServer();
  await personOn(server, "Ada");
  await server.stop();
  await hasText("#status", "Connection lost");
  await click("#show-drawer");
  const retry = /^The connection ended with the code 1001\. Attempt 1 follows in \d+\.\d s, a random time/;
  await expect(
    ({ all }, retry) =>
      all("#drawer li[data-name=onRetry] .preview").some(({ textContent }) => new RegExp(retry).test(textContent)),
    retry.source,
  );
  server = await startServer(portOf(server));
  await expect(({ $, texts }) => {
    $("#try-now").click();
    return texts("#drawer h3").includes("socket.retryNow");
  });
  await isBack();
  await server.stop();
});

it("offline_it_waits_and_with_the_network_it_comes_back", async () => {
  let server = await startServer();
  await personOn(server, "Ada");
  await say("before");
  await shows(".log .text", "before");
  await setOffline(driver, browser, true);
  try {
    await expect(() => !navigator.onLine);
    await server.stop();
    await hasText("#status", "Offline");
    await shows("#comeback .summary", "You are offline.");
    await hasText("#comeback .countdown", "The chat comes back with the network.");
    await expect(({ $ }) => $("#try-now").disabled);
    await say("written offline");
    server = await startServer(portOf(server));
  } finally {
    await setOffline(driver, browser, false);
  }
  await isBack();
  await shows(".log .text", "before,written offline");
  await server.stop();
});

it("a_page_that_was_frozen_while_the_server_was_restarted_misses_nothing", async () => {
  let server = await startServer();
  const ada = await personOn(server, "Ada");
  await say("before");
  await shows(".log .text", "before");
  await driver.sendDevToolsCommand("Page.setWebLifecycleState", { state: "frozen" });
  await server.stop();
  server = await startServer(portOf(server));
  const grace = new WebSocket(`${server.ws}/chat`);
  await new Promise((resolve) => {
    grace.onopen = () => grace.send(JSON.stringify({ kind: "join", name: "Grace", room }));
    grace.onmessage = ({ data }) => {
      if (JSON.parse(data).kind === "joined") grace.send(JSON.stringify({ kind: "say", text: "meanwhile" }));
      else resolve();
    };
  });
  await driver.sendDevToolsCommand("Page.setWebLifecycleState", { state: "active" });
  // A tab that was frozen draws nothing until it is chosen.
  await driver.switchTo().newWindow("tab");
  await to(ada);
  await isBack();
  await shows(".log .text", "before,meanwhile");
  grace.close();
  await server.stop();
});

it("a_page_from_the_back_forward_cache_comes_back", async () => {
  const ada = await person("Ada");
  await say("before");
  await shows(".log .text", "before");
  await ask(() => {
    window.isThisPage = true;
    addEventListener("pageshow", ({ persisted }) => void (window.isPersisted = persisted));
  });
  await driver.get(`${server.http}/?room=elsewhere`);
  await open();
  await join("Grace");
  await say("meanwhile");
  await shows(".log .own .text", "meanwhile");
  await to(ada);
  await driver.navigate().back();
  const isSame = await ask(() => window.isThisPage === true);
  if (!isSame) {
    // The browser has not kept the page. It is a new one, with the name and the room.
    await click("#joining .primary");
  }
  await isBack();
  await shows(".log .text", "before,meanwhile");
  await shows("#people li bdi", "Grace,Ada");
});

it("a_clock_that_jumps_breaks_nothing", async () => {
  await open();
  await ask(() => {
    let jumped = 0;
    const [now, date] = [performance.now.bind(performance), Date.now];
    performance.now = () => now() + jumped;
    Date.now = () => date() + jumped;
    window.jump = (ms) => void (jumped += ms);
  });
  await join("Ada");
  await ask(async ({ person }, room) => void (window.grace = await person("Grace", room)), room);
  for (const hours of [1, -2, 24]) {
    await ask((_, hours) => window.jump(hours * 3_600_000), hours);
    await ask(({ say }, hours) => say(window.grace, `after ${hours} h`), hours);
    await say(`own after ${hours} h`);
    await expect(({ texts }, hours) => texts(".log .text").at(-1) === `own after ${hours} h`, hours);
    await hasText("#status", "Connected");
  }
  await counts(".log .text", 6);
  await expect(({ $ }) => $("#comeback").hidden);
});

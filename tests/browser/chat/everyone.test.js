// Accessibility: keyboard, screen readers, widths, scripts, light and dark schemes.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { Key } from "selenium-webdriver";

import { packageFile } from "../../harness/packages.js";
import {
  ask,
  click,
  counts,
  driver,
  expect,
  find,
  fits,
  hasFocus,
  hasText,
  hasValue,
  join,
  joined,
  leave,
  open,
  person,
  picture,
  prefer,
  press,
  pressShifted,
  room,
  SIZES,
  say,
  shows,
  size,
  startServer,
} from "./visit.js";

/** The directory of the screenshots. */
const SCREENSHOTS = new URL("../../../target/chat/", import.meta.url);

it("the_keyboard_alone_does_everything", async () => {
  await open();
  await hasFocus("name");
  await press(`Ada${Key.TAB}`);
  await hasFocus("room");
  await ask(() => document.activeElement.select());
  await press(`${room}${Key.ENTER}`);
  await joined();
  await press(`by keys${Key.ENTER}`);
  await shows(".own .text", "by keys");
  // Shift and Enter insert a line break. During a composition, Enter ends the composition.
  await press("a line");
  await ask(({ $ }) => {
    $("#message").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }));
  });
  await pressShifted(Key.ENTER);
  await press("and more");
  await hasValue("#message", "a line\nand more");
  await ask(({ write }) => write("#message", ""));

  await reach("show-leaving");
  await press(Key.ENTER);
  await expect(({ $ }) => $("#leaving").open && document.activeElement.name === "reason");
  await press(Key.ESCAPE);
  await expect(({ $ }) => !$("#leaving").open && document.activeElement.id === "show-leaving");

  await reach("show-drawer");
  await press(Key.ENTER);
  await expect(({ $ }) => $("#drawer").open && $("#show-drawer").ariaExpanded === "true");
  await expect(({ $ }) => $("#drawer").contains(document.activeElement));
  await press(Key.ESCAPE);
  await expect(({ $ }) => !$("#drawer").open && document.activeElement.id === "show-drawer");

  await press(Key.TAB);
  await hasFocus("show-leaving");
  await press(Key.ENTER);
  await press(`bye${Key.ENTER}`);
  await shows("#ending p", "You left.,bye");
  await hasFocus("join-again");
  await press(Key.ENTER);
  await joined();
});

/** Goes back with Tab until the element has the focus. */
async function reach(id) {
  for (let tabs = 0; tabs < 20; tabs += 1) {
    if ((await ask(() => document.activeElement.id)) === id) return;
    await pressShifted(Key.TAB);
  }
  assert.fail(`Tab does not come to ${id}`);
}

it("the_focus_rings_of_the_drawer_touch_no_letters", async () => {
  await person("Ada");
  await say("look");
  await shows(".log .text", "look");
  await click("#show-drawer");
  // The drawer shows the steps in a frame of its own.
  await expect(({ all }) => {
    for (const step of all("#drawer details")) step.open = true;
    return all("#drawer .value summary").length > 0;
  });
  await ask(({ all }) => all("#drawer details").forEach((step) => void (step.open = true)));
  await ask(({ $ }) => $("#drawer .steps").focus());
  let count = 0;
  for (;;) {
    await press(Key.TAB);
    const touched = await ask(({ $ }) => {
      const summary = document.activeElement.closest(".steps summary");
      if (!summary) return null;
      const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(summary);
      if (outlineStyle === "none") return ["no ring"];
      const box = summary.getBoundingClientRect();
      const inner = parseFloat(outlineOffset);
      const outer = inner + parseFloat(outlineWidth);
      const touched = [];
      const texts = document.createTreeWalker($(".steps"), NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        for (const { top, bottom, width } of range.getClientRects()) {
          const isApart = top >= box.bottom + outer + 1 || bottom <= box.top - outer - 1;
          const isInside = top >= box.top - inner + 1 && bottom <= box.bottom + inner - 1;
          if (width > 0 && !isApart && !isInside) touched.push(texts.currentNode.data);
        }
      }
      return touched;
    });
    if (!touched) break;
    count += 1;
    assert.deepEqual(touched, []);
  }
  assert.equal(count, await ask(({ all }) => all("#drawer .steps summary").length));
});

it("everything_has_its_role_and_name", async () => {
  await open();
  await is("[name=name]", "textbox", "Name");
  await is("[name=room]", "textbox", "Room");
  await is("#joining .primary", "button", "Join");
  await join("Ada");
  await is("#messages", "log", "Messages");
  await is("#message", "textbox", "Message");
  await is("#composer .primary", "button", "Send");
  await is("#choose-picture", "button", "Send a picture");
  await is("#show-leaving", "button", "Leave");
  await is("#show-drawer", "button", "Callbacks");
  await is("#status", "status", "");
  await is("#people ul", "list", "People 1");
  await hasText("#status", "Connected");
  await click("#show-leaving");
  await is("#leaving", "dialog", "Leave the room");
  await is("#leaving [name=reason]", "textbox", "Reason");
  await click("#leaving summary");
  await is("#leaving [name=code]", "textbox", "Code");
  await click("#leaving .primary");
  await expect(({ $ }) => !$("#again").hidden);
  await is("#ending", "alert", "");
  await is("#join-again", "button", "Join again");
});

/** Asserts the role and the name that the browser reports to assistive technology. */
async function is(selector, role, name) {
  const element = await find(selector);
  const reported = [await element.getAriaRole(), await element.getAccessibleName()];
  assert.deepEqual(reported, [role, name], selector);
}

it("axe_finds_nothing_in_any_state", async () => {
  await open();
  await driver.executeScript(readFileSync(packageFile("tests/browser", "axe-core/axe.min.js"), "utf8"));
  await look("joining");
  await join("Ada", "Harbour");
  await look("empty");
  await conversation();
  await expect(({ $, all }) => all(".picture img").length === 1 && $(".picture img").complete);
  await look("talk");
  await size(SIZES[2]);
  await click("#show-drawer");
  await expect(({ all }) => all("#drawer li").length > 10);
  // The drawer is beside the room if there is space, and covers it otherwise.
  for (const [metrics, isModal] of [
    [SIZES[2], false],
    [SIZES[0], true],
    [SIZES[2], false],
  ]) {
    await size(metrics);
    await expect(({ $ }, isModal) => $("#drawer").open && $("#drawer").matches(":modal") === isModal, isModal);
    await expect(({ $ }) => $("#show-drawer").ariaExpanded === "true");
  }
  await click("#drawer li:last-child summary");
  await expect(({ $ }) => $("#drawer li:last-child .code")?.textContent.startsWith("onMessage(ws, event) {"));
  await look("drawer");
  await click("#drawer .title button");
  await click("#show-leaving");
  await ask(({ write }) => write("#leaving [name=code]", "1001"));
  await click("#leaving .primary");
  await expect(({ $ }) => $("#code-error").textContent !== "");
  await look("leaving");
  await ask(({ write }) => {
    write("#leaving [name=code]", "1000");
    write("#leaving [name=reason]", "Off to the ferry");
  });
  await click("#leaving .primary");
  await expect(({ $ }) => !$("#again").hidden);
  await look("ended");
  await click("#join-elsewhere");
  await ask(({ write }) => write("[name=name]", "Grace"));
  await click("#joining .primary");
  await hasText("#name-error", "Somebody in the room has this name already.");
  await look("refused");
});

it("axe_finds_nothing_while_the_connection_is_lost", async () => {
  const server = await startServer();
  await driver.get(server.http);
  await driver.executeScript(readFileSync(packageFile("tests/browser", "axe-core/axe.min.js"), "utf8"));
  await join("Ada", "Harbour");
  await conversation();
  await counts(".outgoing .entry", 0);
  await server.stop();
  await expect(({ $ }) => !$("#comeback").hidden);
  await say("See you there");
  await counts(".outgoing .entry", 1);
  await look("waiting");
  await ask(() => {
    Object.defineProperty(navigator, "onLine", { configurable: true, value: false });
    dispatchEvent(new Event("offline"));
  });
  await hasText("#status", "Offline");
  await look("offline");
  await leave();
  await counts(".not-sent", 1);
  await look("unsent");
});

/** A conversation for the screenshots: people, their messages, a picture. */
const conversation = () =>
  ask(async ({ $, all, person, say, until, write }, picture) => {
    const next = async (send) => {
      const before = all(".entry").length;
      send();
      await until(() => all(".entry").length > before);
    };
    const writeOwn = (text) =>
      next(() => {
        write("#message", text);
        $("#composer").requestSubmit();
      });
    const grace = await person("Grace", "Harbour");
    await person("Linus", "Harbour");
    await next(() => say(grace, "Good morning! Is the release still planned for today?"));
    await writeOwn("Yes. The last run is green on all fourteen hosts.");
    await writeOwn("I only want to look at the drawer once more");
    await next(() => say(grace, "Take your time. This is where we meet afterwards:"));
    await next(() => grace.send(new Blob([new Uint8Array(picture)])));
    const layla = await person("ليلى", "Harbour");
    await next(() => say(layla, "صباح الخير! متى نلتقي اليوم؟"));
    await writeOwn("At noon, in front of the old crane. Bring something to read, the ferry is late on Sundays.");
  }, picture);

/** Checks the page at every size, light and dark. axe reports nothing, and nothing overflows. Takes a screenshot of
    each. */
async function look(state) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  for (const metrics of SIZES) {
    await size(metrics);
    for (const scheme of ["light", "dark"]) {
      await prefer("prefers-color-scheme", scheme);
      // The dot of a connection that is not open yet has an endless animation.
      await expect(() => document.getAnimations().every(({ animationName }) => animationName === "waiting"));
      for (const box of ["html", "#messages", "#drawer .steps"]) await fits(box);
      // axe would report the same for the size in between.
      if (metrics !== SIZES[1]) {
        const { violations } = await ask(() => axe.run());
        assert.deepEqual(violations, [], `${state} at ${metrics.width} pixels, ${scheme}`);
      }
      const file = new URL(`${state}-${metrics.width}-${scheme}.png`, SCREENSHOTS);
      writeFileSync(file, await driver.takeScreenshot(), "base64");
    }
  }
}

it("motion_is_for_those_who_want_it", async () => {
  await open();
  await ask(({ $ }) => void ($("#status").dataset.tone = "busy"));
  const motion = () =>
    ask(({ $ }) => {
      const entry = Object.assign(document.createElement("div"), { className: "entry new" });
      $(".log").append(entry);
      const coming = getComputedStyle(entry).animationName;
      entry.remove();
      const { transitionDuration } = getComputedStyle($("button"));
      return [getComputedStyle($("#status"), "::before").animationName, transitionDuration, coming];
    });
  await prefer("prefers-reduced-motion", "no-preference");
  assert.deepEqual(await motion(), ["waiting", "0.15s", "coming"]);
  await prefer("prefers-reduced-motion", "reduce");
  assert.deepEqual(await motion(), ["none", "0s", "none"]);
});

it("names_words_and_scripts_of_any_kind_fit_into_320_pixels", async () => {
  const room = "Donaudampfschifffahrtsgesellscha";
  const names = ["Wolfeschlegelsteinhausenbergerdo", "👩‍👩‍👧‍👦🎉", "ليلى", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"];
  const texts = [
    "x".repeat(2000),
    `${"صباح الخير ".repeat(20)} اليوم abc שלום`,
    "👩‍👩‍👧‍👦".repeat(200),
    `https://example.org/${"a/".repeat(300)}`,
    "line\nline\n\n    indented",
  ];
  await open();
  await size(SIZES[0]);
  await join("Ada", room);
  for (const text of texts) {
    await ask(({ $, write }, text) => {
      write("#message", text);
      $("#composer").requestSubmit();
    }, text);
  }
  for (const name of names) {
    await ask(
      async ({ person, say }, name, room, texts) => {
        const socket = await person(name, room);
        texts.forEach((text) => say(socket, text));
      },
      name,
      room,
      texts,
    );
  }
  await counts(".entry", 25);
  const directions = await ask(({ all }) => all(".own .text").map((text) => getComputedStyle(text).direction));
  assert.deepEqual(directions.slice(0, 2), ["ltr", "rtl"], "a text runs the wrong way");
  for (const metrics of [SIZES[0], SIZES[2]]) {
    await size(metrics);
    for (const box of ["html", "#messages"]) await fits(box);
    await click("#show-drawer");
    await fits("#drawer .steps");
    await click("#drawer .title button");
  }
});

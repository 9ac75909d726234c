// The appearance of the room, and the reader's actions in it.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { Key } from "selenium-webdriver";

import {
  ask,
  click,
  counts,
  driver,
  expect,
  find,
  fits,
  hasText,
  hasValue,
  isAtEnd,
  join,
  leave,
  open,
  PICTURE,
  person,
  picture,
  prefer,
  room,
  SIZES,
  say,
  server,
  shows,
  size,
  to,
  type,
} from "./visit.js";

it("few_messages_stand_at_the_bottom", async () => {
  await person("Ada");
  await say("one");
  await counts(".log .entry", 1);
  const gap = () =>
    ask(
      ({ $ }) =>
        $("#messages").getBoundingClientRect().bottom - $(".log").lastElementChild.getBoundingClientRect().bottom,
    );
  const [one, ...more] = [await gap()];
  for (const text of ["two", "three"]) {
    await say(text);
    await expect(({ texts }, text) => texts(".log .text").includes(text), text);
    more.push(await gap());
  }
  assert(one < 40 && more.every((gap) => Math.abs(gap - one) < 1), `${[one, ...more]}`);
});

it("a_run_of_messages_has_its_time_once", async () => {
  const ada = await person("Ada");
  await person("Grace");
  for (const text of ["one", "two", "three"]) await say(text);
  await counts(".log .own .entry", 3);
  await to(ada);
  await shows(".log .text", "one,two,three");
  await counts(".log time", 1);
  // The title of each message has its own time.
  await expect(({ all }) => all(".log .entry").every(({ title }) => /\d/.test(title)));
});

it("a_picture_keeps_its_proportions_and_opens_large_by_click_and_key", async () => {
  await person("Ada");
  await type("#picture", fileURLToPath(PICTURE));
  await expect(({ $ }) => $(".log .picture img")?.naturalWidth === 640);
  const proportion = (selector) =>
    ask(({ $ }, selector) => {
      const { width, height } = $(selector).getBoundingClientRect();
      return [width / height, width];
    }, selector);
  const [small, width] = await proportion(".log .picture img");
  assert(Math.abs(small - 4 / 3) < 0.02 && width <= 288, `${small} at ${width}`);
  await click(".log .picture");
  await expect(
    ({ $ }) => $("#viewer").open && $("#viewer img").complete && $("#viewer img").alt === "Picture from Ada",
  );
  const [large, wide] = await proportion("#viewer img");
  assert(Math.abs(large - 4 / 3) < 0.02 && wide > width, `${large} at ${wide}`);
  await click("#viewer img");
  await expect(({ $ }) => !$("#viewer").open && document.activeElement.matches(".picture"));
  await find(".log .picture").sendKeys(Key.ENTER);
  await expect(({ $ }) => $("#viewer").open);
  await find("#viewer button").sendKeys(Key.ESCAPE);
  await expect(({ $ }) => !$("#viewer").open && document.activeElement.matches(".picture"));
  // The tab has not left the page.
  await shows("#title", room);
});

it("a_link_in_a_message_leads_out_and_no_script_runs", async () => {
  const ada = await person("Ada");
  await person("Grace");
  await say("look: https://a.example/b?c=1, and javascript:alert(1)");
  await to(ada);
  await shows(".text a", "https://a.example/b?c=1");
  const link = await ask(({ $ }) => [$(".text a").href, $(".text a").rel, $(".text a").target]);
  assert.deepEqual(link, ["https://a.example/b?c=1", "noopener noreferrer", "_blank"]);
  await shows(".text", "look: https://a.example/b?c=1, and javascript:alert(1)");
});

it("every_colour_of_a_person_has_a_contrast_of_4_5_to_1_in_light_and_dark", async () => {
  await person("Ada");
  for (const scheme of ["light", "dark"]) {
    await prefer("prefers-color-scheme", scheme);
    const contrasts = await ask(async ({ $, until }) => {
      const { COLOURS } = await import("/person.js");
      const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const luminance = (colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
          const part = value / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
      };
      await until(() => true);
      const paper = getComputedStyle(document.body).backgroundColor;
      const colours = new Set();
      const least = [...Array(COLOURS)].map((_, at) => {
        const portrait = Object.assign(document.createElement("span"), { className: `portrait person-${at}` });
        $(".log").append(portrait);
        const { color, backgroundColor } = getComputedStyle(portrait);
        colours.add(color);
        portrait.remove();
        return Math.min(contrast(color, backgroundColor), contrast(color, paper));
      });
      return { least: Math.min(...least), colours: colours.size, count: COLOURS };
    });
    assert(contrasts.least >= 4.5 && contrasts.colours === contrasts.count, `${scheme}: ${JSON.stringify(contrasts)}`);
  }
});

it("a_person_has_the_same_colour_everywhere", async () => {
  const ada = await person("Ada");
  await person("Grace");
  await say("hello");
  await to(ada);
  await counts(".log .entry", 1);
  const colours = await ask(({ all }) => {
    const portraits = all("#people .portrait, .log .portrait").filter((portrait) => portrait.textContent === "G");
    return [...portraits, ...all(".log .name")].map((element) => getComputedStyle(element).color);
  });
  assert(colours.length === 3 && new Set(colours).size === 1, `${colours}`);
});

it("an_empty_room_invites_with_a_link_that_leads_into_it", async () => {
  const ada = await person("Ada");
  const link = await ask(({ $ }) => $("#invitation a").href);
  assert.equal(link, `${server.http}/?${new URLSearchParams({ room })}`);
  assert.equal(await driver.getCurrentUrl(), link);
  await click("#invitation button");
  await expect(({ $ }) => $("#invitation [role=status]").textContent !== "");
  await open();
  await driver.get(link);
  await hasValue("#joining [name=room]", room);
  await type("#joining [name=name]", "Grace", Key.ENTER);
  await shows("#title", room);
  await expect(({ $ }) => $("#invitation").hidden);
  await to(ada);
  await expect(({ $ }) => $("#invitation").hidden);
});

it("everything_to_touch_is_44_pixels_large_in_320_pixels", async () => {
  const small = async (selector) => {
    const found = await ask(({ all }, selector) => {
      const touched = "button, select, summary, input:not([type=file]), .picture, .field";
      return all(touched)
        .filter((element) => element.checkVisibility() && element.closest(selector))
        .map((element) => [
          element.id || element.className || element.name || element.textContent.slice(0, 20),
          element.getBoundingClientRect(),
        ])
        .map(([name, { width, height }]) => ({ name, width, height }));
    }, selector);
    assert(found.length > 0, `nothing to touch in ${selector}`);
    assert.deepEqual(
      found.filter(({ width, height }) => width < 44 || height < 44),
      [],
      selector,
    );
  };
  await open();
  await size(SIZES[0]);
  await small("body");
  await join("Ada");
  await small("body");
  await ask(
    async ({ person }, room, picture) => {
      const grace = await person("Grace", room);
      grace.send(new Blob([new Uint8Array(picture)]));
    },
    room,
    picture,
  );
  await expect(({ $ }) => $(".picture img")?.complete);
  await small("#conversation");
  // The page refers to the button by this name.
  await expect(({ $ }) => $("#show-drawer").innerText.trim() === "Callbacks");
  await click("#show-drawer");
  await expect(({ all }) => all("#drawer li").length > 3);
  await small("#drawer");
  await click("#drawer .title button");
  await click("#show-leaving");
  await click("#leaving summary");
  await small("#leaving");
  await click("#stay");
  await leave();
  await small("body");
});

it("a_zoomed_page_has_the_people_and_room_to_write", async () => {
  await person("Ada");
  await ask(async ({ person, say }, room) => {
    const grace = await person("Grace", room);
    for (let at = 0; at < 19; at += 1) say(grace, `line ${at}`);
  }, room);
  await counts(".log .entry", 19);
  const isInView = (selector) =>
    ask(({ $ }, selector) => {
      const { top, bottom } = $(selector).getBoundingClientRect();
      const hit = document.elementFromPoint(innerWidth / 2, (top + bottom) / 2);
      return top >= 0 && bottom <= innerHeight && bottom > top && hit?.closest(selector) !== null;
    }, selector);
  // A desktop at 200 %, a phone with its keyboard, and a desktop at 400 %.
  for (const metrics of [
    { width: 640, height: 400 },
    { width: 390, height: 400 },
    { width: 320, height: 200 },
  ]) {
    await size(metrics);
    const isScrolled = metrics.height < 288;
    assert.equal(await ask(({ $ }) => $("html").scrollHeight > innerHeight), isScrolled, `${metrics.height}`);
    await ask(({ $ }) => $("#people").scrollIntoView());
    await shows("#people li bdi", "Ada,Grace");
    assert(await isInView("#people"), `the people at ${metrics.height} pixels`);
    await ask(({ $ }) => $("header").scrollIntoView());
    assert(await isInView("header"), `the header at ${metrics.height} pixels`);
    await ask(({ $ }) => $("#message").blur());
    await click("#message");
    assert(await isInView("#message"), `the message field at ${metrics.height} pixels`);
    const height = await ask(({ $ }) => $("#messages").clientHeight);
    assert(height > 100, `${height} pixels for messages at ${metrics.height}`);
    await isAtEnd("#messages");
    for (const box of ["html", "#messages"]) await fits(box);
  }
});

it("the_field_grows_with_its_text_and_shrinks_again", async () => {
  await person("Ada");
  const height = () => ask(({ $ }) => $("#message").getBoundingClientRect().height);
  const one = await height();
  await ask(({ write }) => write("#message", "1\n2\n3"));
  const three = await height();
  assert(three > one * 1.8, `${three} after ${one}`);
  await ask(({ write }) => write("#message", "line\n".repeat(50)));
  const most = await height();
  assert(most > three && most < 200, `${most}`);
  await type("#message", Key.ENTER);
  await counts(".log .own .entry", 1);
  assert.equal(await height(), one);
});

it("the_title_counts_what_is_not_seen", async () => {
  await person("Ada");
  const titled = (title) => expect((_, title) => document.title === title, `${title}${room} – fourd-websocket`);
  const turn = (visibility) =>
    ask((_, visibility) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, value: visibility });
      document.dispatchEvent(new Event("visibilitychange"));
    }, visibility);
  await titled("");
  await ask(async ({ person }, room) => void (window.grace = await person("Grace", room)), room);
  await ask(({ say }) => say(window.grace, "seen"));
  await counts(".log .entry", 1);
  await titled("");
  await turn("hidden");
  await ask(({ say }) => ["one", "two"].forEach((text) => say(window.grace, text)));
  await titled("(2) ");
  await turn("visible");
  await titled("");
  await isAtEnd("#messages");
});

it("the_heartbeat_is_explained_as_it_happens", async () => {
  await open();
  await driver.sendAndGetDevToolsCommand("Page.addScriptToEvaluateOnNewDocument", {
    source:
      "{ const later = setTimeout; setTimeout = (run, ms, ...more) => later(run, ms > 20000 ? 300 : ms, ...more); }",
  });
  await driver.navigate().refresh();
  await join("Ada");
  await click("#show-drawer");
  await expect(({ texts }) =>
    texts("#drawer li").some((step) => step.startsWith("heartbeat") && step.includes("Nothing has come for 25 s")),
  );
  await expect(({ texts }) => texts("#drawer .preview").includes('{"kind":"pong"}'));
  await hasText("#status", "Connected");
});

// The end of the connection.

import assert from "node:assert/strict";

import { Key } from "selenium-webdriver";

import {
  ask,
  click,
  counts,
  driver,
  expect,
  find,
  hasFocus,
  hasText,
  hasValue,
  join,
  joined,
  leave,
  notes,
  open,
  person,
  room,
  say,
  shows,
  startServer,
  to,
  type,
} from "./visit.js";

it("one_leaves_with_a_reason_and_joins_again", async () => {
  const ada = await person("Ada");
  await say("I was here");
  const grace = await person("Grace");
  await to(ada);
  await click("#show-leaving");
  await hasFocus("reason");
  await type("#leaving [name=reason]", "lunch", Key.ENTER);
  await hasText("#status", "You left");
  await shows("#ending p", "You left.,lunch");
  await hasFocus("join-again");
  await to(grace);
  await notes("Ada left: lunch");
  await shows("#people li bdi", "Grace");
  await say("she is gone");
  await to(ada);
  await find("#join-again").click();
  await joined();
  // Entries that are still in the page are not shown twice. Entries that arrived meanwhile are shown.
  await shows(".text", "I was here,she is gone");
  await expect(({ $ }) => $("#ending").textContent === "" && $("#again").hidden);
  await to(grace);
  await notes("Ada joined");
});

it("a_wrong_code_is_told_and_nothing_is_lost", async () => {
  await person("Ada");
  await type("#message", "half a");
  await click("#show-leaving");
  const code = "This code cannot be used. Take 1000, or a number from 3000 to 4999.";
  for (const [number, reason, place, message] of [
    ["1001", "bye", "code", code],
    ["one", "bye", "code", code],
    ["1000", "é".repeat(62), "reason", "The reason is too long. Shorten it, please."],
  ]) {
    await ask(
      ({ write }, code, reason) => {
        write("#leaving [name=code]", code);
        write("#leaving [name=reason]", reason);
      },
      number,
      reason,
    );
    await click("#leaving .primary");
    await hasText(`#${place}-error`, message);
    await expect(({ $ }, place) => $(`#leaving [name=${place}]`).checkVisibility(), place);
    await expect(({ $ }, place) => {
      const field = $(`#leaving [name=${place}]`);
      return document.activeElement === field && field.ariaInvalid === "true";
    }, place);
    await hasValue("#leaving [name=reason]", reason);
    await hasText("#status", "Connected");
    await hasValue("#message", "half a");
  }
  await ask(({ write }) => write("#leaving [name=reason]", "é".repeat(61)));
  await click("#leaving .primary");
  await hasText("#status", "You left");
  await hasText("#ending .summary", "You left.");
});

it("a_refused_name_is_told_at_the_name", async () => {
  const ada = await person("Ada");
  const other = await open();
  await ask(({ write }, room) => {
    write("[name=name]", " ADA ");
    write("[name=room]", room);
  }, room);
  await click("#joining .primary");
  await hasText("#name-error", "Somebody in the room has this name already.");
  await expect(() => document.activeElement.name === "name" && document.activeElement.ariaInvalid === "true");
  await expect(({ $ }) => !$("#joining .primary").disabled && $("#room").hidden);
  await ask(({ write }) => write("[name=room]", "x".repeat(33)));
  await click("#joining .primary");
  await hasText("#name-error", "");
  await hasText("#room-error", "The name of a room has 1 to 32 characters.");
  await hasFocus("room");
  await ask(({ write }) => write("[name=name]", " "));
  await click("#joining .primary");
  await hasText("#name-error", "Your name, please.");
  await join("Grace");
  await hasText("#name-error", "");
  // The first tab has only received the new join.
  await to(ada);
  await shows(".note", "You joined,Grace joined");
  await to(other);
});

it("a_draft_survives_a_reload_and_the_end", async () => {
  await person("Ada");
  await type("#message", "half a sentence");
  await driver.navigate().refresh();
  // The name and the room are still there.
  await expect(() => document.activeElement.textContent === "Join");
  await click("#joining .primary");
  await joined();
  await hasValue("#message", "half a sentence");
  await leave();
  await hasValue("#message", "half a sentence");
  await click("#join-elsewhere");
  await join("Ada");
  await hasValue("#message", "half a sentence");
  await type("#message", Key.ENTER);
  await expect(({ texts }) => texts(".log .own .text").includes("half a sentence"));
  await driver.navigate().refresh();
  await join("Ada");
  await hasValue("#message", "");
});

it("what_the_server_did_not_get_stands_as_not_sent_and_is_sent_again", async () => {
  const server = await startServer();
  await driver.get(server.http);
  await join("Ada");
  await say("answered");
  await shows(".log .own .text", "answered");
  await server.stop();
  await hasText("#status", "Connection lost");
  for (const text of ["one", "two"]) await say(text);
  await type("#message", "three");
  await shows(".outgoing .text", "one,two");
  await counts(".outgoing [aria-label='On its way']", 2);
  // After leaving, no message waits to be sent.
  await leave();
  await shows(".not-sent span", "Not sent,Not sent");
  await hasValue("#message", "three");
  await click(".not-sent button");
  await hasText("#message-error", "You are not in the room. Join again to send this.");
  await shows(".not-sent span", "Not sent,Not sent");
  const next = await startServer(new URL(server.http).port);
  await click("#join-again");
  await joined();
  await hasText("#message-error", "");
  await ask(({ all }) => all(".not-sent button")[1].click());
  await shows(".log .own .text", "answered,two");
  await shows(".outgoing .text", "one");
  // A page that is loaded again has the message as a draft.
  await driver.navigate().refresh();
  await join("Ada");
  await hasValue("#message", "one\nthree");
  await next.stop();
});

it("a_chat_that_cannot_be_reached_is_told_where_one_joins", async () => {
  const server = await startServer();
  await driver.get(server.http);
  await join("Ada");
  await leave();
  await server.stop();
  await click("#join-elsewhere");
  await click("#joining .primary");
  await hasText("#joining-error", "The chat cannot be reached. Join again in a moment.");
  await hasText("#status", "Not connected");
  let next = await startServer(new URL(server.http).port);
  await click("#joining .primary");
  await joined();
  await hasText("#joining-error", "");
  await leave();
  await next.stop();
  // A person who was in the room before waits in the room.
  await click("#join-again");
  await hasText("#comeback .summary", "The chat cannot be reached.");
  next = await startServer(new URL(server.http).port);
  await ask(({ $ }) => $("#try-now").click());
  await expect(({ $ }) => $("#status").textContent === "Connected" && $("#comeback").hidden);
  await next.stop();
});

it("a_message_stands_at_once_and_is_marked", async () => {
  await person("Ada");
  await ask(({ $, write }) => {
    window.marks = [];
    const note = () => {
      const now = [...document.querySelectorAll(".own .mark")].map((mark) => mark.ariaLabel).join();
      if (now !== window.marks.at(-1)) window.marks.push(now);
    };
    new MutationObserver(note).observe($("#messages"), { subtree: true, childList: true });
    write("#message", "marked");
    $("#composer").requestSubmit();
  });
  await expect(() => window.marks.at(-1) === "Sent");
  assert.deepEqual(await ask(() => window.marks), ["On its way", "Sent"]);
  await shows(".own .text", "marked");
});

it("who_is_not_in_the_room_is_told_and_the_draft_stays", async () => {
  await person("Ada");
  await leave();
  await expect(({ all }) => all("#composer button").every((button) => button.disabled));
  await expect(({ $ }) => $("#people").matches(".past") && $("#people-title").textContent === "Were here 1");
  await say("too late");
  await hasText("#message-error", "You are not in the room. Join again to send this.");
  await expect(({ $ }) => $("#message").value === "too late" && $("#message").ariaInvalid === "true");
  await type("#message", "r");
  await hasText("#message-error", "");
  // The error disappears with the next event.
  await type("#message", Key.ENTER);
  await expect(({ $ }) => $("#message-error").textContent !== "");
  await click("#join-again");
  await joined();
  await hasText("#message-error", "");
  await expect(
    ({ $, all }) => !$("#people").matches(".past") && all("#composer button").every(({ disabled }) => !disabled),
  );
  await type("#message", Key.ENTER);
  await shows(".log .own .text", "too later");
});

// The end of the connection.

import { Key } from "selenium-webdriver";

import {
  ask,
  click,
  driver,
  expect,
  find,
  hasFocus,
  holds,
  join,
  joined,
  leave,
  notes,
  open,
  person,
  room,
  say,
  says,
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
  await find("#leaving [name=code]").clear();
  await type("#leaving [name=code]", "3001");
  await type("#leaving [name=reason]", "lunch", Key.ENTER);
  await says("#status", "Closed");
  await shows("#ending p", "You left (3001),lunch");
  await hasFocus("join-again");
  await to(grace);
  await notes("Ada left: lunch (3001)");
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
  for (const [code, reason, place, message] of [
    ["1001", "bye", "code", "close code must be 1000 or 3000–4999, got 1001"],
    ["one", "bye", "code", "close code must be 1000 or 3000–4999, got NaN"],
    ["1000", "é".repeat(62), "reason", "close reason must be a string of at most 123 bytes of UTF-8"],
  ]) {
    await ask(
      ({ write }, code, reason) => {
        write("#leaving [name=code]", code);
        write("#leaving [name=reason]", reason);
      },
      code,
      reason,
    );
    await click("#leaving .primary");
    await expect(({ $ }, place, message) => $(`#${place}-error`).textContent.startsWith(message), place, message);
    await expect(({ $ }, place) => {
      const field = $(`#leaving [name=${place}]`);
      return document.activeElement === field && field.ariaInvalid === "true";
    }, place);
    await holds("#leaving [name=reason]", reason);
    await says("#status", "Connected");
    await holds("#message", "half a");
  }
  await ask(({ write }) => write("#leaving [name=reason]", "é".repeat(61)));
  await click("#leaving .primary");
  await says("#status", "Closed");
  await says("#ending .words", "You left (1000)");
});

it("the_server_stops_and_comes_back", async () => {
  const server = await startServer();
  await driver.get(server.http);
  await join("Ada");
  await say("before");
  await shows(".text", "before");
  await type("#message", "not yet sent");
  await server.stop();
  await says("#status", "Closed");
  await shows("#ending p", "The server went away (1001),The server is shutting down.");
  // A person who is writing is not interrupted.
  await hasFocus("message");
  await click("#join-again");
  await says("#ending .words", "The server could not be reached (1006)");
  await says("#ending .detail", "the connection could not be opened; 1 message was not sent");
  const next = await startServer(new URL(server.http).port);
  await click("#join-again");
  await joined();
  await holds("#message", "not yet sent");
  await type("#message", Key.ENTER);
  await shows(".text", "before,not yet sent");
  await next.stop();
});

it("a_refused_name_is_told_at_the_name", async () => {
  const ada = await person("Ada");
  const other = await open();
  await ask(({ write }, room) => {
    write("[name=name]", " ADA ");
    write("[name=room]", room);
  }, room);
  await click("#joining .primary");
  await says("#name-error", "Your name was refused (4003): Somebody in the room has this name already.");
  await expect(() => document.activeElement.name === "name" && document.activeElement.ariaInvalid === "true");
  await expect(({ $ }) => !$("#joining .primary").disabled && $("#room").hidden);
  await ask(({ write }) => write("[name=room]", "x".repeat(33)));
  await click("#joining .primary");
  await says("#name-error", "");
  await says("#room-error", "The room was refused (4004): The name of a room has 1 to 32 characters.");
  await hasFocus("room");
  await ask(({ write }) => write("[name=name]", " "));
  await click("#joining .primary");
  await says("#name-error", "Your name, please.");
  await join("Grace");
  await says("#name-error", "");
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
  await holds("#message", "half a sentence");
  await leave();
  await holds("#message", "half a sentence");
  await click("#join-elsewhere");
  await join("Ada");
  await holds("#message", "half a sentence");
  await type("#message", Key.ENTER);
  await expect(({ texts }) => texts(".own .text").includes("half a sentence"));
  await driver.navigate().refresh();
  await join("Ada");
  await holds("#message", "");
});

it("what_the_server_did_not_get_is_a_draft_again", async () => {
  const server = await startServer();
  await driver.get(server.http);
  await join("Ada");
  await say("answered");
  await shows(".own .text", "answered");
  await server.stop();
  await says("#status", "Closed");
  await ask(({ $, write }) => {
    $("#join-again").click();
    for (const text of ["one", "two"]) {
      write("#message", text);
      $("#composer").requestSubmit();
    }
    write("#message", "three");
  });
  await says("#ending .words", "The server could not be reached (1006)");
  await holds("#message", "one\ntwo\nthree");
});

it("what_send_throws_is_told_and_the_draft_stays", async () => {
  await person("Ada");
  await leave();
  await say("too late");
  await says("#message-error", "the connection is closing or closed, so nothing can be sent");
  await expect(({ $ }) => $("#message").value === "too late" && $("#message").ariaInvalid === "true");
  await type("#message", "r");
  await says("#message-error", "");
});

// A busy room.

import assert from "node:assert/strict";

import {
  ask,
  click,
  counts,
  expect,
  hasText,
  isAtEnd,
  joined,
  LIMIT,
  person,
  picture,
  room,
  SIZES,
  say,
  server,
  shows,
  size,
} from "./visit.js";

it("a_reader_of_what_is_older_is_left_there", async () => {
  await person("Ada");
  await ask(async ({ person, say }, room) => {
    for (const name of ["a", "b", "c"]) window[name] = await person(name, room);
    for (const name of ["a", "b", "c"]) {
      for (let at = 0; at < 15; at += 1) say(window[name], "word ".repeat(at + 1));
    }
  }, room);
  await counts(".entry", 45);
  await isAtEnd("#messages");
  await expect(({ $ }) => $("#newer").hidden);
  await scrollUp();
  await expect(({ $ }) => !$("#newer").hidden && $("#newer").textContent.trim() === "Newest");
  await ask(({ say }) => say(window.a, "news"));
  await shows("#newer", "1 new");
  await expect(({ $, all }) => all(".entry").length === 46 && $("#messages").scrollTop === 0);
  await click("#newer");
  await isAtEnd("#messages");
  await expect(({ $ }) => $("#newer").hidden && document.activeElement.id === "messages");
  await ask(({ say }) => say(window.a, "more news"));
  await counts(".entry", 47);
  await isAtEnd("#messages");
  // The person's own message scrolls the page to the end.
  await scrollUp();
  await expect(({ $ }) => !$("#newer").hidden);
  await say("mine");
  await counts(".log .run.own", 1);
  await isAtEnd("#messages");
  // Scrolls away before the event of the first scroll is dispatched.
  await scrollUp();
  await expect(({ $ }) => !$("#newer").hidden);
  await ask(({ $ }) => {
    $("#newer").click();
    $("#messages").scrollTop = 0;
  });
  await expect(({ $ }) => !$("#newer").hidden && $("#messages").scrollTop === 0);
});

const scrollUp = () => ask(({ $ }) => void ($("#messages").scrollTop = 0));

it("the_drawer_shows_calls_and_callbacks_as_they_come", async () => {
  await person("Ada");
  await say("watch");
  await shows(".own .text", "watch");
  await click("#show-leaving");
  await click("#leaving summary");
  await ask(({ write }) => write("#leaving [name=code]", "1001"));
  await click("#leaving .primary");
  await ask(({ write }) => {
    write("#leaving [name=code]", "4321");
    write("#leaving [name=reason]", "seen");
  });
  await click("#leaving .primary");
  await hasText("#status", "You left");
  await click("#show-drawer");
  await hasText("#drawer li:last-child h3", "onStop");
  // A step is one line until it is opened.
  const lines = await ask(({ all }) => all("#drawer li").map((step) => step.getBoundingClientRect().height));
  const previews = await ask(({ all }) => all("#drawer .preview").map((line) => line.getBoundingClientRect().height));
  assert(new Set(lines).size === 1 && Math.max(...previews) < 30, `${lines}; ${previews}`);
  await ask(({ all }) => all("#drawer li > details").forEach((step) => void (step.open = true)));
  await expect(({ all }) => all("#drawer li").every((step) => step.querySelector(".code")));
  const steps = await ask(({ all }) => {
    const textOf = (step, selector) => step.querySelector(selector)?.textContent;
    return all("#drawer li").map((step) => ({
      step: `${textOf(step, "h3")} ${textOf(step, ".step-status")}`,
      code: textOf(step, ".code"),
      value: textOf(step, ".value"),
    }));
  });
  assert.deepEqual(
    steps.map(({ step }) => step),
    [
      "ReconnectingWebSocket.new Connecting",
      "onOpen Connected",
      "webSocket.send Connected",
      "onMessage Connected",
      "webSocket.send Connected",
      "onMessage Connected",
      "socket.terminate Connected",
      "socket.terminate Closing",
      "onTerminate Closed",
      "onStop Closed",
    ],
  );
  const codes = {
    0: "ReconnectingWebSocket.new(source, handler)",
    4: 'webSocket.send({ kind: "say", text })',
    5: "onMessage(ws, event) {\n  this.chat.receive(event.data);\n}",
    7: "socket.terminate(code, reason)",
    8: "onTerminate(ws, event) {\n  this.chat.end(event);\n}",
  };
  for (const [at, code] of Object.entries(codes)) assert.equal(steps[at].code, code);
  // The shown code is the code that runs: the server serves the same text.
  const handler = await ask(() => fetch("/handler.js").then((answer) => answer.text()));
  assert(handler.includes(codes[8].replaceAll("\n", "\n  ")), "handler.js is another");
  const values = {
    1: { type: "open" },
    4: { text: "watch" },
    7: { code: 4321, reason: "seen" },
    8: { type: "terminate", code: 4321, reason: "seen", wasClean: true },
  };
  for (const [at, value] of Object.entries(values)) assert.deepEqual(JSON.parse(steps[at].value), value);
  const { kind, text } = JSON.parse(steps[5].value).data;
  assert.deepEqual({ kind, text }, { kind: "said", text: "watch" });
  await shows("#drawer .error", "WebSocketError 5019: close code must be 1000 or 3000–4999, got 1001");
  // Objects inside are folded, and values coloured.
  const folded = await ask(({ all }) => {
    const data = all("#drawer li")[5].querySelector(".value details");
    const colours = ["key", "string", "number"].map((name) => getComputedStyle(data.querySelector(`.${name}`)).color);
    return { isOpen: data.open, colours: new Set(colours).size };
  });
  assert.deepEqual(folded, { isOpen: false, colours: 3 });
  // The connection stays open after the error.
  await click("#drawer .title button");
  await click("#join-again");
  await joined();
  await click("#show-drawer");
  await counts("#drawer li", 14);
  await ask(({ person }, room) => person("Grace", room).then(() => {}), room);
  await counts("#drawer li", 15);
  await expect(({ $ }) => $("#drawer li:last-child .preview").textContent.includes("came"));
  // The filter shows the steps of one name.
  const shown = () =>
    ask(({ all }) =>
      all("#drawer li")
        .filter((step) => step.checkVisibility())
        .map((step) => step.innerText.split("\n")[0]),
    );
  await ask(({ $ }) => {
    $("#drawer select").value = "onOpen";
    $("#drawer select").dispatchEvent(new Event("change"));
  });
  assert.deepEqual(await shown(), ["onOpen", "onOpen"]);
  await ask(({ person }, room) => person("Linus", room).then(() => {}), room);
  await counts("#drawer li", 16);
  assert.deepEqual(await shown(), ["onOpen", "onOpen"]);
});

it("the_drawer_keeps_the_last_two_hundred", async () => {
  await person("Ada");
  await ask(async ({ person, say }, room) => {
    await Promise.all(
      [...Array(11)].map(async (_, at) => {
        const socket = await person(`p${at}`, room);
        for (let count = 0; count < 19; count += 1) say(socket, `${at} ${count}`);
        window[`p${at}`] = socket;
      }),
    );
  }, room);
  await counts(".entry", 209);
  await click("#show-drawer");
  await counts("#drawer li", 200);
  await ask(() => window.p0.close(1000, "that is all"));
  await expect(({ $ }) => $("#drawer li:last-child .preview").textContent.includes("that is all"));
  await counts("#drawer li", 200);
  // The reader is at the newest entry.
  await isAtEnd(".steps");
});

it("nothing_shifts_as_messages_come", async () => {
  await person("Ada");
  for (const metrics of SIZES) {
    await size(metrics);
    const shifts = await ask(
      async ({ $, all, person, say, until }, room, picture, width) => {
        const { length } = all("#people li");
        const people = await Promise.all([1, 2, 3, 4].map((at) => person(`${at} at ${width}`, room)));
        // A few messages stand at the bottom, and more move them up. Messages that fill the box scroll.
        const box = $("#messages");
        const filler = people.pop();
        for (let lines = 10; box.scrollHeight === box.clientHeight; lines += 10) {
          const { length } = all(".entry");
          say(filler, "line\n".repeat(lines));
          await until(() => all(".entry").length > length);
        }
        await until(() => all("#people li").length === length + 4);
        // Earlier shifts are counted in the next frame.
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        const before = all(".entry").length;
        const shifts = [];
        const note = ({ value, sources }) =>
          shifts.push({
            value,
            moved: sources.map(({ node, previousRect, currentRect }) => [
              node?.className ?? node?.nodeName,
              previousRect,
              currentRect,
            ]),
          });
        const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
        observer.observe({ type: "layout-shift" });
        for (let at = 0; at < 15; at += 1) {
          for (const socket of people) say(socket, "word ".repeat(1 + ((at * 7) % 40)));
          await until(() => all(".entry").length === before + 3 * (at + 1));
        }
        for (const socket of people) socket.send(new Blob([new Uint8Array(picture)]));
        await until(() => all(".entry").length === before + 48);
        await until(() => all(".picture img").every((image) => image.complete));
        await until(() => performance.now());
        await until(() => performance.now());
        observer.takeRecords().forEach(note);
        return shifts;
      },
      room,
      picture,
      metrics.width,
    );
    assert.deepEqual(shifts, [], `at ${metrics.width} pixels`);
  }
});

it("five_thousand_messages_come_and_the_page_is_as_quick_as_before", async () => {
  await person("Ada");
  let start = performance.now();
  for (let some = 0; some < 10; some += 1) {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([...Array(10)].map((_, at) => visit(`${some}/${round}/${at}`, 10)));
    }
    // The server ends the connection of a reader that falls too far behind.
    await counts(".entry", 500 * (some + 1));
  }
  const came = performance.now() - start;
  start = performance.now();
  await say("and mine");
  await shows(".own .text", "and mine");
  const own = performance.now() - start;
  assert(own < 2000, `one's own message took ${own} ms after 5,000 in ${came} ms`);
  await isAtEnd("#messages");
  const frame = await ask(async ({ $ }) => {
    const frames = [];
    for (let at = 0; at < 30; at += 1) {
      const start = performance.now();
      $("#messages").scrollTop -= 4000;
      await new Promise(requestAnimationFrame);
      frames.push(performance.now() - start);
    }
    return frames.sort((a, b) => a - b)[15];
  });
  assert(frame < 200, `a frame of scrolling takes ${frame} ms`);
  assert(came < LIMIT * 2, `5,000 messages took ${came} ms`);
  const [first, count] = await ask(({ all }) => [all(".text")[0].textContent.slice(0, 3), all(".entry").length]);
  assert.deepEqual([first, count], ["0: ", 5001], "messages are missing");
});

/** Joins without a page, sends messages, and leaves. */
const visit = (name, messages) =>
  new Promise((resolve, failed) => {
    const socket = new WebSocket(`${server.ws}/chat`);
    const send = (message) => socket.send(JSON.stringify(message));
    let left = messages;
    socket.onopen = () => {
      send({ kind: "join", name, room });
      for (let at = 0; at < messages; at += 1)
        send({ kind: "say", text: `${at}: ${"word ".repeat(1 + ((at * 7) % 40))}` });
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.kind === "said" && message.name === name) left -= 1;
      if (left === 0) socket.close(1000);
    };
    socket.onclose = ({ code, reason }) => (left === 0 ? resolve() : failed(new Error(`${name}: ${code} ${reason}`)));
  });

// People exchange messages.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import {
  ask,
  click,
  counts,
  expect,
  hasText,
  hasValue,
  notes,
  PICTURE,
  person,
  picture,
  say,
  shows,
  to,
  type,
} from "./visit.js";

it("two_people_talk", async () => {
  const ada = await person("Ada");
  const grace = await person("Grace");
  await shows("#people li bdi", "Ada,Grace");
  await say("Hello Ada");
  await to(ada);
  await shows("#people li bdi", "Ada,Grace");
  await notes("Grace joined");
  await shows(".run:not(.own) .name", "Grace");
  await shows(".run:not(.own) .text", "Hello Ada");
  await say("Hello Grace");
  await say("how are you?");
  await shows(".run.own .text", "Hello Grace,how are you?");
  await shows(".run.own .name", "Ada");
  const age = await ask(({ $ }) => Date.now() - new Date($(".own time").dateTime));
  assert(age >= 0 && age < 60_000, `the message is ${age} ms old`);
  await to(grace);
  await shows(".text", "Hello Ada,Hello Grace,how are you?");
  // Consecutive entries of one person are one group.
  await shows(".name", "Grace,Ada");
  await hasValue("#message", "");
});

it("a_picture_goes_over_by_button_and_drop", async () => {
  const ada = await person("Ada");
  const grace = await person("Grace");
  await type("#picture", fileURLToPath(PICTURE));
  await counts(".own .picture img", 1);
  await ask(({ $, transfer }, picture) => {
    const dataTransfer = transfer(picture, "harbour.jpg", "image/jpeg");
    $("#messages").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
  }, picture);
  await counts(".own .picture img", 2);
  await hasText("#status", "Connected");
  await to(ada);
  await counts(".run:not(.own) .picture img", 2);
  await expect(({ all }) => all(".picture img").every((image) => image.complete && image.naturalWidth === 640));
  await expect(({ all }) => all(".picture img").every((image) => image.alt === "Picture from Grace"));
  const bytes = await ask(async ({ $ }) => [...new Uint8Array(await (await fetch($(".picture").href)).arrayBuffer())]);
  assert.deepEqual(bytes, picture, "the picture came with other bytes");
  // A picture that the server has forgotten is replaced by a text.
  await ask(({ $ }) => void ($(".picture img").src = "/pictures/0-none"));
  await hasText(".picture.gone", "This picture is no longer there");
  await to(grace);
});

it("a_picture_that_is_pasted_goes_over", async () => {
  const ada = await person("Ada");
  await person("Grace");
  // Text on the clipboard is pasted as text, even with a picture of itself.
  await ask(({ $, transfer }) => {
    const clipboardData = transfer(new Array(9).fill(0), "text.png", "image/png");
    clipboardData.setData("text/plain", "text");
    $("#message").dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
  });
  await ask(({ $, transfer }, picture) => {
    const clipboardData = transfer(picture, "harbour.jpg", "image/jpeg");
    $("#message").dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
  }, picture);
  await expect(({ $, all }) => all(".own .picture img").length === 1 && $("#message").value === "");
  await to(ada);
  await expect(({ $ }) => $(".run:not(.own) .picture img")?.naturalWidth === 640);
});

it("a_file_that_is_no_picture_for_the_chat_is_refused_by_the_page", async () => {
  await person("Ada");
  for (const [size, kind, message] of [
    [10, "text/plain", "A picture has to be a PNG, JPEG, GIF or WebP file."],
    [2 * 1024 * 1024 + 1, "image/png", "The picture has 2.1 MiB; 2 MiB can be sent."],
  ]) {
    await ask(
      ({ $, transfer }, size, kind) => {
        const dataTransfer = transfer(new Uint8Array(size), "file", kind);
        $("#message").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      },
      size,
      kind,
    );
    await hasText("#message-error", message);
  }
  await ask(({ $ }) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 4097, height: 1 });
    canvas.toBlob((blob) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([blob], "wide.png", { type: "image/png" }));
      $("#message").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    });
  });
  await hasText("#message-error", "The picture has 4,097 × 1 pixels; 4,096 on each side can be sent.");
  // The error goes with the next choice.
  const shown = await ask(({ $, transfer }, picture) => {
    const drop = (bytes, name, type) => {
      const dataTransfer = transfer(bytes, name, type);
      $("#message").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      return $("#message-error").textContent;
    };
    $("#picture").click = () => {}; // no dialog of the browser
    $("#choose-picture").click();
    const atChoice = $("#message-error").textContent;
    return [atChoice, drop([1], "file", "text/plain"), drop(picture, "harbour.jpg", "image/jpeg")];
  }, picture);
  assert.deepEqual(shown, ["", "A picture has to be a PNG, JPEG, GIF or WebP file.", ""]);
  await counts(".log .picture img", 1);
  // A message without visible characters is not sent.
  await submit("\u{200B} \u{2060}");
  await expect(({ $, all }) => $("#message").value.length === 3 && all(".text").length === 0);
  await submit("x".repeat(2001));
  await hasText("#message-error", "The message has 2,001 characters; 2,000 can be sent.");
  await expect(({ $ }) => $("#message").value.length === 2001);
  await ask(({ write }) => write("#message", "\u{1F600}".repeat(2000)));
  await hasText("#message-error", "");
  await ask(({ $ }) => $("#composer").requestSubmit());
  await expect(({ $ }) => $(".log .own .text")?.textContent.length === 4000);
  await hasText("#status", "Connected");
});

it("script_in_a_message_stays_text", async () => {
  const script = "<script>pwned=1</script><img src=x onerror=pwned=1>";
  const ada = await person("Ada");
  await person("<img src=x onerror=pwned=1>");
  await submit(script);
  await shows(".own .text", script);
  await click("#show-leaving");
  await ask(({ write }) => write("#leaving [name=reason]", "<img src=x onerror=pwned=1>"));
  await click("#leaving .primary");
  await expect(({ $ }) => $("#ending").textContent.includes("<img src=x onerror=pwned=1>"));
  await to(ada);
  await shows(".run:not(.own) .text", script);
  await expect(({ texts }) => texts(".note").some((note) => note.includes("left: <img src=x")));
  await click("#show-drawer");
  await expect(({ texts }) => texts("#drawer .preview").some((value) => value.includes("<script>")));
  await ask(({ all }) => all("#drawer details").forEach((step) => void (step.open = true)));
  await expect(({ texts }) => texts("#drawer .value").some((value) => value.includes("<script>")));
  const made = await ask(({ all }) => all("#messages :is(img, script), #people img, #drawer :is(img, script)").length);
  const hasRun = await ask(() => "pwned" in globalThis);
  assert.deepEqual({ made, hasRun }, { made: 0, hasRun: false }, "the page took a message as HTML");
});

/** Enters a message at once, and sends it. */
const submit = (text) =>
  ask(({ $, write }, text) => {
    write("#message", text);
    $("#composer").requestSubmit();
  }, text);

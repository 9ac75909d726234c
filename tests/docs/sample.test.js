import assert from "node:assert/strict";

import { isLike, samplesOf } from "./sample.js";

const samplesIn = (text) => samplesOf({ name: "a.md", text });

it("a_sample_is_its_text_with_what_is_said_of_it", () => {
  const comment = "host: page\nserver: /echo\ntype: Hello\nshows:\none: two\n\nclick: Leave\nprints:";
  assert.deepEqual(samplesIn(`\n<!-- test it_works\n${comment}\n-->\n\`\`\`js [A]\na\n\nb\n\`\`\`\n`), [
    {
      name: "it_works",
      place: "a.md:12",
      language: "js",
      host: "page",
      server: "/echo",
      calls: [],
      steps: [{ type: "Hello" }, { shows: ["one: two", ""] }, { click: "Leave" }, { prints: [] }],
      code: "a\n\nb\n",
      files: {},
    },
  ]);
});

it("a_sample_has_the_files_above_it", () => {
  const file = (name, code) => `<!-- file ${name} -->\n\`\`\`js\n${code}\n\`\`\`\n`;
  const sample = "<!-- test it_works\nhost: node\nprints:\n-->\n```js\n```\n";
  const text = file("a.js", "1") + sample + file("a.js", "2") + file("b.js", "3") + sample + file("c.js", "4");
  assert.deepEqual(
    samplesIn(text).map(({ files }) => files),
    [{ "a.js": "1\n" }, { "a.js": "2\n", "b.js": "3\n" }],
  );
});

it("a_sample_that_nothing_is_said_of_is_an_error", () => {
  for (const text of [
    "```js\na\n```\n",
    "<!-- test a\nhost: node\n-->\n```js\na\n```\n",
    "<!-- test a\nhost: rust in node\nprints:\n-->\n```rust\na\n```\n",
    "<!-- test a\nhost: node\ncall: b();\nprints:\n-->\n```js\na\n```\n",
    "<!-- test a\nhost: moon\nprints:\n-->\n```js\na\n```\n",
    "<!-- test a\nhost: node\nprints:\n-->\ntext\n",
  ]) {
    assert.throws(() => samplesIn(text), /^Error: a\.md/, text);
  }
  assert.deepEqual(samplesIn("```sh\na\n```\n"), []);
});

it("lines_are_compared_with_those_expected", () => {
  const is = (lines, expected) => isLike(lines.split(" "), expected.split(" "));
  for (const [lines, expected] of [
    ["a b", "a b"],
    ["a b c", "a … c"],
    ["a", "… a …"],
    ["a b c", "…"],
  ]) {
    assert(is(lines, expected), lines);
  }
  for (const [lines, expected] of [
    ["a b", "a"],
    ["a", "a b"],
    ["a b c", "a …  b"],
    ["a", "b"],
  ]) {
    assert(!is(lines, expected), lines);
  }
  assert(isLike([], []));
});

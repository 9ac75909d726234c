// The table of the guide: three packages in the same situations, each in a process of its own.
// `UPDATE_EXPECT=1 cargo xtask test --host node24 --suite docs --filter guide/reconnecting.md` writes it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { run } from "../../harness/program.js";
import { situations } from "./situations.js";
import { subjects } from "./subjects.js";

const PAGE = new URL("../../../docs/guide/reconnecting.md", import.meta.url);
const PROGRAM = fileURLToPath(new URL("program.js", import.meta.url));
const SECTION = /(<!-- situations: .*-->\n)([\s\S]*?)(<!-- \/situations -->)/;

const line = (cells) => `| ${cells.join(" | ")} |`;
const { devDependencies: versions } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const titles = Object.keys(subjects).map((name) => `${name} ${versions[name] ?? ""}`.trim());
const HEAD = [line(["", ...titles]), "|---|---|---|---|"];

const [, , table] = SECTION.exec(readFileSync(PAGE, "utf8"));
const rows = [];

describe("docs/guide/reconnecting.md", () => {
  for (const [name, { title }] of Object.entries(situations)) {
    it(name, async () => {
      const row = line([title, ...(await Promise.all(Object.keys(subjects).map((subject) => cell(subject, name))))]);
      rows.push(row);
      if (!process.env.UPDATE_EXPECT) assert(table.includes(`\n${row}\n`), `the table of ${PAGE} has not\n${row}`);
    });
  }

  it("the_table_has_a_row_for_each_situation", () => {
    if (process.env.UPDATE_EXPECT) {
      assert.equal(rows.length, Object.keys(situations).length, "only a whole run writes the table");
      const written = `${[...HEAD, ...rows].join("\n")}\n`;
      writeFileSync(
        PAGE,
        readFileSync(PAGE, "utf8").replace(SECTION, (_, start, old, end) => start + written + end),
      );
    } else {
      const lines = table.split("\n");
      const rowTitles = lines.slice(HEAD.length, -1).map((row) => row.split(" | ")[0].slice(2));
      assert.deepEqual(lines.slice(0, HEAD.length), HEAD);
      assert.deepEqual(
        rowTitles,
        Object.values(situations).map(({ title }) => title),
      );
    }
  });
});

async function cell(subject, situation) {
  const { status, stdout, stderr } = await run([process.execPath, PROGRAM, subject, situation], { limit: 30_000 });
  assert(status === 0 && stdout && !stderr, `${subject} ended with ${status} and wrote\n${stdout}${stderr}`);
  return stdout.trim();
}

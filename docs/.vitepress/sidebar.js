// The sidebar: every page of docs/, sorted by what its reader is looking for.

import { existsSync, readdirSync, readFileSync } from "node:fs";

const DOCS = new URL("../", import.meta.url);

/** The pages of each group, in the order of reading. A page of docs/guide that is in no list is a how-to. */
const START = ["guide/start", "porting", "porting-programs", "try"];
const TUTORIAL = ["guide/tutorial"];
const HOW_TO = ["guide/waiting", "guide/heartbeat", "guide/reconnecting", "guide/handshake", "guide/testing"];
const EXPLANATION = [
  "guide/sequence",
  "guide/data",
  "guide/closing",
  "guide/security",
  "guide/hosts",
  "guide/benchmarks",
  "guide/design",
];
const REFERENCE = ["guide/errors", "guide/support"];

/** The sidebar. `reference` are the entries of the API reference, and `crate` is that of the crate. */
export function sidebar(reference, crate) {
  const sorted = new Set([...START, ...TUTORIAL, ...HOW_TO, ...EXPLANATION, ...REFERENCE]);
  const others = pagesIn("guide").filter((page) => !sorted.has(page));
  const recipes = pagesIn("guide/recipes").map(entry);
  const api = { text: "JavaScript API", link: "/reference/", items: reference.map(open), collapsed: true };
  return [
    group("Start", START.map(entry)),
    group("Tutorial", TUTORIAL.map(entry)),
    group("How-to", [...[...HOW_TO, ...others].map(entry), group("Recipes", recipes)]),
    group("Explanation", EXPLANATION.map(entry)),
    group("Reference", [api, crate, ...REFERENCE.map(entry)]),
  ].filter(({ items }) => items.length > 0);
}

/** An entry with its groups open. A group that opens has two buttons inside of each other, which confuses screen
    readers. */
const open = ({ collapsed, items, ...entry }) => ({
  ...entry,
  ...(entry.link && { collapsed }),
  ...(items && { items: items.map(open) }),
});

const group = (text, items) => ({ text, items: items.filter((item) => item && item.items?.length !== 0) });

/** The pages of a directory, sorted by name. */
function pagesIn(dir) {
  const url = new URL(`${dir}/`, DOCS);
  if (!existsSync(url)) return [];
  const files = readdirSync(url).filter((file) => file.endsWith(".md"));
  return files.map((file) => `${dir}/${file.replace(/\.md$/, "")}`).sort();
}

/** The entry of a page: the text of its heading. `undefined` if there is no such page. */
function entry(page) {
  const file = new URL(`${page}.md`, DOCS);
  if (!existsSync(file)) return;
  const [, text] = /^# (.+)$/m.exec(readFileSync(file, "utf8")) ?? [];
  if (!text) throw new Error(`docs/${page}.md has no heading of level 1, which the sidebar shows`);
  return { text: text.replace(/`/g, ""), link: `/${page.replace(/index$/, "")}` };
}

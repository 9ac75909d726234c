// The pages for programs that read: the Markdown of each page beside it, llms.txt with a link to each, and all of them
// in llms-full.txt (https://llmstxt.org).

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe } from "./description.js";

/** The first page is made of HTML. llms.txt takes its place. */
const isRead = (page) => page !== "index.md";

/** Writes the files into the built site. `site` is its address, `head` the start of llms.txt, and `sidebar` gives the
    order. */
export function writeMarkdown({ srcDir, outDir, pages }, { site, head, sidebar }) {
  const texts = new Map(pages.filter(isRead).map((page) => [page, plain(readFileSync(join(srcDir, page), "utf8"))]));
  for (const [page, text] of texts) {
    mkdirSync(dirname(join(outDir, page)), { recursive: true });
    writeFileSync(join(outDir, page), text);
  }
  cpSync(join(srcDir, "pictures"), join(outDir, "pictures"), { recursive: true });

  const list = sidebar.map(({ text, items }) => {
    const links = items.flatMap(linksOf).map(({ text, link }) => {
      const page = fileOf(link);
      return `- [${text}](${site}/${page}): ${describe(texts.get(page))}`;
    });
    return `## ${text}\n\n${links.join("\n")}\n`;
  });
  writeFileSync(join(outDir, "llms.txt"), `${head}\n${list.join("\n")}`);

  const all = [...texts].map(([page, text]) => `${site}/${page}\n\n${withAbsoluteLinks(text, `${site}/${page}`)}`);
  writeFileSync(join(outDir, "llms-full.txt"), `${head}\n${all.join("\n---\n\n")}`);
}

/** The path of the file in which a page is Markdown. `undefined` for the first page. */
export const markdownOf = (page) => (isRead(page) ? `/${page}` : undefined);

/** An entry of the sidebar that is a link, and those below it. */
const linksOf = ({ items = [], ...entry }) => [...(entry.link ? [entry] : []), ...items.flatMap(linksOf)];

/** The file of a link in the sidebar, which may end with `/` or `.md`. */
const fileOf = (link) => `${link.slice(1).replace(/\.md$/, "").replace(/\/$/, "/index")}.md`;

/** Markdown without the parts for VitePress and for the tests. Code is unchanged. */
function plain(text) {
  const parts = text.replace(/^---\n.*?\n---\n/s, "").split(/(^```.*?^```$)/ms);
  return parts
    .map((part, at) => (at % 2 === 0 ? withoutMarks(part) : part))
    .join("")
    .trimStart();
}

const withoutMarks = (prose) =>
  prose
    .replace(/<script setup>.*?<\/script>\n/gs, "")
    .replace(/<!--.*?-->\n?/gs, "")
    .replace(/^<\/?[A-Za-z][^>]*>\n/gm, "")
    .replace(/^:::.*\n/gm, "")
    .replace(/\{target="_self"\}/g, "")
    .replace(/\n{3,}/g, "\n\n");

const withAbsoluteLinks = (text, url) =>
  text.replace(/\]\(([^)\s:]+)\)/g, (_, link) => `](${new URL(link, url).href})`);

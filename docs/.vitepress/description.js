// The description of a page, for search engines, previews of links, and llms.txt.

/** The longest description that search engines show, in characters. */
const LONGEST = 160;

/** The first sentences of a page that fit, as plain text. A page may set its own `description`. */
export function describe(markdown) {
  const sentences = firstParagraph(markdown).match(/.+?(?:[.:!?](?=\s|$)|$)/g) ?? [];
  let description = "";
  for (const sentence of sentences) {
    if (description && description.length + sentence.length > LONGEST) break;
    description += sentence;
  }
  return short(description.trim().replace(/:$/, "."));
}

/** The first block that is prose. */
function firstParagraph(markdown) {
  const text = markdown.replace(/^---\n.*?\n---\n|<!--.*?-->|^```.*?^```$/gms, "");
  const blocks = text.split(/\n\s*\n/).map((block) => block.trim());
  return plain(blocks.find((block) => /^[^#<|>!`:\-*{\d\s]|^`[^`]|^\[(?!!)/.test(block)) ?? "");
}

/** Markdown without its marks. */
const plain = (text) =>
  text
    .replace(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])(?:\{[^}]*\})?/g, "$1")
    .replace(/<[^>]+>/g, "")
    .replace(/\\([<>_*`])/g, "$1")
    .replace(/[`*]/g, "")
    // VitePress escapes no quotes in the attribute.
    .replace(/"/g, "'")
    .replace(/\s+/g, " ");

function short(text) {
  if (text.length <= LONGEST) return text;
  const cut = text.slice(0, LONGEST);
  return `${cut.slice(0, cut.lastIndexOf(" "))} …`;
}

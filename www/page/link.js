const URLS = /https?:\/\/[^\s<>"]+/gi;
/** The punctuation at the end of a sentence is no part of a link. */
const TRAILING = /[.,;:!?'*_~)\]}»”’]+$/;

/** Splits a text into parts: strings, and `{ text, href }` for each link. Only http and https are links. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(URLS)) {
    const url = trimmed(found);
    const href = URL.canParse(url) && new URL(url).href;
    if (!href) continue;
    parts.push(text.slice(end, index), { text: url, href });
    end = index + url.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

/** A link without the punctuation behind it. A bracket that the link itself opens belongs to it. */
function trimmed(found) {
  const [trailing] = TRAILING.exec(found) ?? [""];
  const url = found.slice(0, found.length - trailing.length);
  const count = (character) => url.split(character).length - 1;
  const isOpen = trailing.startsWith(")") && count("(") > count(")");
  return isOpen ? `${url})` : url;
}

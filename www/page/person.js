import { element } from "./element.js";

/** The number of colours in person.css. */
export const COLOURS = 10;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The number of a person's colour, the same on every page: a hash of the name (FNV-1a). */
export function colourOf(name) {
  let hash = 0x811c9dc5;
  for (const character of name.normalize("NFKC").toLowerCase()) {
    hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
  }
  return hash % COLOURS;
}

/** The class with a person's colour. */
export const colourClass = (name) => `person-${colourOf(name)}`;

/** Creates a portrait from the first grapheme of a name, in any script. */
export function portrait(name) {
  const [first] = graphemes.segment(name);
  const initial = first.segment.toLocaleUpperCase();
  return element("span", { className: `portrait ${colourClass(name)}`, ariaHidden: "true" }, initial);
}

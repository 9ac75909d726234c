// The picture that previews of links show, made from card.svg. Social networks take no SVG.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const { resolve } = createRequire(import.meta.url);

/** The card as a PNG, with the fonts that docs/package.json pins: those of a machine differ. */
export function card() {
  const svg = readFileSync(new URL("card.svg", import.meta.url), "utf8");
  const fontFiles = ["space-grotesk", "jetbrains-mono"].flatMap(fonts);
  return new Resvg(svg, { font: { fontFiles, loadSystemFonts: false } }).render().asPng();
}

/** The files of a font. */
function fonts(name) {
  const dir = dirname(resolve(`@expo-google-fonts/${name}/package.json`));
  return readdirSync(dir, { recursive: true })
    .filter((file) => file.endsWith(".ttf"))
    .map((file) => join(dir, file));
}

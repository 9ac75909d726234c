// Facts of the built package, for the first page.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const PACKAGE = new URL("../../../pkg/", import.meta.url);

export default {
  load() {
    const { version } = JSON.parse(readFileSync(new URL("package.json", PACKAGE), "utf8"));
    const { length } = gzipSync(readFileSync(new URL("index.js", PACKAGE)), { level: 9 });
    return { version, kilobytes: Math.round(length / 1000) };
  },
};

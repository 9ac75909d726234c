// The suite's dedicated worker. Import maps do not reach workers: the package is imported by its address.

import { runHere } from "./browser.js";

await runHere(new URL("../../pkg/index.js", import.meta.url).href);

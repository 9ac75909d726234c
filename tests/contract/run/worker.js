// The suite's dedicated worker. It imports the package by its address, because import maps do not apply to workers.

import { runHere } from "./browser.js";

await runHere(new URL("../../pkg/index.js", import.meta.url).href);

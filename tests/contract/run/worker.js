// The suite's dedicated worker. It imports the package by its address, because import maps do not apply to workers.

import { runHere } from "./browser.js";

const entry = (file) => new URL(`../../pkg/${file}`, import.meta.url).href;

await runHere(entry("index.js"), entry("reconnecting.js"));

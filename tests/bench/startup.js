// `node startup.js SUBJECT cold|warm`: the time to the first connection.

import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

import { measure } from "./starts/measure.js";

const [name, cache] = process.argv.slice(2);
if (cache === "warm") enableCompileCache(fileURLToPath(new URL("./cache", import.meta.url)));
const value = await measure(() => import(`./starts/${name}.js`));
flushCompileCache();
process.stdout.write(JSON.stringify({ value, messages: 1 }), () => process.exit());

// The bench in Node and Bun: `node bench/node.js
// '{"names":["delivery"],"host":"node24","server":"ws://127.0.0.1:PORT"}'`. The results are JSON lines on stdout.

import { run } from "./bench.js";

await run({ ...JSON.parse(process.argv[2]), report: (line) => console.log(JSON.stringify(line)) });
process.stdout.write("", () => process.exit());

// The bench in Node and Bun, with JSON lines on stdout:
// `node bench/node.js '{"names":["delivery"],"host":"node24","server":"ws://127.0.0.1:PORT"}'`

import { run } from "./bench.js";

await run({ ...JSON.parse(process.argv[2]), report: (line) => console.log(JSON.stringify(line)) });
process.stdout.write("", () => process.exit());

// A suite in Node and compatible hosts: `node --expose-gc contract/run/node.js http://127.0.0.1:PORT SUITE [filter]`.
// `--given=JSON` has further arguments of the cases of some suites. `fourd-websocket` is resolved from the project that
// contains this directory. The results are JSON lines on stdout.

import { parseArgs } from "node:util";

import { describeHost } from "../lib/capabilities.js";
import { load } from "./load.js";
import { cases, run } from "./suite.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean" }, given: { type: "string", default: "{}" } },
});
const [server, suite, filter] = positionals;
let failed = false;

if (values.list) {
  for (const { name } of cases) console.log(name);
  process.exit(0);
}
if (!server || !suite) {
  console.error(
    "usage: node --expose-gc contract/run/node.js http://127.0.0.1:PORT SUITE [filter] [--given=JSON], or --list",
  );
  process.exit(2);
}

const { WebSocket, known } = await load("fourd-websocket", "fourd-websocket/reconnecting");
await run({
  suite,
  WebSocket,
  server,
  filter,
  given: JSON.parse(values.given),
  host: describeHost(known),
  report(result) {
    failed ||= !result.ok;
    console.log(JSON.stringify(result));
  },
  finished: (summary) => console.log(JSON.stringify(summary)),
});
// Exits after the output was written. Open sockets of the host would keep the process alive.
process.stdout.write("", () => process.exit(failed ? 1 : 0));

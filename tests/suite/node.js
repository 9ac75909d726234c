// A suite in Node, and in what runs its programs: `node --expose-gc suite/node.js http://127.0.0.1:PORT SUITE [filter]`.
// `fourd-websocket` is the one of the project that this directory stands in. The results are JSON lines on stdout.

import { describeHost } from "./host.js";
import { load } from "./load.js";
import { cases, run } from "./suite.js";

const [server, suite, filter] = process.argv.slice(2);
let failed = false;

if (server === "--list") {
  for (const { name } of cases) console.log(name);
  process.exit(0);
}
if (!server || !suite) {
  console.error("usage: node --expose-gc suite/node.js http://127.0.0.1:PORT SUITE [filter], or --list");
  process.exit(2);
}

const { WebSocket, known } = await load("fourd-websocket");
await run({
  suite,
  WebSocket,
  server,
  filter,
  host: describeHost(known),
  report(result) {
    failed ||= !result.ok;
    console.log(JSON.stringify(result));
  },
  finished: (summary) => console.log(JSON.stringify(summary)),
});
// A socket that the host still holds must not keep the process; what was written comes first.
process.stdout.write("", () => process.exit(failed ? 1 : 0));

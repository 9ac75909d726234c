// The bench in a page of the test server; what was measured goes back to it.

import { run } from "./bench.js";

const query = new URLSearchParams(location.search);
let posted = Promise.resolve();

/** Reports a line, after those before it. */
function report(line) {
  const body = `${JSON.stringify(line)}\n`;
  posted = posted.then(() => fetch(`/report?key=${query.get("key")}`, { method: "POST", body }));
}

try {
  await run({ ...JSON.parse(query.get("config")), report });
} catch (error) {
  report({ error: `${error?.stack ?? error}` });
}

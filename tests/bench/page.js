// The bench in a page of the test server, to which the results are posted.

import { run } from "./bench.js";

const query = new URLSearchParams(location.search);
let posted = Promise.resolve();

/** Posts a line, after all earlier lines. */
function report(line) {
  const body = `${JSON.stringify(line)}\n`;
  posted = posted.then(() => fetch(`/report?key=${query.get("key")}`, { method: "POST", body }));
}

try {
  await run({ ...JSON.parse(query.get("config")), report });
} catch (error) {
  report({ error: `${error?.stack ?? error}` });
}

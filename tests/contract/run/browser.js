// A suite in a page or a worker of the test server. The results are posted to the server.

import { describeHost } from "../lib/capabilities.js";
import { load } from "./load.js";
import { run } from "./suite.js";

const query = new URLSearchParams(location.search);
let posted = Promise.resolve();

/** Posts a line, after all earlier lines. */
export function post(line) {
  const body = `${JSON.stringify(line)}\n`;
  posted = posted.then(() => fetch(`/report?key=${query.get("key")}`, { method: "POST", body }));
}

/** Runs the suite in the page's address on the package, whose entries have these specifiers. */
export async function runHere(specifier, reconnecting) {
  try {
    const { WebSocket, known } = await load(specifier, reconnecting);
    const [suite, filter] = ["suite", "filter"].map((name) => query.get(name) ?? "");
    const given = JSON.parse(query.get("given") ?? "{}");
    const host = describeHost(known);
    await run({ suite, WebSocket, server: location.origin, filter, given, host, report: post, finished: post });
  } catch (error) {
    post({ test: "the suite", ok: false, error: `${error?.stack ?? error}` });
  }
}

// A suite in workerd: a worker whose bindings tell it what to run. The results are JSON lines on stdout.

import { describeHost } from "./host.js";
import { load } from "./load.js";
import { run } from "./suite.js";

export default {
  /** What `workerd test` calls. */
  async test(controller, { self }) {
    const response = await self.fetch("http://self/");
    if (!response.ok) throw new Error(await response.text());
  },

  /** Everything in one request, as an application would have it: what a request opens belongs to it. */
  async fetch(request, { server, suite, filter }) {
    let failed = 0;
    const { WebSocket, known } = await load("/bundle/package.js");
    await run({
      suite,
      WebSocket,
      server,
      filter,
      host: describeHost(known),
      report(result) {
        failed += !result.ok;
        console.log(JSON.stringify(result));
      },
      finished: (summary) => console.log(JSON.stringify(summary)),
    });
    return new Response(`${failed} failed`, { status: failed > 0 ? 500 : 200 });
  },
};

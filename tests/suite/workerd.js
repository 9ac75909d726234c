// A suite in workerd: a worker whose bindings tell it what to run. The results are JSON lines on stdout.

import { describeHost } from "./host.js";
import { load } from "./load.js";
import { run } from "./suite.js";

export default {
  /** What `workerd test` calls. */
  async test(controller, { self }) {
    await self.fetch("http://self/");
  },

  /** Everything in one request, as an application would have it: what a request opens belongs to it. */
  async fetch(request, { server, suite, filter, given }) {
    const { WebSocket, known } = await load("/bundle/package.js");
    await run({
      suite,
      WebSocket,
      server,
      filter,
      given: JSON.parse(given),
      host: describeHost(known),
      report: (result) => console.log(JSON.stringify(result)),
      finished: (summary) => console.log(JSON.stringify(summary)),
    });
    return new Response();
  },
};

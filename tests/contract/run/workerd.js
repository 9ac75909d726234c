// A suite in workerd: a worker whose bindings tell it what to run. The results are JSON lines on stdout.

import { describeHost } from "../lib/capabilities.js";
import { load } from "./load.js";
import { run } from "./suite.js";

const BUNDLE = "/bundle/package.js";

// At older compatibility dates there is none. The package needs none; the cases note by it what may be collected.
if (!globalThis.WeakRef) {
  globalThis.gc = undefined;
  globalThis.WeakRef = class {
    constructor(target) {
      this.deref = () => target;
    }
  };
}

export default {
  /** What `workerd test` calls. */
  async test(controller, { self }) {
    await self.fetch("http://self/");
  },

  /** Everything in one request, as an application would have it: what a request opens belongs to it. */
  async fetch(request, { server, suite, filter, given }) {
    // For programs in Rust, the bundle says which cases do not fit them.
    const { WebSocket, known, unfit } = suite === "rust" ? await import(BUNDLE) : await load(BUNDLE);
    await run({
      suite,
      WebSocket,
      server,
      filter,
      given: JSON.parse(given),
      host: describeHost(known),
      unfit,
      report: (result) => console.log(JSON.stringify(result)),
      finished: (summary) => console.log(JSON.stringify(summary)),
    });
    return new Response();
  },
};

// A suite in workerd. The bindings of the worker select the suite. The results are JSON lines on stdout.

import { describeHost } from "../lib/capabilities.js";
import { load } from "./load.js";
import { run } from "./suite.js";

const BUNDLE = "/bundle/package.js";

// Older compatibility dates have no WeakRef. The package does not need it, but the cases detect collection with it.
if (!globalThis.WeakRef) {
  globalThis.gc = undefined;
  globalThis.WeakRef = class {
    constructor(target) {
      this.deref = () => target;
    }
  };
}

export default {
  /** The entry point of `workerd test`. */
  async test(controller, { self }) {
    await self.fetch("http://self/");
  },

  /** Runs the suite in one request, because connections belong to the request that opens them. */
  async fetch(request, { server, suite, filter, given }) {
    // For programs in Rust, the bundle exports a function that excludes cases.
    const { WebSocket, known, unfit } = suite === "rust" ? await import(BUNDLE) : await load(BUNDLE, BUNDLE);
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

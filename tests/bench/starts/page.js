// One import in a page of its own. The subjects are bundled, as in an application.

import { measure } from "./measure.js";

const query = new URLSearchParams(location.search);
const load = {
  bare: () => import("./bare.js"),
  package: () => import("./package.js"),
  partysocket: () => import("./partysocket.js"),
};
// A browser continues to load a page for a while, on every processor.
await new Promise((done) => setTimeout(done, 500));
const value = await measure(load[query.get("subject")]);
await fetch(`/report?key=${query.get("key")}`, { method: "POST", body: JSON.stringify({ value }) });

// The suite's page. It imports the package by its name, which the import map resolves.

import { post, runHere } from "./browser.js";

if (new URLSearchParams(location.search).has("worker")) {
  const worker = new Worker(new URL(`worker.js${location.search}`, import.meta.url), { type: "module" });
  worker.onerror = ({ message }) => post({ test: "worker.js", ok: false, error: message || "it does not start" });
} else {
  await runHere("fourd-websocket", "fourd-websocket/reconnecting");
}

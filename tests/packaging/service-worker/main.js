import { report, url } from "./program.js";

report(
  new Promise((resolve, reject) => {
    navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
    navigator.serviceWorker.register("worker.js", { type: "module" }).catch(reject);
    navigator.serviceWorker.ready.then(({ active }) => active.postMessage(url()));
  }),
);

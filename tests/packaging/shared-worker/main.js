import { report, url } from "./program.js";

const worker = new SharedWorker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.port.postMessage(url());
report(
  new Promise((resolve, reject) => {
    worker.port.onmessage = ({ data }) => resolve(data);
    worker.onerror = reject;
  }),
);

import { report, url } from "./program.js";

const answer = new Promise((resolve) => {
  navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
});
navigator.serviceWorker.register("worker.js", { type: "module" });
navigator.serviceWorker.ready.then(({ active }) => active.postMessage(url()));
report(answer);

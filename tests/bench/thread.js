// The main thread's side of a worker.

const threads = globalThis.Worker ? undefined : process.getBuiltinModule("node:worker_threads");

/** A thread that runs worker.js. `ask` resolves to its answer, `end` ends it. */
export function start() {
  const worker = new (globalThis.Worker ?? threads.Worker)(new URL("./worker.js", import.meta.url), { type: "module" });
  let settle;
  const answered = ({ answer, error }) => (error ? settle.reject(new Error(error)) : settle.resolve(answer));
  const failed = ({ message }) => settle?.reject(new Error(message ?? "the thread does not start"));
  if (threads) worker.on("message", answered).on("error", failed);
  else Object.assign(worker, { onmessage: ({ data }) => answered(data), onerror: failed });
  return {
    ask: (act, request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        worker.postMessage({ act, ...request });
      }),
    end: () => worker.terminate(),
  };
}

import { Worker } from "node:worker_threads";

const worker = new Worker(new URL("thread.js", import.meta.url), { workerData: process.argv[2] });
worker.once("message", console.log);

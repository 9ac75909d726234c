// A server as a child process that ends when its stdin closes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts a server that prints its address. */
export async function listen([program, ...options]) {
  const child = spawn(program, options, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(lines, "line"), ended.then(() => ["nothing"])]);
  const address = /^(?:listening on )?http:\/\/(.*?)\/?$/.exec(line)?.[1];
  if (!address) throw new Error(`${program} says ${line}, not where it listens`);
  return {
    address,
    http: `http://${address}`,
    ws: `ws://${address}`,
    /** Ends the server. Fails if it does not end in success. */
    async stop() {
      child.stdin.end();
      const [status] = await ended;
      if (status !== 0) throw new Error(`${program} ended with ${status}`);
    },
  };
}

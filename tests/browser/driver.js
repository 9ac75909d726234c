// A browser by WebDriver, as `cargo xtask test` names it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { Builder } from "selenium-webdriver";

/** Starts a browser with a driver of its own, for scripts and pages that take so long at the most. */
export async function open({ driver: command, environment, capabilities }, limit = 300_000) {
  const { child, url } = await start(command, environment);
  try {
    const driver = await new Builder().usingServer(url).withCapabilities(capabilities).build();
    await driver.manage().setTimeouts({ script: limit, pageLoad: limit });
    return { driver, close: () => driver.quit().finally(() => child.kill()) };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** The driver on a free port. What it leaves behind ends with the process group of the test. */
async function start([program, ...options], environment) {
  // The port may be taken meanwhile; the next one is another.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { ...process.env, ...environment };
    const child = spawn(program, [...options, `--port=${port}`], { env, stdio: "ignore" });
    const failed = once(child, "error").then(([error]) => Promise.reject(error));
    failed.catch(() => {});
    while (child.exitCode === null) {
      const answers = fetch(`${url}/status`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (await Promise.race([answers, failed])) return { child, url };
      await pause(50);
    }
  }
  throw new Error(`${program} ends at once; run it to see why`);
}

/** A port of this machine that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

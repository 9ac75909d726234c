// A browser with WebDriver, as `cargo xtask test` specifies it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Builder } from "selenium-webdriver";

/** Starts a browser with its own driver. `limit` is for scripts and for loading pages, in milliseconds. */
export async function open({ driver: command, environment, capabilities }, limit = 300_000) {
  // Chromium's driver leaves profiles behind.
  const profiles = mkdtempSync(join(tmpdir(), "browser-"));
  const { child, url } = await start(command, { TMPDIR: profiles, ...environment });
  const stop = async () => {
    const ended = child.exitCode ?? child.signalCode ?? once(child, "exit");
    child.kill();
    await ended;
    rmSync(profiles, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const driver = await new Builder().usingServer(url).withCapabilities(capabilities).build();
    await driver.manage().setTimeouts({ script: limit, pageLoad: limit });
    return { driver, close: () => driver.quit().finally(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the driver on a free port. Processes that it leaves behind end with the process group of the test. */
async function start([program, ...options], environment) {
  // Another process may take the port meanwhile. The next attempt uses another port.
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

/** A port of this machine without a listener. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Takes the tab of a browser offline, or back. */
export async function setOffline(driver, { name }, offline) {
  if (name === "Chromium") {
    await driver.setNetworkConditions({ offline, latency: 0, download_throughput: -1, upload_throughput: -1 });
    return;
  }
  await driver.setContext("chrome");
  try {
    await driver.executeScript((offline) => (Services.io.offline = offline), offline);
  } finally {
    await driver.setContext("content");
  }
}

// Child programs.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program to its end, or kills it after `limit` milliseconds. Returns its status and output. */
export async function run([program, ...options], { cwd, env, limit = 600_000 } = {}) {
  const child = spawn(program, options, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const written = { stdout: "", stderr: "" };
  for (const name of Object.keys(written)) {
    child[name].setEncoding("utf8").on("data", (text) => (written[name] += text));
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const [status, signal] = await once(child, "close");
  clearTimeout(timer);
  return { ...written, status: status ?? signal };
}

/** Runs a program that has to succeed, and returns its stdout. */
export async function output(command, options) {
  const { status, stdout, stderr } = await run(command, options);
  if (status !== 0) throw new Error(`\`${command.join(" ")}\` failed (${status}):\n${stdout}${stderr}`);
  return stdout;
}

export const check = async (command, options) => void (await output(command, options));

// Packages that npm installed.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** The path of a file of a package. It is in the workspace if other workspaces use another version. */
export function packageFile(workspace, file) {
  const own = new URL(`${workspace}/node_modules/${file}`, ROOT);
  return fileURLToPath(existsSync(own) ? own : new URL(`node_modules/${file}`, ROOT));
}

/** The program of a Node of `tests/hosts/package.json`, by its major version. */
export const node = (major) => packageFile("tests/hosts", `node-${major}/bin/node`);

export const deno = packageFile("tests/hosts", "deno/deno");
export const bun = packageFile("tests/hosts", "bun/bin/bun.exe");

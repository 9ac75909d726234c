// Linters for packages, run on the packed npm package.

import assert from "node:assert/strict";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { output } from "../harness/program.js";

const program = (file, ...options) => [process.execPath, packageFile("tests/types", file), ...options];

it("publint", async () => {
  // publint only fails for errors. Warnings and suggestions are in its output.
  const report = await output(program("publint/src/cli.js", "--strict", given.pkg));
  assert.doesNotMatch(report, /Warnings:|Suggestions:/);
});

it("are the types wrong", async () => {
  const options = ["--no-color", "--profile", "esm-only", given.tarball];
  // The result of importing the module depends on the bundler.
  const without = ["--exclude-entrypoints", "fourd_websocket.wasm"];
  await output(program("@arethetypeswrong/cli/dist/index.js", ...options, ...without));
});

// What linters of packages say of the packed npm package.

import assert from "node:assert/strict";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { output } from "../harness/program.js";

const program = (file, ...options) => [process.execPath, packageFile("tests/types", file), ...options];

it("publint", async () => {
  // It ends well whatever it finds, unless it is an error.
  const said = await output(program("publint/src/cli.js", "--strict", given.pkg));
  assert.doesNotMatch(said, /Warnings:|Suggestions:/);
});

it("are the types wrong", async () => {
  const options = ["--no-color", "--profile", "esm-only", given.tarball];
  // What an import of it gives is the bundler's to say.
  const without = ["--exclude-entrypoints", "fourd_websocket.wasm"];
  await output(program("@arethetypeswrong/cli/dist/index.js", ...options, ...without));
});

// The types of the packed npm package, compiled in all common configurations.

import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { check, run } from "../harness/program.js";
import { completions } from "./completion.js";

/** The module resolutions, and the kind of modules for each. */
const RESOLUTIONS = { nodenext: "nodenext", bundler: "esnext" };

/** The current major version of TypeScript, the two before, and the oldest that supports the syntax of the
    declarations, each with its tested resolutions. */
const COMPILERS = {
  typescript: Object.keys(RESOLUTIONS),
  "typescript-6": Object.keys(RESOLUTIONS),
  "typescript-5": ["nodenext"],
  "typescript-5.4": ["nodenext"],
};

/** The programs, each with its libraries, its packages of types, and whether optional members may be undefined only if
    their type says so. */
const PROGRAMS = [
  { file: "contract.ts", place: "a page", lib: ["es2022", "dom"], types: [] },
  {
    file: "contract.ts",
    place: "a page, exactly",
    lib: ["es2022", "dom"],
    types: [],
    exactOptionalPropertyTypes: true,
  },
  { file: "contract.ts", place: "Node", lib: ["es2022"], types: ["node"] },
  { file: "bare.ts", place: "neither", lib: ["es2022"], types: [] },
  {
    file: "reconnecting.ts",
    place: "a page, reconnecting",
    lib: ["es2022", "dom"],
    types: [],
    exactOptionalPropertyTypes: true,
  },
];

/** The expected text in the errors for each pair of lines of wrong.ts. */
const WRONG = [
  "'onmessage' does not exist",
  "'\"json\"'",
  "'string'",
  "'number'",
  "'number'",
  "'onretry' does not exist",
];

before(() => {
  for (const file of ["contract.ts", "reconnecting.ts", "bare.ts", "wrong.ts", "editor.ts"]) {
    copyFileSync(new URL(file, import.meta.url), `${given.project}/${file}`);
  }
});

/** The command that compiles a program. */
function compiling(compiler, moduleResolution, { file, lib, types, exactOptionalPropertyTypes = false }) {
  const options = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", exactOptionalPropertyTypes };
  const typeRoots = [dirname(packageFile("tests/types", "@types/node"))];
  const module = RESOLUTIONS[moduleResolution];
  const compilerOptions = { ...options, module, moduleResolution, lib, types, typeRoots };
  writeFileSync(`${given.project}/tsconfig.json`, JSON.stringify({ compilerOptions, files: [file] }));
  return [process.execPath, packageFile("tests/types", `${compiler}/bin/tsc`), "--pretty", "false"];
}

for (const [compiler, resolutions] of Object.entries(COMPILERS)) {
  for (const resolution of resolutions) {
    for (const program of PROGRAMS) {
      it(`${compiler}, ${resolution}, in ${program.place}`, async () => {
        await check(compiling(compiler, resolution, program), { cwd: given.project });
      });
    }
  }

  it(`${compiler}, in words`, async () => {
    const tsc = compiling(compiler, "nodenext", { ...PROGRAMS[0], file: "wrong.ts" });
    const { stdout } = await run(tsc, { cwd: given.project });
    // The format is `wrong.ts(5,36): error TS2561: …`. Continuation lines are indented.
    const errors = [...stdout.matchAll(/^wrong\.ts\S+ error (.*)$/gm)].map(([, text]) => text);
    assert.equal(errors.length, 2 * WRONG.length, stdout);
    for (const [at, wrong] of WRONG.entries()) {
      const [first, second] = errors.slice(2 * at);
      assert.equal(first, second);
      assert.ok(first.includes(wrong), `"${first}" has to name ${wrong}`);
    }
  });

  it(`${compiler}, in an editor`, async () => {
    compiling(compiler, "nodenext", { ...PROGRAMS[0], file: "editor.ts" });
    const found = await completions(compiler, `${given.project}/tsconfig.json`, `${given.project}/editor.ts`);
    assert.deepEqual(found, new Array(5).fill(["blob", "object", "text"]));
  });
}

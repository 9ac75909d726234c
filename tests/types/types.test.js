// The types of the packed npm package, compiled in every way that users do.

import { copyFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { check } from "../harness/program.js";

/** TypeScript's present major and the one before. */
const COMPILERS = ["typescript", "typescript-6"];

/** How a program finds the package: the kind of modules, and the resolution. */
const RESOLUTIONS = { nodenext: "nodenext", bundler: "esnext" };

/** What there is around a program: the libraries, and the packages of types. */
const SURROUNDINGS = { "a page": [["es2022", "dom"], []], Node: [["es2022"], ["node"]] };

before(() => copyFileSync(new URL("contract.ts", import.meta.url), `${given.project}/contract.ts`));

for (const compiler of COMPILERS) {
  for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
    for (const [place, [lib, types]] of Object.entries(SURROUNDINGS)) {
      it(`${compiler}, ${moduleResolution}, in ${place}`, async () => {
        const options = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022" };
        const typeRoots = [dirname(packageFile("tests/types", "@types/node"))];
        const compilerOptions = { ...options, module, moduleResolution, lib, types, typeRoots };
        writeFileSync(`${given.project}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["contract.ts"] }));
        const tsc = [process.execPath, packageFile("tests/types", `${compiler}/bin/tsc`)];
        await check(tsc, { cwd: given.project });
      });
    }
  }
}

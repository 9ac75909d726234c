// The completions in an editor, from the language service of a compiler.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { packageFile } from "../harness/packages.js";

const require = createRequire(import.meta.url);

/** The names that complete each empty string of a file, in the project of a tsconfig.json. */
export async function completions(compiler, config, file) {
  const complete = existsSync(service(compiler))
    ? inJavaScript(service(compiler), config, file)
    : await natively(config);
  const places = [...readFileSync(file, "utf8").matchAll(/""/g)].map(({ index }) => index + 1);
  return places.map((place) => (complete(file, place)?.entries ?? []).map(({ name }) => name).sort());
}

/** The API of a compiler that is written in JavaScript. */
const service = (compiler) => packageFile("tests/types", `${compiler}/lib/typescript.js`);

function inJavaScript(path, config, file) {
  const { sys, ...ts } = require(path);
  const { options } = ts.getParsedCommandLineOfConfigFile(config, {}, sys);
  const host = {
    ...sys,
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => (sys.fileExists(name) ? ts.ScriptSnapshot.fromString(sys.readFile(name)) : undefined),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  };
  const { getCompletionsAtPosition } = ts.createLanguageService(host);
  return (name, place) => getCompletionsAtPosition(name, place, {});
}

/** The language service of TypeScript 7, whose API is not stable yet. It ends with this process. */
async function natively(config) {
  const { API } = await import(pathToFileURL(packageFile("tests/types", "typescript/dist/api/sync/api.js")));
  const { checker } = new API().updateSnapshot({ openProjects: [config] }).getProject(config);
  return (name, place) => checker.getCompletionsAtPosition(name, place);
}

// The environments of users: a small project for each, with the commands that build and run it.
//
// `run` is a command in the project, whose last argument is the address to connect to. `page` is a page of the project
// on the test server. `serve` is a tool's own server, whose last argument is its port. `extension` is a page of the
// project as an extension. `tests` is a command that runs the project's tests, and `conversation` the expected report
// of one of them. `module` is the directory into which the tool puts the wasm module, if it uses the entry for edge
// hosts. `expected` are the lines of the report.

import { bun, deno, node, packageFile } from "../harness/packages.js";

/** The report of the program on success. */
const CONVERSATION = 'WebSocket: open, message text, message {"an":"object"}, message bytes, terminate 1000';

/** The report of the program with the class that reconnects. */
const COMEBACK =
  'ReconnectingWebSocket: open, message text, message {"an":"object"}, message bytes, ' +
  "terminate 1000, retry 1, stop 1";
const BOTH = [CONVERSATION, COMEBACK];

/** The same as the first without a TextDecoder. */
const WITHOUT_DECODER =
  'WebSocket: open, message text, message {"an":"object"}, ' +
  'error this host has no TextDecoder with the option fatal. Use dataType "blob" for binary messages, ' +
  "error TextDecoder is not defined, terminate 4007";

/** The results of tests with a wrong expectation in all but the conversation. Jest has these tests fail. */
const JEST = ["a conversation: passed", "an expectation in onMessage: failed", "the same with fake timers: failed"];

/** vitest has the run fail. */
const VITEST = [
  ...["a conversation: passed", "an expectation in onMessage: passed", "the same with fake timers: passed"],
  ...new Array(2).fill("expected 'text' to be 'another' // Object.is equality"),
];

/** The output of the guide's example. */
const EXAMPLE = ["connected to ws://SERVER/echo", "received: Hello world", "closed with code 1000"];

/** The error if a page may not compile the package. */
export const REFUSED =
  "WebSocketError 5000: WebAssembly cannot be used: the host has none (Lockdown Mode, --jitless), " +
  "has no memory for it, or its Content-Security-Policy lacks 'wasm-unsafe-eval' in script-src";

/** The errors of the entry without the module: before it is loaded, and for invalid sources. Valid sources follow. */
const SLIM = [
  "WebSocketError 5000: the WebAssembly module is not there yet: await init(url), init(bytes) or init(module) first",
  "WebSocketError 5000: init takes the url of fourd_websocket.wasm, its bytes, or a WebAssembly.Module, got 5",
  "5000 because of a CompileError",
  "5000 because of a Error",
  "5000 because of a Error",
  ...new Array(5).fill(CONVERSATION),
];

/** The errors of `new` without permission for the network, without headers and with them. */
const DENIED = new Array(2).fill(
  'WebSocketError 5015: the host refuses to open a connection to "ws://SERVER/echo", ' +
    'because of Requires net access to "SERVER", run again with the --allow-net flag',
);

/** A tool that runs in the Node of this process. */
const tool = (file, ...options) => [process.execPath, packageFile("tests/packaging", file), ...options];

/** vinext needs Node 22 or later. */
const inNode24 = (file, ...options) => [node(24), packageFile("tests/packaging", file), ...options];
const vite = (...options) => tool("vite/bin/vite.js", ...options);
const jest = (...options) => [node(24), ...options, "--runInBand", "--no-watchman"];
const JEST_FILE = packageFile("tests/packaging", "jest/bin/jest.js");
const VM_MODULES = ["--experimental-vm-modules", JEST_FILE];
const vitest = (environment) => [
  ...[node(24), packageFile("tests/packaging", "vitest/vitest.mjs"), "run", "--reporter=./reporter.js"],
  `--environment=${environment}`,
];
const next = (...options) => tool("next/dist/bin/next", ...options);

/** A server of plain files at the root of its address, where Vite and Parcel expect their output. */
const PREVIEW = vite("preview", "--host=127.0.0.1", "--strictPort", "--port");
const NEXT_START = next("start", "--hostname=127.0.0.1", "--port");

const inNode = (major, what, file) => ({
  name: `Node ${major}, ${what}`,
  files: "node",
  run: [node(major), file],
  needsWs: major === 20,
});

/** Once it is installed, esbuild is not a program of Node. */
const esbuild = (...options) => [packageFile("tests/packaging", ".bin/esbuild"), ...options, "--bundle"];

/** The package after an application's compiler for older hosts. */
const lowered = (target) => ({
  name: `lowered by esbuild to ${target}`,
  files: "node",
  build: esbuild("require.cjs", "--platform=node", `--target=${target}`, "--outfile=lowered.cjs"),
  run: [node(24), "lowered.cjs"],
});

const places = [
  { name: "the guide's example", files: "guide", run: [node(24), "example.mjs"], expected: EXAMPLE },
  ...[20, 22, 24, 26].flatMap((major) => [
    inNode(major, "import", "import.js"),
    inNode(major, "require()", "require.cjs"),
    inNode(major, "worker thread", "worker.js"),
  ]),
  lowered("es2020"),
  lowered("es2021"),
  { name: "Deno", files: "deno", run: [deno, "run", "--allow-net", "--no-prompt", "main.js"] },
  { name: "Deno without --allow-net", files: "deno", run: [deno, "run", "--no-prompt", "denied.js"], expected: DENIED },
  { name: "Bun", files: "bun", run: [bun, "main.js"] },
  { name: "import map", files: "import-map", page: "index.html" },
  { name: "strict Content-Security-Policy", files: "policy", page: "index.html" },
  { name: "the same without wasm-unsafe-eval", files: "policy-without-wasm", page: "index.html", expected: [REFUSED] },
  { name: "service worker", files: "service-worker", page: "index.html" },
  { name: "dedicated worker, by Vite", files: "dedicated-worker", build: vite("build"), serve: PREVIEW },
  { name: "shared worker, by Vite", files: "shared-worker", build: vite("build"), serve: PREVIEW },
  { name: "Vite, dev server", files: "vite", serve: vite("--host=127.0.0.1", "--strictPort", "--port") },
  { name: "Vite, build", files: "vite", build: vite("build"), serve: PREVIEW },
  { name: "webpack", files: "webpack", build: tool("webpack/bin/webpack.js", "--mode=production"), page: "index.html" },
  { name: "Rollup", files: "rollup", build: tool("rollup/dist/bin/rollup", "--config"), page: "index.html" },
  {
    name: "esbuild",
    files: "esbuild",
    build: esbuild("main.js", "--outdir=dist"),
    page: "index.html",
  },
  { name: "Parcel", files: "parcel", build: tool("parcel/lib/bin.js", "build", "index.html"), serve: PREVIEW },
  { name: "Rspack", files: "rspack", build: tool("@rspack/cli/bin/rspack.js", "build"), page: "index.html" },
  {
    name: "Next.js, server and client component",
    files: "next",
    build: next("build"),
    serve: NEXT_START,
    expected: [...BOTH, ...BOTH],
  },
  {
    name: "browser extension, page and service worker",
    files: "extension",
    extension: "index.html",
    expected: [...BOTH, ...BOTH],
  },
  { name: "Jest", files: "jest", tests: jest(...VM_MODULES), expected: JEST },
  {
    name: "Jest, jsdom",
    files: "jest",
    tests: jest(...VM_MODULES, "--env=jsdom"),
    conversation: WITHOUT_DECODER,
    expected: JEST,
  },
  {
    name: "ts-jest, ES2020",
    files: "jest",
    tests: jest(JEST_FILE, "--config=ts-jest.config.js"),
    expected: JEST,
  },
  { name: "vitest, happy-dom", files: "vitest", tests: vitest("happy-dom"), expected: VITEST },
  { name: "vitest, jsdom", files: "vitest", tests: vitest("jsdom"), expected: VITEST },
  {
    name: "Cloudflare's Vite plugin, dev server",
    files: "cloudflare",
    serve: vite("--host=127.0.0.1", "--strictPort", "--port"),
  },
  {
    name: "Cloudflare's Vite plugin, build",
    files: "cloudflare",
    build: vite("build"),
    serve: PREVIEW,
    module: "dist/cloudflare/assets",
  },
  { ...inNode(20, "slim", "main.js"), files: "slim", expected: SLIM },
  { ...inNode(26, "slim", "main.js"), files: "slim", expected: SLIM },
  {
    name: "Deno, slim",
    files: "slim",
    run: [deno, "run", "--allow-net", "--allow-read", "--no-prompt", "main.js"],
    expected: SLIM,
  },
  { name: "Bun, slim", files: "slim", run: [bun, "main.js"], expected: SLIM },
  { name: "import map, slim", files: "slim-page", page: "index.html", expected: [CONVERSATION] },
  {
    name: "Vite, slim",
    files: "slim-vite",
    build: vite("build"),
    serve: PREVIEW,
    module: "dist/assets",
    expected: [CONVERSATION],
  },
  {
    name: "Next.js, edge route",
    files: "next-edge",
    build: next("build"),
    serve: NEXT_START,
    module: ".next/server/edge",
  },
  {
    name: "vinext, dev server",
    files: "next-edge",
    serve: inNode24("vite/bin/vite.js", "--host=127.0.0.1", "--strictPort", "--port"),
  },
  {
    name: "vinext, build",
    files: "next-edge",
    build: inNode24("vite/bin/vite.js", "build"),
    serve: inNode24("vinext/dist/cli.js", "start", "--hostname=127.0.0.1", "--port"),
  },
];

export const all = places.map((place) => ({ expected: BOTH, conversation: CONVERSATION, ...place }));

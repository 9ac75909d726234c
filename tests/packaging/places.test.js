// The packed npm package in the environments of users: a small project for each, built with the environment's own tool
// in its default configuration, and run against the test server.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, cpSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { freePort, open } from "../browser/driver.js";
import { facts } from "../contract/lib/capabilities.js";
import { given } from "../harness/given.js";
import { bun, deno, node } from "../harness/packages.js";
import { run } from "../harness/program.js";
import { all, REFUSED } from "./places.js";

/** The limit for the report of a page, or for a server to listen, on a busy machine, in milliseconds. */
const PATIENCE = 30_000;

/** The limit for one environment. */
const LIMIT = 300_000;

const { server } = given;
const FILES = new URL("./", import.meta.url);
const TOOLS = new URL("node_modules/", FILES);
const PROJECTS = new URL("../../target/packaging/", import.meta.url);

/** Disables telemetry, questions and colours. */
const ENVIRONMENT = {
  NEXT_TELEMETRY_DISABLED: "1",
  NEXT_IGNORE_INCORRECT_LOCKFILE: "1",
  DO_NOT_TRACK: "1",
  DENO_NO_UPDATE_CHECK: "1",
  NO_UPDATE_NOTIFIER: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
};

/** The browser for all pages, started with the first. */
let browser;

before(() => {
  // Removes the projects of an earlier run. Parcel's cache would print another output.
  rmSync(PROJECTS, { recursive: true, force: true });
});

after(() => browser?.close());

for (const place of all) {
  it(place.name, async () => {
    const project = prepare(place);
    if (place.build) checkOutput(await finish(place.build, project));
    const reported = await runIn(place, project);
    checkModules(project, place.module);
    assert.equal(reported, place.expected.join("\n"));
  }).timeout(LIMIT);
}

/** A new project with the files of the environment, in which the package is installed by npm. */
function prepare({ name, files, needsWs }) {
  const project = new URL(`${name.toLowerCase().replace(/[^a-z0-9]/g, "-")}/`, PROJECTS);
  const installed = needsWs ? given.withWs : given.installed;
  cpSync(new URL(files, FILES), project, { recursive: true });
  cpSync(`${installed}/node_modules`, new URL("node_modules", project), { recursive: true });
  // npm keeps some tools below this directory, and the others where every project finds them.
  for (const tool of readdirSync(TOOLS)) symlinkSync(new URL(tool, TOOLS), new URL(`node_modules/${tool}`, project));
  copyFileSync(`${installed}/package.json`, new URL("package.json", project));
  copyFileSync(new URL("program.js", FILES), new URL("program.js", project));
  return project;
}

async function runIn(place, project) {
  if (place.tests) return tested(place, project);
  if (place.extension) return extended(place.extension, project);
  if (place.serve) return served(place.serve, project);
  if (place.page) return report(`${server}/files/packaging/${project.pathname.split("/").at(-2)}/${place.page}`);
  const output = await finish([...place.run, `${server.replace("http", "ws")}/echo`], project);
  return output.replaceAll(new URL(server).host, "SERVER").trimEnd();
}

/** The output of a program that succeeds. */
async function finish(command, cwd) {
  const { status, stdout, stderr } = await run(command, { cwd, env: ENVIRONMENT, limit: LIMIT });
  assert.equal(status, 0, shorten(`${command.join(" ")}:\n${stdout}${stderr}`));
  return stdout + stderr;
}

/** The output of a project's own tests, some of which have to fail. */
async function tested({ tests, conversation }, cwd) {
  const env = { ...ENVIRONMENT, ECHO: `${server.replace("http", "ws")}/echo`, CONVERSATION: conversation };
  const { status, stdout, stderr } = await run(tests, { cwd, env, limit: LIMIT });
  assert.equal(status, 1, `${stdout}${stderr}`);
  return stdout.trimEnd();
}

/** Opens a page of the project as an unpacked extension, in a browser of its own. */
async function extended(page, project) {
  const path = fileURLToPath(project).replace(/\/$/, "");
  const chromium = structuredClone(given.browser);
  chromium.capabilities["goog:chromeOptions"].args.push(`--load-extension=${path}`);
  const withIt = await open(chromium, PATIENCE * 2);
  try {
    return await report(`chrome-extension://${idOf(path)}/${page}`, withIt);
  } finally {
    await withIt.close();
  }
}

/** Chromium derives the id of an extension without a key from its path. */
const idOf = (path) =>
  [...createHash("sha256").update(path).digest("hex").slice(0, 32)]
    .map((digit) => String.fromCharCode("a".charCodeAt() + Number.parseInt(digit, 16)))
    .join("");

/** Tools quote the line of a warning, and the package is one line. */
const shorten = (output) =>
  output
    .split("\n")
    .map((line) => line.slice(0, 300))
    .join("\n");

/** Starts a tool's own server and opens its page. */
async function served([program, ...options], cwd) {
  const port = await freePort();
  const env = { ...process.env, ...ENVIRONMENT };
  const child = spawn(program, [...options, `${port}`], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  try {
    const start = performance.now();
    while (!(await listens(port)) && child.exitCode === null && performance.now() - start < PATIENCE) await pause(50);
    const reported = await report(`http://127.0.0.1:${port}/`).catch((error) =>
      assert.fail(`${error.message}\n${output}`),
    );
    checkOutput(output);
    return reported;
  } finally {
    child.kill();
  }
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/** Opens a page. Returns its report. */
async function report(base, { driver } = {}) {
  driver ??= (browser ??= await open(given.browser, PATIENCE * 2)).driver;
  const key = `packaging-${process.pid}-${base}`;
  const reports = new URL("/report", server);
  reports.searchParams.set("key", key);
  const page = new URL(base);
  page.searchParams.set("url", `${server.replace("http", "ws")}/echo`);
  page.searchParams.set("report", reports.href);
  await driver.get(page.href);
  const answer = await fetch(`${reports.href}&wait=${PATIENCE}`);
  const logged = warnings((await driver.manage().logs().get("browser")).map(({ message }) => message));
  assert.equal(answer.status, 200, `${page} reported nothing in ${PATIENCE} ms\n${logged.join("\n")}`);
  const reported = await answer.text();
  if (!reported.includes(REFUSED)) assert.deepEqual(logged, [], `the browser's console; it told ${reported}`);
  return reported;
}

/** The console's entries that a project may cause. A missing icon is not one. */
const warnings = (messages) => messages.filter((message) => !message.includes("/favicon.ico"));

/** Fails if a tool prints a warning, because the project contains nothing else to warn about. */
function checkOutput(output) {
  const warns = (line) =>
    // Next.js warns about the future of its edge runtime, and on a build server about its cache.
    !["edge runtime", "no build cache"].some((known) => line.includes(known)) &&
    ["warn", "deprecat", "\u{26a0}", "(!)"].some((sign) => line.includes(sign));
  assert(!output.toLowerCase().split("\n").some(warns), `it warns:\n${shorten(output)}`);
}

/** The module is inside the JavaScript, so that no tool may write a separate file. Only edge.js refers to a file. */
function checkModules(project, expected) {
  const files = readdirSync(project, { recursive: true });
  const modules = files.filter((file) => file.endsWith(".wasm") && !file.includes("node_modules/fourd-websocket/"));
  if (expected === undefined) assert.deepEqual(modules, [], "stray modules");
  else assert(modules.length > 0 && modules.every((file) => file.startsWith(`${expected}/`)), `${modules}`);
}

// --- Proxies ---

/** The hosts that have environment variables, as the facts know them. */
const PROGRAMS = {
  "Node 20": [{ name: "Node", version: "20", hasWs: true }, node(20)],
  ...Object.fromEntries(
    [22, 24, 26].map((major) => [`Node ${major}`, [{ name: "Node", version: `${major}` }, node(major)]]),
  ),
  Deno: [{ name: "Deno" }, deno, "run", "--allow-net", "--allow-env", "--no-prompt"],
  Bun: [{ name: "Bun" }, bun],
};

for (const [name, [host, ...program]] of Object.entries(PROGRAMS)) {
  it(`${name} goes through a proxy as its facts say`, async () => {
    const asked = [];
    const refuse = (how) => (_request, socket) => {
      asked.push(how);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    };
    const proxy = createServer().on("connect", refuse("tunnel")).on("upgrade", refuse("handshake"));
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${proxy.address().port}`;
    const env = {
      ...ENVIRONMENT,
      HTTP_PROXY: url,
      http_proxy: url,
      NO_PROXY: "",
      no_proxy: "",
      NODE_USE_ENV_PROXY: "1",
    };
    const cwd = prepare({ name: `proxy ${name}`, files: "node", needsWs: true });
    const command = [...program, "import.js", `${server.replace("http", "ws")}/echo`];
    const { stdout } = await run(command, { cwd, env, limit: LIMIT });
    await new Promise((closed) => proxy.close(closed));
    const [how] = asked;
    assert.equal(how !== undefined, facts.usesProxy.holds(host), `${how}\n${stdout}`);
    assert.equal(how === "tunnel", facts.tunnels.holds(host), `${how}`);
    assert.equal(stdout.includes("message text"), !how, stdout);
  }).timeout(LIMIT);
}

it("what_tools_warn_of_fails", () => {
  for (const warning of [
    "WARNING in asset size limit",
    "(!) Use of eval is strongly discouraged",
    "\u{26a0} Critical dependency",
    "(node:1) [DEP0040] DeprecationWarning: The `punycode` module is deprecated",
  ]) {
    assert.throws(() => checkOutput(`built\n${warning}\n`), warning);
  }
  checkOutput("\u{2713} built in 12 ms\n\u{26a0} The Edge Runtime is deprecated.");
});

it("a_console_may_miss_an_icon_only", () => {
  const icon = "http://127.0.0.1:1/favicon.ico - Failed to load resource";
  assert.deepEqual(warnings([icon]), []);
  assert.deepEqual(warnings([icon, "a"]), ["a"]);
});

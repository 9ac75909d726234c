// Checks of the pages and their site, target/docs, that need no host.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { given } from "../harness/given.js";
import { packageFile } from "../harness/packages.js";
import { check, output } from "../harness/program.js";
import { allSamples, pages } from "./sample.js";
import { withMatrix } from "./support.js";

const ROOT = new URL("../../", import.meta.url);
const SITE = new URL("target/docs/", ROOT);

/** The documents outside of docs/. */
const DOCUMENTS = [
  "README.md",
  "CODE_OF_CONDUCT.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "RELEASING.md",
  "SECURITY.md",
  "pkg-template/README.md",
];

/** Some packages of the site's bundle. */
const IN_SITE = ["vitepress", "@vue/runtime-dom", "minisearch", "mark.js", "@vueuse/core"];

/** The declarations of the package's entries, and their modules in the reference. */
const DECLARATIONS = {
  "pkg-template/index.d.ts": "fourd-websocket",
  "pkg-template/reconnecting.d.ts": "fourd-websocket/reconnecting",
  "pkg-template/slim.d.ts": "fourd-websocket/slim",
};

/** The kinds of exports, and the directory of TypeDoc for each. */
const KINDS = { class: "classes", interface: "interfaces", type: "type-aliases", function: "functions" };

/** Each exported declaration and each of its members is in the reference. */
it("every_export_is_in_the_reference", () => {
  const missing = [];
  for (const [file, module] of Object.entries(DECLARATIONS)) {
    let page;
    let exports = 0;
    for (const line of readFileSync(new URL(file, ROOT), "utf8").split("\n")) {
      const declared = exportIn(line);
      const member = memberIn(line);
      if (declared) {
        exports += 1;
        const html = new URL(`reference/${module}/${declared.kind}/${declared.name}.html`, SITE);
        page = existsSync(html) ? readFileSync(html, "utf8") : undefined;
        if (!page) missing.push(declared.name);
      } else if (/^(?:interface|type|declare) /.test(line)) {
        // Members of a declaration that is not exported are on the pages of its subclasses.
        page = undefined;
      } else if (member && page && !page.includes(`id="${member.toLowerCase()}"`)) {
        missing.push(member);
      }
    }
    assert(exports > 0, `${file} exports nothing that is known here`);
  }
  assert.deepEqual(missing, []);
});

/** The kind and the name of a line's export. */
function exportIn(line) {
  const [, keyword, name] = /^export (class|interface|type|function) (\w+)/.exec(line) ?? [];
  return keyword && { kind: KINDS[keyword], name };
}

/** The name of the member that a line declares. */
const memberIn = (line) => /^ {2}(?:static )?(?:readonly )?([a-z][a-zA-Z0-9]*)[:?(<]/.exec(line)?.[1];

it("exports_and_members_are_found", () => {
  assert.deepEqual(exportIn("export class WebSocket<out T> {"), { kind: "classes", name: "WebSocket" });
  assert.deepEqual(exportIn('export type Status = "a";'), { kind: "type-aliases", name: "Status" });
  for (const line of ["type Handler<T> = 1;", "export {};"]) assert.equal(exportIn(line), undefined);
  assert.equal(memberIn("  readonly errCode: number;"), "errCode");
  assert.equal(memberIn("  static new<T>("), "new");
  assert.equal(memberIn("  onOpen?(ws: WebSocket<T>): unknown;"), "onOpen");
  for (const line of ["    url: string,", "  [Symbol.dispose](): void;"]) assert.equal(memberIn(line), undefined);
});

it("every_sample_says_what_it_does", () => {
  assert(allSamples().length > 0);
});

/** The settings of the compiler are the strictest. */
it("every_sample_in_typescript_compiles", async () => {
  const dir = new URL("target/suite/docs-types/", ROOT);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(new URL("node_modules/", dir), { recursive: true });
  cpSync(new URL("pkg", ROOT), new URL("node_modules/fourd-websocket", dir), { recursive: true });
  const samples = allSamples().filter(({ language }) => language === "ts");
  assert(samples.length > 0, "no page has a sample in TypeScript");
  for (const { name, code, files } of samples) {
    mkdirSync(new URL(name, dir));
    for (const [file, text] of Object.entries({ ...files, "main.mts": code })) {
      writeFileSync(new URL(`${name}/${file}`, dir), text);
    }
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom"],
    types: [],
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
  };
  const files = samples.map(({ name }) => `${name}/main.mts`);
  writeFileSync(new URL("tsconfig.json", dir), JSON.stringify({ compilerOptions, files }));
  await check([process.execPath, packageFile("docs", "typescript/bin/tsc")], { cwd: dir });
}).timeout(60_000);

/** The path of each page of the site, except for the first, the 404, and those of rustdoc. */
function sitePages() {
  const files = readdirSync(SITE, { recursive: true }).filter((file) => file.endsWith(".html"));
  const paths = files.filter((file) => !/^(?:rust\/|index\.html|404\.html)/.test(file)).map((file) => `/${file}`);
  assert(paths.length >= pages().length, `the site has ${paths.length} pages; is it built?`);
  return paths;
}

const read = (path) => readFileSync(new URL(`.${path}`, SITE), "utf8");

/** The sidebar of any page has every page. */
it("every_page_can_be_reached", () => {
  const [sidebar] = /<aside class="VPSidebar".*?<\/aside>/s.exec(read("/guide/start.html"));
  const missing = sitePages().filter((path) => !sidebar.includes(`href="${path.replace(/index\.html$/, "")}"`));
  assert.deepEqual(missing, []);
});

/** Search engines and previews of links show them. */
it("every_page_has_a_title_a_description_and_a_card", () => {
  const seen = new Map();
  for (const path of ["/index.html", ...sitePages()]) {
    const html = read(path);
    const of = (pattern) => pattern.exec(html)?.[1] ?? assert.fail(`${path} has nothing like ${pattern}`);
    const description = of(/<meta name="description" content="([^"]*)">/);
    assert(/^.{20,160}$/.test(description), `${path}: "${description}" is too short or too long`);
    const title = of(/<title>([^<]+)<\/title>/);
    assert(!seen.has(title), `${path} has the title of ${seen.get(title)}, ${title}`);
    seen.set(title, path);
    assert.equal(of(/<meta property="og:description" content="([^"]*)">/), description);
    const url = of(/<link rel="canonical" href="([^"]+)">/);
    assert(url.endsWith(path.replace(/index\.html$/, "")), `${path} calls itself ${url}`);
    assert.equal(of(/<meta property="og:image" content="([^"]+)">/), new URL("/card.png", url).href);
    assert(read("/sitemap.xml").includes(`<loc>${url}</loc>`), `the sitemap has no ${url}`);
  }
});

it("the_card_is_a_picture_of_the_size_that_previews_show", () => {
  const png = readFileSync(new URL("card.png", SITE));
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1200, 630]);
});

/** For programs that read: no comment that is for the tests, and every page. */
it("every_page_is_there_as_markdown", () => {
  const list = read("/llms.txt");
  const all = read("/llms-full.txt");
  for (const { place, code } of allSamples().filter(({ place }) => !/^(?:README|docs\/index)/.test(place))) {
    assert(all.includes(code.trimEnd()), `llms-full.txt has not the code of ${place}`);
  }
  for (const path of sitePages()) {
    const file = path.replace(/\.html$/, ".md");
    const markdown = read(file);
    const [, title] = /^# (.+)$/m.exec(markdown) ?? assert.fail(`${file} has no heading`);
    const prose = markdown.replace(/^```.*?^```$/gms, "");
    assert(!/<!-- |<script setup>|^:::/m.test(prose), `${file} has marks for the tests or for VitePress`);
    assert(list.includes(`${file}): `), `llms.txt has no link to ${file} with its description`);
    assert(read(path).includes(`<link rel="alternate" type="text/markdown" href="${file}">`), path);
    assert(all.includes(`# ${title}`), `llms-full.txt has no ${title}`);
  }
});

it("the_matrix_of_hosts_is_that_of_the_facts", () => {
  const page = readFileSync(new URL("docs/guide/support.md", ROOT), "utf8");
  assert.equal(page, withMatrix(page), "`cargo xtask docs` writes it");
});

it("the_crate_s_reference_leads_back_to_the_site", () => {
  const html = read("/rust/fourd_websocket/struct.WebSocket.html");
  for (const link of ["/", "/guide/start.html#in-rust", "/reference/"]) assert(html.includes(`href="${link}"`), link);
});

/** The licences of its bundle, and those of the package, which the page "Try it" uses. */
it("the_site_has_the_licences_of_what_is_in_it", () => {
  const [notices, ofPackage] = [
    new URL("THIRD-PARTY-NOTICES.txt", SITE),
    new URL("pkg/THIRD-PARTY-NOTICES.txt", ROOT),
  ].map((file) => readFileSync(file, "utf8"));
  for (const name of IN_SITE) {
    const entry = notices.split("\n---\n").find((part) => part.includes(`Name: ${name}\n`));
    assert(entry, `it does not name ${name}`);
    assert(entry.includes("License Text:"), `it has not the licence of ${name}`);
  }
  assert(notices.includes(ofPackage), "it has not what is in the package");
});

/** Every link leads to a page, a file or a heading of this repository. External links are not checked. */
it("every_link_leads_somewhere", async () => {
  const site = fileURLToPath(SITE);
  const documents = DOCUMENTS.filter((file) => existsSync(new URL(file, ROOT)));
  const lychee = (...options) => [
    `${given.python}/lychee`,
    ...["--root-dir", site, "--index-files", "index.html"],
    // rustdoc checks its own links, and has many pages of sources.
    ...["--exclude-path", "/rust/"],
    // The file has the text of all other pages.
    ...["--exclude-path", "llms-full.txt"],
    ...options,
    site,
    ...documents,
  ];
  await check(lychee("--offline", "--include-fragments", "--no-progress", "--format=detailed"), { cwd: ROOT });
  const all = await output(lychee("--dump"), { cwd: ROOT });
  const external = all
    .split("\n")
    .map((line) => line.split(/\s/, 1)[0])
    .filter((link) => link.startsWith("http"));
  console.log([...new Set(external)].sort().join("\n"));
}).timeout(120_000);

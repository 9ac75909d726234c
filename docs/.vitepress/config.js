// The site that `cargo xtask docs` builds from these pages.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import license from "rollup-plugin-license";
import { defineConfig } from "vitepress";
import npmPackage from "../../pkg/package.json" with { type: "json" };
import reference from "../reference/typedoc-sidebar.json" with { type: "json" };
import language4d from "./4d.json" with { type: "json" };
import { card } from "./card.js";
import { describe } from "./description.js";
import { markdownOf, writeMarkdown } from "./markdown.js";
import { sidebar } from "./sidebar.js";

const TITLE = "fourd-websocket";
const DESCRIPTION =
  "4D's WebSocket class for JavaScript and Rust: a URL, a handler with four callbacks, and one order of calls that " +
  "holds in browsers, Node, Deno, Bun and workerd.";
const { version } = npmPackage;
const REPOSITORY = "https://github.com/fourd-websocket/fourd-websocket";

/** The address of the published site. The workflow that publishes it passes the address. */
const SITE = (process.env.SITE_URL ?? "https://fourd-websocket.github.io").replace(/\/$/, "");

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The licences of what the site's program contains. `cargo xtask docs` adds those of the package. */
const notices = () => license({ thirdParty: { output: { file: path("../../target/docs/THIRD-PARTY-NOTICES.txt") } } });

// A page of its own, not of the site's program.
const crate = { text: "Rust crate", link: "/rust/fourd_websocket/index.html", target: "_self" };

/** The path of a page on the site. */
const placeOf = (file) => `/${file.replace(/\.md$/, ".html").replace(/(^|\/)index\.html$/, "$1")}`;

export default defineConfig({
  title: TITLE,
  description: DESCRIPTION,
  lang: "en",
  outDir: "../target/docs",
  cacheDir: "../target/vitepress",
  // rustdoc's pages are added once this site is built. All links are checked then.
  ignoreDeadLinks: [/^\/rust\//],
  // Themes whose comments can be read on the grounds of this site.
  markdown: { languages: [language4d], theme: { light: "github-light-high-contrast", dark: "github-dark-default" } },
  sitemap: { hostname: SITE },
  head: [
    ["link", { rel: "icon", href: "/icon.svg", type: "image/svg+xml" }],
    ["meta", { name: "theme-color", content: "#0b5f68" }],
  ],
  transformPageData(page, { siteConfig }) {
    if (page.isNotFound) return;
    const text = readFileSync(`${siteConfig.srcDir}/${page.relativePath}`, "utf8");
    page.description ||= describe(text) || `${page.title}: a page of the documentation of ${TITLE}.`;
  },
  transformHead({ pageData, title, description }) {
    if (pageData.isNotFound) return [["meta", { name: "robots", content: "noindex" }]];
    const properties = {
      "og:type": "website",
      "og:site_name": TITLE,
      "og:title": title,
      "og:description": description,
      "og:url": `${SITE}${placeOf(pageData.relativePath)}`,
      "og:image": `${SITE}/card.png`,
      "og:image:width": "1200",
      "og:image:height": "630",
      "og:image:alt": `${TITLE}: one WebSocket class, the same on every host`,
    };
    const markdown = markdownOf(pageData.relativePath);
    return [
      ["link", { rel: "canonical", href: properties["og:url"] }],
      ...(markdown ? [["link", { rel: "alternate", type: "text/markdown", href: markdown }]] : []),
      ["meta", { name: "twitter:card", content: "summary_large_image" }],
      ...Object.entries(properties).map(([property, content]) => ["meta", { property, content }]),
    ];
  },
  buildEnd(site) {
    const { outDir } = site;
    const head = `# ${TITLE}\n\n> ${DESCRIPTION}\n\nVersion ${version}, from ${REPOSITORY}.\n`;
    // rustdoc's pages have no Markdown.
    writeMarkdown(site, { site: SITE, head, sidebar: sidebar(reference) });
    writeFileSync(`${outDir}/card.png`, card());
    writeFileSync(`${outDir}/robots.txt`, `User-agent: *\nAllow: /\n\nSitemap: ${SITE}/sitemap.xml\n`);
  },
  vite: {
    publicDir: path("../public"),
    resolve: { alias: { "fourd-websocket": path("../../pkg/index.js") } },
    // The class is one private part of the package, and the size of the site's own program is VitePress' affair.
    build: { chunkSizeWarningLimit: 1000 },
    plugins: [{ ...notices(), apply: (_config, { isSsrBuild }) => !isSsrBuild }],
  },
  themeConfig: {
    logo: { src: "/icon.svg", alt: "" },
    search: {
      provider: "local",
      // A page that explains something comes before the declarations with the same word. The function runs in the page.
      options: {
        miniSearch: { searchOptions: { boostDocument: (id) => (id.startsWith("/reference/") ? 0.3 : 1) } },
      },
    },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/guide/start", activeMatch: "/guide/" },
      { text: "From 4D", link: "/porting" },
      { text: "Reference", items: [{ text: "JavaScript API", link: "/reference/" }, crate] },
      { text: "Try it", link: "/try" },
      {
        text: `v${version}`,
        items: [
          { text: "Changelog", link: `${REPOSITORY}/blob/main/CHANGELOG.md` },
          { text: "Earlier versions", link: `${REPOSITORY}/tags` },
          { text: "Contributing", link: `${REPOSITORY}/blob/main/CONTRIBUTING.md` },
        ],
      },
    ],
    sidebar: sidebar(reference, crate),
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    editLink: {
      text: "Edit this page on GitHub",
      // The function runs in the page, and uses nothing from outside. The reference is made from the declarations.
      pattern: ({ filePath }) => {
        const [, entry = "index"] = /\/(slim|reconnecting)\//.exec(filePath) ?? [];
        const file = filePath.startsWith("reference/") ? `pkg-template/${entry}.d.ts` : `docs/${filePath}`;
        return `https://github.com/fourd-websocket/fourd-websocket/edit/main/${file}`;
      },
    },
    footer: {
      message:
        'MIT or Apache-2.0 · <a href="/THIRD-PARTY-NOTICES.txt" target="_self">Licences of the code of others</a>',
    },
    docFooter: { prev: "Before", next: "Next" },
  },
});

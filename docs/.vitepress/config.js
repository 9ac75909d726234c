// The site that `cargo xtask docs` builds from these pages.

import { fileURLToPath } from "node:url";
import license from "rollup-plugin-license";
import { defineConfig } from "vitepress";
import reference from "../reference/typedoc-sidebar.json" with { type: "json" };
import language4d from "./4d.json" with { type: "json" };

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The licences of what the site's program contains; `cargo xtask docs` adds those of the package. */
const notices = () => license({ thirdParty: { output: { file: path("../../target/docs/THIRD-PARTY-NOTICES.txt") } } });

// A page of its own, not of the site's program.
const crate = { text: "Rust", link: "/rust/fourd_websocket/index.html", target: "_self" };

export default defineConfig({
  title: "fourd-websocket",
  description: "4D's WebSocket class for every JavaScript host",
  lang: "en",
  outDir: "../target/docs",
  cacheDir: "../target/vitepress",
  // rustdoc's pages come when this site is built; all links are checked then.
  ignoreDeadLinks: [/^\/rust\//],
  markdown: { languages: [language4d] },
  head: [["link", { rel: "icon", href: "/icon.svg", type: "image/svg+xml" }]],
  vite: {
    publicDir: path("../public"),
    resolve: { alias: { "fourd-websocket": path("../../pkg/index.js") } },
    // The class is one private part of the package, and the size of the site's own program is VitePress' affair.
    build: { chunkSizeWarningLimit: 1000 },
    plugins: [{ ...notices(), apply: (_config, { isSsrBuild }) => !isSsrBuild }],
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guide", link: "/guide/start", activeMatch: "/guide/" },
      { text: "From 4D", link: "/porting" },
      { text: "Reference", items: [{ text: "JavaScript", link: "/reference/" }, crate] },
      { text: "Try it", link: "/try" },
    ],
    sidebar: [
      {
        text: "Guide",
        items: [
          { text: "First message", link: "/guide/start" },
          { text: "The sequence", link: "/guide/sequence" },
          { text: "Data types", link: "/guide/data" },
          { text: "Closing", link: "/guide/closing" },
          { text: "Waiting", link: "/guide/waiting" },
          { text: "Is it still there?", link: "/guide/heartbeat" },
          { text: "Coming back", link: "/guide/reconnecting" },
          { text: "Errors", link: "/guide/errors" },
          { text: "Headers, cookies, subprotocols", link: "/guide/handshake" },
          { text: "Hosts and their limits", link: "/guide/hosts" },
          { text: "Benchmarks", link: "/guide/benchmarks" },
          { text: "Testing", link: "/guide/testing" },
          { text: "Security", link: "/guide/security" },
        ],
      },
      { text: "Porting from 4D", link: "/porting" },
      { text: "Try it", link: "/try" },
      {
        text: "Reference",
        items: [{ text: "JavaScript", link: "/reference/", items: reference, collapsed: true }, crate],
      },
    ],
    socialLinks: [{ icon: "github", link: "https://github.com/fourd-websocket/fourd-websocket" }],
    footer: { message: '<a href="/THIRD-PARTY-NOTICES.txt" target="_self">Licences of the code of others</a>' },
    docFooter: { prev: "Before", next: "Next" },
  },
});

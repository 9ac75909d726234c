// The matrix of docs/guide/support.md: each feature by host, from the facts and the cases of the tests.
// `node tests/docs/support.js` writes it.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { facts } from "../contract/lib/capabilities.js";
import { cases } from "../contract/run/suite.js";

const ROOT = new URL("../../", import.meta.url);
const PAGE = new URL("docs/guide/support.md", ROOT);
const SECTION = /(<!-- support: [^\n]*-->\n).*?(<!-- \/support -->\n)/s;

/** The columns. A page and its worker are one host here. */
const HOSTS = {
  "Node 20 with `ws`": { name: "Node", version: "20", hasWs: true },
  "Node 22": { name: "Node", version: "22" },
  "Node 24": { name: "Node", version: "24" },
  "Node 26": { name: "Node", version: "26" },
  Deno: { name: "Deno" },
  Bun: { name: "Bun" },
  workerd: { name: "workerd" },
  Chromium: { name: "Chromium" },
  Firefox: { name: "Firefox" },
  WebKit: { name: "WebKit" },
};

/** The features by group. A host has a feature if it runs the `case` that tests it, or if the `fact` holds. `test` is
    the file and the name of a test outside of the contract, which every host with the fact passes. A feature is only
    relevant where the fact `of` holds. */
const FEATURES = {
  Opening: {
    "[Subprotocols](./handshake.md#a-subprotocol)": { case: "the_protocol_is_what_the_server_chose" },
    "[Headers](./handshake.md)": { case: "headers_are_sent_with_the_handshake" },
    "[User and password in the URL](./handshake.md#credentials-in-a-url), sent as Basic credentials": {
      case: "a_user_and_a_password_of_the_url_are_sent_decoded",
    },
    "Origin and [cookies](./handshake.md#cookies) of the page": { case: "a_handshake_tells_the_origin", of: "origin" },
    "[`connectionTimeout`](./waiting.md)": { case: "a_connection_that_is_not_open_in_time_fails" },
    "[A proxy](./hosts.md#http-proxies) that `HTTP_PROXY` names": { fact: "usesProxy", of: "environment" },
    "… through a tunnel not only for `wss:`, but also for `ws:`": { fact: "tunnels", of: "usesProxy" },
    "Strict Content-Security-Policy, with `'wasm-unsafe-eval'`": {
      fact: "origin",
      test: ["tests/packaging/places.js", "strict Content-Security-Policy"],
      of: "origin",
    },
    "WebAssembly in the JavaScript: no file to load": { fact: "compiles" },
  },
  "A failure is explained": {
    "HTTP status of a failed handshake": { case: "the_http_status_is_told_where_the_host_tells_it" },
    "Reason of a refused connection": { case: "the_hosts_words_are_told_where_it_has_any" },
    "Reason of a rejected certificate": { fact: "tellsCertificate" },
    "Wrong accept key fails": { case: "a_wrong_accept_key_fails" },
    "Redirect fails": { case: "a_redirect_fails" },
  },
  Messages: {
    "Text, `Blob` and JSON, [by `dataType`](./data.md)": { case: "messages_are_what_the_data_type_says" },
    "`bufferedAmount` and [`drained()`](./waiting.md) count what the host still has to write": {
      fact: "tellsBuffered",
    },
    "Text that is not UTF-8 ends the connection": { case: "text_that_is_not_utf8_is_a_loss" },
    "A byte order mark in a text is kept": { case: "a_byte_order_mark_in_a_text_frame_is_data" },
  },
  "While it is open": {
    "[`heartbeat`](./heartbeat.md)": { case: "a_heartbeat_is_sent_when_nothing_has_come" },
    "[`connect`](./waiting.md), `closed`, `for await`": { case: "connect_is_fulfilled_when_on_open_has_returned" },
    "[`signal`](./waiting.md): an `AbortSignal`": { case: "an_abort_is_terminate" },
  },
  "When it is lost": {
    "[`ReconnectingWebSocket`](/reference/fourd-websocket/reconnecting/index.md)": {
      case: "on_retry_may_choose_the_delay",
    },
    "A retry waits until the page is `online`": { case: "a_retry_waits_for_the_network", of: "origin" },
  },
  "The end": {
    "`onTerminate`, exactly once, always last": { case: "every_way_to_end_keeps_the_sequence" },
    "[`closeTimeout`](./closing.md)": { case: "an_answer_after_the_close_timeout_is_too_late" },
    "The server gets 1001 when a page is left": {
      fact: "origin",
      test: ["tests/browser/pages.test.js", "a_page_that_is_left_closes_with_1001"],
      of: "origin",
    },
    "Close codes 1012 and 1013 of a server": { fact: "takesCode1012" },
    "Close code 1014 of a server": { fact: "takesCode1014" },
    "A reason may hold a NUL": { case: "a_reason_may_hold_a_nul" },
  },
};

/** The page with the current matrix. */
export function withMatrix(page) {
  if (!SECTION.test(page)) throw new Error("docs/guide/support.md has no place for the matrix");
  return page.replace(SECTION, (_, start, end) => `${start}${matrix()}${end}`);
}

function matrix() {
  const hosts = Object.values(HOSTS);
  const rows = [
    ["Feature", ...Object.keys(HOSTS)],
    ["---", ...hosts.map(() => ":-:")],
  ];
  for (const [group, features] of Object.entries(FEATURES)) {
    rows.push([`**${group}**`, ...hosts.map(() => "")]);
    for (const [feature, proof] of Object.entries(features)) {
      rows.push([feature, ...hosts.map((host) => cell(proof, host))]);
    }
  }
  return `${rows.map((cells) => `| ${cells.join(" | ")} |`.replace(/ {2,}/g, " ")).join("\n")}\n`;
}

function cell({ case: name, fact, test, of }, host) {
  if (of && !holds(of, host)) return "–";
  const [file, title] = test ?? [];
  if (file && !readFileSync(new URL(file, ROOT), "utf8").includes(`"${title}"`)) {
    throw new Error(`${file} has no test "${title}"`);
  }
  return (fact ? [fact] : needsOf(name)).every((need) => holds(need, host)) ? "yes" : "**no**";
}

/** The facts that a case of the contract needs. */
function needsOf(name) {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`tests/contract has no case ${name}`);
  return found.needs;
}

function holds(name, host) {
  const fact = facts[name];
  if (!fact) throw new Error(`tests/contract/lib/capabilities.js has no fact ${name}`);
  if (fact.holds.length === 0) throw new Error(`the fact ${name} is only known for the host that runs this`);
  return fact.holds({ hasWs: false, isPackage: true, ReconnectingWebSocket: true, ...host });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(PAGE, withMatrix(readFileSync(PAGE, "utf8")));
}

// Random inputs for the class: urls, headers, subprotocols, close codes and reasons. Either the call throws a
// WebSocketError with the expected number and has no effect, or the host receives exactly the passed values.

import { Failed, show } from "../lib/assert.js";
import { ErrCode } from "../lib/errcode.js";
import { Random } from "../model/random.js";

/** The facts that every case here needs. */
export const needs = ["package"];

const COUNT = 3000;

/** Calls `check` with a random source for each seed. A failure names its seed. */
function forSeeds(check) {
  for (let seed = 0; seed < COUNT; seed++) {
    try {
      check(new Random(seed));
    } catch (error) {
      throw new Failed(`seed ${seed}: ${error instanceof Failed ? error.message : `${error?.stack ?? error}`}`);
    }
  }
}

/** Replaces the host's class during the case. It records every connection, and opens one on request. */
function double(t) {
  const opened = [];
  class Double {
    readyState = 0;
    bufferedAmount = 0;
    protocol = "";
    listeners = {};
    closed = [];
    constructor(...args) {
      this.args = args;
      opened.push(this);
    }
    addEventListener(type, listener) {
      this.listeners[type] = listener;
    }
    removeEventListener(type) {
      delete this.listeners[type];
    }
    close(...args) {
      this.closed.push(args);
      this.readyState = 3;
      this.listeners.close?.({ code: args[0], reason: args[1], wasClean: true });
    }
  }
  t.replaceHostClass(Double);
  return opened;
}

/** Opens a connection. Either the host received `due`, or the error is one of `due`. */
function opens(t, opened, [url, handler], due) {
  const before = opened.length;
  let ws, error;
  try {
    ws = t.WebSocket.new(url, handler);
  } catch (thrown) {
    error = thrown;
  }
  const what = `new(${show(url)}, ${show(handler)})`;
  if (typeof due[0] === "number") {
    if (error?.name !== "WebSocketError" || !due.includes(error.errCode)) {
      throw new Failed(`${what} threw ${error ? `${show(error)} (${error.errCode})` : "nothing"}, due was ${due}`);
    }
    t.equal(opened.length, before, `after ${what} the connections`);
    return;
  }
  if (error) throw new Failed(`${what} threw ${show(error)}`);
  t.equal(opened.length, before + 1, `after ${what} the connections`);
  t.deepEqual(opened.at(-1).args, due, `what the host was given by ${what}`);
  const text = typeof url === "string" ? url : url.href;
  t.equal(ws.url, text, "url");
  opened.at(-1).readyState = 1;
  opened.at(-1).listeners.open({});
  ws.terminate();
  t.equal(ws.status, "Closed", `the status after ${what}`);
}

const joined = (random, pieces, most) => random.several(0, most, () => random.pick(pieces)).join("");

export function random_addresses_are_those_that_the_native_url_takes(t) {
  const opened = double(t);
  const schemes = [
    "ws:",
    "wss:",
    "WS:",
    "wSs:",
    "http:",
    "https:",
    "file:",
    "javascript:",
    "",
    "ws",
    " ws:",
    "w\ns:",
    "x+ws:",
  ];
  const hosts = [
    "a",
    "a.b",
    "127.0.0.1",
    "[::1]",
    "[::",
    "a:80",
    "a:99999",
    "a:",
    "é.test",
    "%41",
    "a b",
    "u:p@a",
    "",
    "0x7f.1",
    "a^b",
  ];
  const pieces = ["/", "?", "#", "a", "é", " ", "%20", "%", "\t", "\n", "\\", "..", "\ud800", "&b=", "\u{1f600}", "\0"];
  forSeeds((random) => {
    const text =
      random.pick(schemes) +
      random.pick(["//", "//", "//", "/", "", "\\\\", "///"]) +
      random.pick(hosts) +
      joined(random, pieces, 6);
    let parsed;
    try {
      parsed = new URL(text);
    } catch {
      // The text is not an absolute URL.
    }
    // Chromium's URL encodes a space in a host as "%20".
    const isParsed = parsed && !parsed.hostname.includes("%");
    const isAddress = isParsed && ["ws:", "wss:"].includes(parsed.protocol) && !parsed.href.includes("#");
    const due = isAddress ? argumentsFor(parsed) : [ErrCode.url];
    opens(t, opened, [text], due);
    if (parsed) opens(t, opened, [parsed], due);
  });
}

/** The arguments of a host that can send headers. A user and a password become a header. */
function argumentsFor({ href, username, password }) {
  if (!username && !password) return [href, []];
  const bare = Object.assign(new URL(href), { username: "", password: "" });
  const authorization = `Basic ${btoa(`${username}:${password}`)}`;
  return [bare.href, { headers: [["Authorization", authorization]], protocols: [] }];
}

const CONTROL = /[\x01-\x08\x0a-\x1f\x7f]/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const texts = [
  "a",
  "B",
  "9",
  "-",
  "_",
  "~",
  "|",
  "!",
  "é",
  "ÿ",
  "Ā",
  "€",
  " ",
  "\t",
  "\r",
  "\n",
  "\0",
  "\x01",
  "\x7f",
  ":",
  ",",
  "/",
  '"',
  "(",
  "[",
  "\ud800",
  "@",
];

export function random_headers_are_those_that_http_takes(t) {
  const opened = double(t);
  const names = [
    "Cookie",
    "Authorization",
    "x-a",
    "Sec-WebSocket-Key",
    "SEC-WEBSOCKET-x",
    "Upgrade",
    "connection",
    "Connection-Id",
    "host",
    "__proto__",
  ];
  const valueOf = (random) => {
    if (random.chance(0.07)) return random.pick([5, null, undefined, {}, true, Symbol("none"), () => "none", [["a"]]]);
    return random.chance(0.4) ? random.pick(["", "a", "a b", "é", "Bearer x"]) : joined(random, texts, 4);
  };
  forSeeds((random) => {
    const pairs = random.several(0, 3, () => [
      random.chance(0.6) ? random.pick(names) : joined(random, texts, 3),
      random.chance(0.2) ? random.several(0, 3, () => valueOf(random)) : valueOf(random),
    ]);
    const headers = Object.fromEntries(pairs);
    const list = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const fault = list.map(faultOf).find((code) => code !== undefined);
    const due = fault ? [fault] : ["ws://a/", { protocols: [], headers: list }];
    opens(t, opened, ["ws://a/", { headers }], due);
  });
}

/** The expected errCode for an invalid header. */
function faultOf([name, value]) {
  const isName = takes(name, "a");
  if (isName !== TOKEN.test(name)) throw new Failed(`this host's Headers have another idea of the name ${show(name)}`);
  if (!isName) return ErrCode.headerName;
  if (/^(sec-websocket-.*|upgrade|connection|host)$/i.test(name)) return ErrCode.headerReserved;
  // Fetch accepts control characters, HTTP does not.
  if (typeof value !== "string" || !takes("a", value) || CONTROL.test(value)) return ErrCode.headerValue;
}

/** `true` if the host's own `Headers` accept a header unchanged. */
function takes(name, value) {
  try {
    return new Headers([[name, value]]).get(name) === value;
  } catch {
    return false;
  }
}

export function random_subprotocols_are_different_tokens(t) {
  const opened = double(t);
  forSeeds((random) => {
    const one = () => {
      if (random.chance(0.06)) return random.pick([5, null, undefined, {}, ["a"], true, Symbol("none"), 1n]);
      return random.chance(0.5) ? random.pick(["chat", "v1.chat", "CHAT", "a"]) : joined(random, texts, 3);
    };
    const protocols = random.chance(0.3) ? one() : random.several(0, 4, one);
    const list =
      protocols === undefined || protocols === null ? [] : Array.isArray(protocols) ? protocols : [protocols];
    const areTokens = list.every((any) => typeof any === "string" && TOKEN.test(any));
    const fault = !areTokens
      ? ErrCode.protocols
      : new Set(list.map((text) => text.toLowerCase())).size < list.length
        ? ErrCode.protocolRepeated
        : undefined;
    opens(t, opened, ["ws://a/", { protocols }], fault ? [fault] : ["ws://a/", list]);
  });
}

export function random_codes_and_reasons_are_those_of_the_contract(t) {
  const opened = double(t);
  const pieces = ["a", "é", "€", "\u{1f600}", "\ud800", "\udc00", "\0", "x".repeat(40), "é".repeat(20), "€".repeat(13)];
  const codes = [
    1000,
    3000,
    4999,
    1001,
    999,
    5000,
    2999,
    1005,
    1006,
    66536,
    -1,
    0,
    -0,
    NaN,
    Infinity,
    1e300,
    null,
    "1000",
    "",
    1000n,
    {},
    [1000],
    true,
    Symbol("none"),
  ];
  forSeeds((random) => {
    const anyCode = () => (random.chance(0.5) ? random.pick(codes) : (random.next() - 0.2) * 7000);
    const code = random.chance(0.4)
      ? random.pick([undefined, 1000, 3000 + random.below(2000)])
      : random.chance(0.5)
        ? Math.round(random.next() * 7000)
        : anyCode();
    const reason = random.chance(0.1)
      ? random.pick([undefined, null, 5, {}, ["a"], true, Symbol("none")])
      : joined(random, pieces, 6);
    const isCode = code === undefined || code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
    const isReason =
      reason === undefined || (typeof reason === "string" && new TextEncoder().encode(reason).length <= 123);
    const ws = t.WebSocket.new("ws://a/");
    const host = opened.at(-1);
    host.readyState = 1;
    host.listeners.open({});
    if (isCode && isReason) {
      ws.terminate(code, reason);
      t.deepEqual(host.closed, [[code ?? 1000, reason ?? ""]], "what the host's close was given");
      return t.equal(ws.status, "Closed");
    }
    const what = () => ws.terminate(code, reason);
    t.throws(what, isCode ? ErrCode.closeReason : ErrCode.closeCode);
    t.equal(ws.status, "Connected", "the status after a wrong terminate()");
    t.deepEqual(host.closed, []);
    ws.terminate();
  });
}

// Names and opening: the arguments, the result and the errors of `new`.

import { ErrCode } from "../lib/errcode.js";

// WPT: websockets/constructor/005.html, Create-valid-url.any.js, interfaces/WebSocket/readyState/001.html
export async function new_returns_at_once_connecting(t) {
  const connection = t.open("/echo");
  t.equal(connection.ws.status, "Connecting");
  t.equal(connection.sequence(), "", "the callbacks before new returned");
  t.ok(connection.ws instanceof t.WebSocket, "the object is an instance of the class");
  await connection.opened;
}

export async function the_constructor_does_the_same_as_new(t) {
  const connection = t.record();
  connection.ws = new t.WebSocket(t.url("/echo"), connection.handler);
  t.equal(connection.ws.status, "Connecting");
  t.ok(connection.ws instanceof t.WebSocket, "the object is an instance of the class");
  connection.ws.send("hello");
  t.deepEqual(await connection.received(), ["hello"]);
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
}

export async function the_example_of_the_contract_works(t) {
  class WSConnectionHandler {
    log = [];
    onMessage(ws, event) {
      this.log.push(event.data);
      ws.terminate();
    }
    onTerminate() {
      this.log.push("Connection closed");
    }
  }
  const handler = new WSConnectionHandler();
  const webSocket = t.WebSocket.new(t.url("/echo"), handler);
  webSocket.send("Hello world");
  await t.until(() => handler.log.length === 2);
  t.deepEqual(handler.log, ["Hello world", "Connection closed"]);
}

export async function a_new_connection_works_without_a_handler(t) {
  for (const handler of [[], [undefined], [null]]) {
    const ws = t.WebSocket.new(t.url("/echo"), ...handler);
    t.equal(ws.handler, null, "the handler");
    ws.send("nobody listens");
    await t.until(() => ws.status === "Connected");
    ws.terminate();
    await t.until(() => ws.status === "Closed");
    const { received, close } = await t.seen(new URL(ws.url).searchParams.get("key"));
    t.equal(received, 1, "the messages that arrived");
    t.equal(close.code, 1000, "the close code");
  }
}

export async function a_connection_that_fails_without_a_handler_ends_quietly(t) {
  const ws = t.WebSocket.new(t.refused);
  await t.until(() => ws.status === "Closed");
}

export async function a_handler_may_have_no_callbacks(t) {
  const ws = t.WebSocket.new(t.url("/text?data=unheard"), {});
  await t.until(() => ws.status === "Connected");
  ws.terminate(3000, "enough");
  await t.until(() => ws.status === "Closed");
  const { close } = await t.seen(new URL(ws.url).searchParams.get("key"));
  t.deepEqual(close, { code: 3000, reason: "enough" });
}

export async function a_url_object_is_taken(t) {
  const url = new URL(t.url("/echo"));
  const connection = t.record();
  connection.ws = t.WebSocket.new(url, connection.handler);
  t.equal(connection.ws.url, url.href);
  await connection.opened;
}

export async function the_url_of_a_url_object_is_read_once(t) {
  const url = new URL(t.url("/echo"));
  const href = url.href;
  const connection = t.record();
  connection.ws = t.WebSocket.new(url, connection.handler);
  url.pathname = "/status/401";
  t.equal(connection.ws.url, href);
  await connection.opened;
}

// WPT: websockets/constructor/019.html, interfaces/WebSocket/url/001.html (there `url` gets a slash)
export async function url_is_the_string_as_passed(t) {
  const url = t.url("/echo").replace("/echo", "/x/../echo");
  for (const text of [url, url.replace("ws:", "WS:")]) {
    const connection = t.record();
    connection.ws = t.WebSocket.new(text, connection.handler);
    t.equal(connection.ws.url, text);
    await connection.opened;
    t.equal(connection.ws.url, text);
  }
}

// WPT: websockets/Create-wrong-scheme.any.js, Create-http-urls.any.js (there http: and https: stand for ws: and wss:)
export function a_url_of_another_scheme_throws(t) {
  for (const url of ["http://127.0.0.1/", "https://127.0.0.1/", "ftp://a/", "file:///a", "data:,a", "about:blank"]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, ["ws:", "wss:", url]);
    t.throws(() => new t.WebSocket(url), ErrCode.url, [url]);
  }
}

// WPT: websockets/Create-non-absolute-url.any.js, Create-valid-url-relative.tentative.any.js (there they are resolved)
export function a_relative_url_throws(t) {
  for (const url of ["/echo", "echo", "//127.0.0.1/echo", "", "?a", "127.0.0.1", "ws:", "ws://", "wss:///"]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, ["absolute", JSON.stringify(url)]);
  }
}

// WPT: websockets/Create-invalid-urls.any.js
export function a_url_with_a_fragment_throws(t) {
  for (const url of [`${t.url("/echo")}#top`, `${t.url("/echo")}#`, new URL(`${t.url("/echo")}#top`)]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, "fragment");
  }
}

// WPT: websockets/constructor/001.html, constructor/006.html (there anything is made a text)
export function a_url_that_is_not_text_throws(t) {
  for (const url of [undefined, null, 5, true, 10n, Symbol("url"), {}, [], [t.url("/echo")], () => t.url("/echo")]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, "url");
  }
  t.throws(() => t.WebSocket.new(), ErrCode.url, "undefined");
  t.throws(() => t.WebSocket.new({ href: t.url("/echo") }), ErrCode.url);
  t.throws(() => t.WebSocket.new({ toString: () => t.url("/echo") }), ErrCode.url);
}

export function a_url_that_cannot_be_parsed_throws(t) {
  for (const url of ["ws://127.0.0.1:99999/", "ws://[::1/", "ws://127.0.0.1:x/"]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, url);
  }
}

export function a_url_object_of_another_scheme_throws(t) {
  t.throws(() => t.WebSocket.new(new URL("http://127.0.0.1/")), ErrCode.url);
}

export function nothing_is_opened_when_new_throws(t) {
  let opened = 0;
  t.replaceHostClass(
    class extends EventTarget {
      constructor() {
        super();
        opened += 1;
      }
    },
  );
  const url = "ws://127.0.0.1/";
  const attempts = [
    [5],
    ["http://127.0.0.1/"],
    [`${url}#a`],
    [url, "handler"],
    [url, () => {}],
    [url, { onOpen: 5 }],
    [url, { dataType: "xml" }],
    [url, { headers: 5 }],
    [url, { headers: { "a b": "c" } }],
    [url, { headers: { a: "b\r\nc: d" } }],
    [url, { protocols: ["a", "a"] }],
    [url, { protocols: "a b" }],
    [url, { closeTimeout: -1 }],
  ];
  for (const attempt of attempts) {
    t.equal(t.thrownBy(() => t.WebSocket.new(...attempt)).name, "WebSocketError");
    t.equal(t.thrownBy(() => new t.WebSocket(...attempt)).name, "WebSocketError");
  }
  t.equal(opened, 0, "the connections of the host");
}

// WPT: websockets/Send-before-open.any.js, interfaces/WebSocket/send/003.html (there it throws)
export async function a_message_sent_at_once_waits_for_the_open(t) {
  const connection = t.open("/echo");
  connection.ws.send("Hello world");
  t.deepEqual(await connection.received(), ["Hello world"]);
}

// WPT: websockets/constructor/013.html
export async function a_hundred_connections_at_once_do_not_mix(t) {
  const connections = Array.from({ length: 100 }, () => t.open("/echo"));
  connections.forEach(({ ws }, index) => ws.send(`number ${index}`));
  const all = await Promise.all(connections.map((connection) => connection.received()));
  t.deepEqual(
    all.map(([data]) => data),
    connections.map((_, index) => `number ${index}`),
  );
}

export async function where_wasm_may_not_be_compiled_new_throws(t) {
  const { WebSocket } = await t.host.importCopy("blocked");
  const { Module } = WebAssembly;
  // A page's Content-Security-Policy blocks it with this error.
  WebAssembly.Module = function () {
    throw new WebAssembly.CompileError("blocked");
  };
  try {
    t.throws(() => WebSocket.new(t.url("/echo")), ErrCode.noModule, ["wasm-unsafe-eval", "script-src"]);
  } finally {
    WebAssembly.Module = Module;
  }
  const ws = WebSocket.new(t.url("/echo"));
  t.equal(ws.status, "Connecting", "the status once it may be compiled");
  ws.terminate();
}
where_wasm_may_not_be_compiled_new_throws.needs = ["copies", "compiles"];

// Handshake headers, on hosts that can send them and on hosts that cannot.

import { ErrCode } from "../lib/errcode.js";
import { Double, onDouble } from "../lib/stand_in.js";

const url = "ws://127.0.0.1:20777/";

/** The headers that the server received: lists of values by lower-case name. */
const sent = async (t, members) => {
  const connection = t.open("/echo", members);
  await connection.opened;
  connection.ws.terminate();
  return (await t.seen(connection)).headers;
};

export async function headers_are_sent_with_the_handshake(t) {
  const headers = await sent(t, { headers: { Authorization: "Bearer x.y", "X-Empty": "", "x-words": "two words" } });
  t.deepEqual(headers.authorization, ["Bearer x.y"]);
  t.deepEqual(headers["x-empty"], [""]);
  t.deepEqual(headers["x-words"], ["two words"]);
}
headers_are_sent_with_the_handshake.needs = ["sendsHeaders"];

/** Deno sends its own before it, and no option of its `WebSocket` changes that (denoland/deno#26866). */
export async function a_user_agent_of_the_program_is_sent(t) {
  const { "user-agent": agents } = await sent(t, { headers: { "User-Agent": "program/1" } });
  t.equal(agents.at(-1), "program/1");
  t.equal(agents.length, t.host.addsUserAgent ? 2 : 1);
}
a_user_agent_of_the_program_is_sent.needs = ["sendsHeaders"];

export async function a_header_may_be_repeated(t) {
  const headers = await sent(t, { headers: { "X-Many": ["one", "two", "three"], "X-One": ["only"] } });
  // A host may combine them in one line, with the same meaning (RFC 9110, 5.3).
  t.deepEqual(
    headers["x-many"].flatMap((value) => value.split(/, */)),
    ["one", "two", "three"],
  );
  t.deepEqual(headers["x-one"], ["only"]);
}
a_header_may_be_repeated.needs = ["sendsHeaders"];

export async function names_that_differ_in_case_are_one_header(t) {
  const headers = await sent(t, { headers: { "X-Many": "one", "x-many": ["two"], "X-MANY": "three" } });
  t.deepEqual(
    headers["x-many"].flatMap((value) => value.split(/, */)),
    ["one", "two", "three"],
  );
}
names_that_differ_in_case_are_one_header.needs = ["sendsHeaders"];

export async function cookie_is_a_header_like_any(t) {
  const headers = await sent(t, { headers: { Cookie: "a=1; b=2" } });
  t.deepEqual(headers.cookie, ["a=1; b=2"]);
}
cookie_is_a_header_like_any.needs = ["sendsHeaders"];

export async function headers_and_protocols_go_together(t) {
  const connection = t.open("/echo", { headers: { "X-Trace": "7" }, protocols: ["a", "b"] });
  await connection.opened;
  t.equal(connection.ws.protocol, "a");
  connection.ws.terminate();
  const { headers } = await t.seen(connection);
  t.deepEqual(headers["x-trace"], ["7"]);
  t.equal(headers["sec-websocket-protocol"].join().replace(/ /g, ""), "a,b");
}
headers_and_protocols_go_together.needs = ["sendsHeaders"];

export async function headers_of_a_connection_are_its_own(t) {
  const [one, two] = await Promise.all([sent(t, { headers: { "X-Number": "1" } }), sent(t, {})]);
  t.deepEqual(one["x-number"], ["1"]);
  t.equal(two["x-number"], undefined);
}
headers_of_a_connection_are_its_own.needs = ["sendsHeaders"];

export async function headers_are_read_when_new_is_called(t) {
  const headers = { "X-Early": "yes" };
  const connection = t.open("/echo", { headers });
  headers["X-Early"] = "no";
  await connection.opened;
  connection.ws.terminate();
  t.deepEqual((await t.seen(connection)).headers["x-early"], ["yes"]);
}
headers_are_read_when_new_is_called.needs = ["sendsHeaders"];

export async function a_connection_with_headers_keeps_the_rest_of_the_contract(t) {
  const headers = { "X-Trace": "7" };
  const connection = t.open("/text?data={i}&count=2", { headers });
  t.deepEqual(await connection.received(2), ["0", "1"]);
  connection.ws.terminate(3000, "bye");
  await t.ends(connection, "open message message terminate", 3000);
  await t.failsToOpen("/status/401", { headers });
}
a_connection_with_headers_keeps_the_rest_of_the_contract.needs = ["sendsHeaders"];

export function headers_make_new_throw_where_the_host_cannot(t) {
  t.throws(() => t.WebSocket.new(t.url("/echo"), { headers: { "X-A": "b" } }), ErrCode.headersUnsupported, "headers");
  t.throws(() => new t.WebSocket(t.url("/echo"), { headers: { "X-A": "b" } }), ErrCode.headersUnsupported, "headers");
}
headers_make_new_throw_where_the_host_cannot.needs = ["refusesHeaders"];

export function headers_that_are_not_an_object_throw(t) {
  for (const headers of ["X-A: b", "", 5, true, [["X-A", "b"]], () => {}, 10n, Symbol("headers")]) {
    t.throws(() => t.WebSocket.new(url, { headers }), ErrCode.headers, "headers");
  }
}

export function a_header_name_that_is_not_one_throws(t) {
  for (const name of ["", "a b", "a:", "é", "a\r\nb", "a\n", "(a)", "a,b", '"a"', "\u0000"]) {
    t.throws(() => t.WebSocket.new(url, { headers: { [name]: "b" } }), ErrCode.headerName, "header");
  }
}

export function a_header_value_that_is_not_one_throws(t) {
  const texts = ["a\r\nb: c", "a\n", "\r", "a\u0000", "a\u0001", "\u007f", "€"];
  for (const value of [...texts, null, undefined, {}, true, Symbol("value"), () => {}]) {
    t.throws(() => t.WebSocket.new(url, { headers: { "X-A": value } }), ErrCode.headerValue, "X-A");
    t.throws(() => t.WebSocket.new(url, { headers: { "X-A": ["good", value] } }), ErrCode.headerValue, "X-A");
  }
}

export function an_error_does_not_show_the_value_of_a_header(t) {
  const headers = { Authorization: "Bearer secret\n" };
  const { message } = t.throws(() => t.WebSocket.new(url, { headers }), ErrCode.headerValue, "Authorization");
  t.ok(!message.includes("secret"), `no secret in ${message}`);
}

export function an_error_does_not_show_what_stands_in_the_wrong_place(t) {
  const wrong = "Authorization: Bearer secret";
  for (const [headers, code] of [
    [wrong, ErrCode.headers],
    [{ [wrong]: "" }, ErrCode.headerName],
  ]) {
    const { message } = t.throws(() => t.WebSocket.new(url, { headers }), code, "header");
    t.ok(!message.includes("secret"), `no secret in ${message}`);
  }
}

export function a_header_of_the_handshake_itself_throws(t) {
  const names = ["Sec-WebSocket-Key", "sec-websocket-protocol", "Sec-WebSocket-Version", "Connection", "UPGRADE"];
  for (const name of names) {
    t.throws(() => t.WebSocket.new(url, { headers: { [name]: "b" } }), ErrCode.headerReserved, name);
  }
}

/** A URL of the test server with a user and a password. */
const withCredentials = (t, credentials) => t.url("/echo").replace("ws://", `ws://${credentials}@`);
const basic = (text) => `Basic ${btoa(text)}`;

export async function a_user_and_a_password_of_the_url_are_sent_decoded(t) {
  for (const [userinfo, due] of [
    ["user:p%40ss", "user:p@ss"],
    ["us%3Aer:", "us:er:"],
    ["user", "user:"],
    [":secret", ":secret"],
    ["\u00fc:%ff%u0041%4", "\u00c3\u00bc:\u00ff%u0041%4"],
  ]) {
    const address = withCredentials(t, userinfo);
    const connection = t.open(address);
    await connection.opened;
    t.equal(connection.ws.url, address);
    connection.ws.terminate();
    const { headers } = await t.seen(new URL(address).searchParams.get("key"));
    t.deepEqual(headers.authorization, [basic(due)], `for ${userinfo}`);
  }
}
a_user_and_a_password_of_the_url_are_sent_decoded.needs = ["sendsHeaders"];

export async function credentials_of_the_url_go_beside_headers_and_protocols(t) {
  const address = withCredentials(t, "user:secret");
  const connection = t.open(address, { headers: { "X-Trace": ["7", "8"] }, protocols: ["a", "b"] });
  await connection.opened;
  t.equal(connection.ws.protocol, "a");
  connection.ws.terminate();
  const { headers } = await t.seen(new URL(address).searchParams.get("key"));
  t.deepEqual(headers.authorization, [basic("user:secret")]);
  t.equal(headers["x-trace"].join().replace(/ /g, ""), "7,8");
}
credentials_of_the_url_go_beside_headers_and_protocols.needs = ["sendsHeaders"];

export async function a_header_that_authorizes_goes_before_the_url(t) {
  for (const name of ["Authorization", "authorization"]) {
    const address = withCredentials(t, "user:secret");
    const connection = t.open(address, { headers: { [name]: "Bearer x.y" } });
    await connection.opened;
    connection.ws.terminate();
    const { headers } = await t.seen(new URL(address).searchParams.get("key"));
    t.deepEqual(headers.authorization, ["Bearer x.y"]);
  }
}
a_header_that_authorizes_goes_before_the_url.needs = ["sendsHeaders"];

/** The host decides what it does with the user and the password. */
export async function a_host_that_sends_no_headers_gets_the_url_as_it_is(t) {
  const urls = [];
  class Page extends Double {
    constructor(url, protocols) {
      super();
      if (!Array.isArray(protocols)) throw new DOMException("the subprotocol is invalid", "SyntaxError");
      urls.push(url);
    }
  }
  const restore = t.replaceHostClass(Page);
  const connection = t.open("ws://user:p%40ss@double.test/");
  const withHeaders = () => t.open("ws://user:p%40ss@double.test/", { headers: { "X-A": "b" } });
  t.throws(withHeaders, ErrCode.headersUnsupported);
  restore();
  t.deepEqual(urls, ["ws://user:p%40ss@double.test/"]);
  connection.ws.terminate();
  await connection.terminated;
}

export async function credentials_open_a_connection_everywhere(t) {
  const connection = t.open(withCredentials(t, "user:secret"));
  connection.ws.send("hello");
  t.deepEqual(await connection.received(), ["hello"]);
}

export function no_message_shows_a_password(t) {
  const wrong = [
    "http://user:secret@a/",
    "ws://user:secret@a/#b",
    "ws:user:secret@a/#b",
    "//user:secret@a/",
    "ws://:secret@/",
    "user:secret@a/",
    "user:secret@a:80/path",
    "secret@a/",
    "secret:@a/",
    "sec:ret@a/",
    "wss/user:secret@a/",
    " user:secret@a/",
  ];
  for (const text of [...wrong, "ws://user:sec@ret@a/#b", "ws://secret@a/#b", `ws://${":".repeat(100_000)}`]) {
    const { message } = t.throws(() => t.WebSocket.new(text), ErrCode.url);
    t.ok(!/sec|ret/.test(message), `no password in ${message}`);
  }
  t.replaceHostClass(
    class {
      constructor() {
        throw new Error("no more sockets");
      }
    },
  );
  const { message } = t.throws(() => t.WebSocket.new("ws://user:secret@a/"), ErrCode.hostRefused, "ws:");
  t.ok(!message.includes("secret"), `no password in ${message}`);
}

/** Hosts drop some of these headers, and fail with others. */
export function headers_of_the_framing_and_of_the_hop_throw(t) {
  const names = ["Host", "content-length", "Transfer-Encoding", "EXPECT", "Keep-Alive", "TE", "Trailer"];
  for (const name of [...names, "Proxy-Connection"]) {
    t.throws(() => t.WebSocket.new(url, { headers: { [name]: "x" } }), ErrCode.headerReserved, name);
  }
}

export async function headers_whose_names_are_like_those_of_the_hop_are_sent(t) {
  const names = ["X-Host", "Hosts", "TEA", "Trailers", "Expected", "Proxy-Connection-Id"];
  const headers = await sent(t, { headers: Object.fromEntries(names.map((name) => [name, "x"])) });
  t.deepEqual(
    names.map((name) => headers[name.toLowerCase()]),
    names.map(() => ["x"]),
  );
}
headers_whose_names_are_like_those_of_the_hop_are_sent.needs = ["sendsHeaders"];

/** On a double, because some hosts need time of their own. If the package compared each pair, it would take minutes. */
export function ten_times_as_many_protocols_and_headers_take_about_ten_times_as_long(t) {
  const names = Array.from({ length: 100_000 }, (_, number) => `n${number}`);
  const many = [
    { protocols: names },
    { headers: Object.fromEntries(names.map((name) => [name, "x"])) },
    { headers: { "X-Many": names } },
  ];
  for (const ofClass of [{}, { createWebSocketStream() {} }]) {
    for (const members of many) {
      const start = performance.now();
      const { connection } = onDouble(t, {}, (address) => t.open(address, members), ofClass);
      const milliseconds = performance.now() - start;
      connection.ws.terminate();
      t.ok(milliseconds < 5000, `${Object.keys(members)} take ${milliseconds} ms`);
    }
  }
}

export function a_getter_in_headers_that_throws_is_the_cause(t) {
  const cause = new Error("not today");
  const headers = {
    get "X-A"() {
      throw cause;
    },
  };
  t.equal(t.throws(() => t.WebSocket.new(url, { headers }), ErrCode.headers).cause, cause);
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  t.throws(() => t.WebSocket.new(url, { headers: { "X-A": proxy } }), ErrCode.headers);
}

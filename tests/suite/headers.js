// Handshake headers: where the host can, and where it cannot.

import { ErrCode } from "./errcode.js";
import { onDouble } from "./stand_in.js";

const url = "ws://127.0.0.1:20777/";

/** The headers of the handshake as the server saw them: lists of values by lower-case name. */
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

export async function a_header_may_be_repeated(t) {
  const headers = await sent(t, { headers: { "X-Many": ["one", "two", "three"], "X-One": ["only"] } });
  // A host may put them in one line, which means the same (RFC 9110, 5.3).
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
  for (const [headers, code] of [[wrong, ErrCode.headers], [{ [wrong]: "" }, ErrCode.headerName]]) {
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

/** Hosts drop some of them, and break on others. */
export function headers_of_the_framing_and_of_the_hop_throw(t) {
  const names = ["Host", "content-length", "Transfer-Encoding", "EXPECT", "Keep-Alive", "TE", "Trailer"];
  for (const name of [...names, "Proxy-Connection"]) {
    t.throws(() => t.WebSocket.new(url, { headers: { [name]: "x" } }), ErrCode.headerReserved, name);
  }
}

export async function headers_whose_names_are_like_those_of_the_hop_are_sent(t) {
  const names = ["X-Host", "Hosts", "TEA", "Trailers", "Expected", "Proxy-Connection-Id"];
  const headers = await sent(t, { headers: Object.fromEntries(names.map((name) => [name, "x"])) });
  t.deepEqual(names.map((name) => headers[name.toLowerCase()]), names.map(() => ["x"]));
}
headers_whose_names_are_like_those_of_the_hop_are_sent.needs = ["sendsHeaders"];

/** On a double, since some hosts take time of their own. In a package that compares each with each, it would be minutes. */
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

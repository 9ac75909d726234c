// The cases of web-platform-tests for clients, in terms of this API, unless another noun has them already. A case names
// the files that it covers after "WPT:", here and in the other nouns: `grep -rn "WPT:" tests xtask` lists them. Where
// the contract and WPT differ, the comment says so, and the contract decides.
//
// Files of websockets/ that have no case:
// - Create-extensions-empty.any.js, interfaces/WebSocket/extensions/: there is no `extensions`.
// - interfaces/WebSocket/constants/, idlharness.any.js, interfaces.html, interfaces/CloseEvent/: the shape of the
//   browser's own class and events. Here, a status is a string and an event an object. invariants.js checks them.
// - interfaces/WebSocket/events/001-009, 016-019: attributes like `onopen`, `addEventListener` and `dispatchEvent`. A
//   handler object takes their place.
// - interfaces/WebSocket/{url/005, url/006, readyState/004, readyState/005, send/002, close/close-replace}.html and
//   bufferedAmount-defineProperty-*.html: members replaced on the class, which only the application can do.
// - constructor/014.html (one handshake at a time for a host), Create-valid-url-http.tentative, basic-auth.any.js: the
//   browser's handshake, before the package is involved.
// - cookies/002-007: cookies that a server sets and scripts cannot read, and referrer policies.
// - mixed-content.https.any.js and every `?wss` variant: they need a certificate that each host trusts.
// - bufferedAmount-unchanged-by-sync-xhr.any.js: only pages have synchronous requests. A loop replaces them below.
// - keeping-connection-open/001.html: 20 s of silence in each run. The nouns lifetime and terminate have shorter waits.
// - unload-a-document/, back-forward-cache-*.window.js, remove-own-iframe-during-onerror.window.js: see
//   tests/browser/pages.test.js.
// - stream/, multi-globals/, security/002.html, handlers/: another class, frames of a page, and the server's side.

import { ErrCode } from "../lib/errcode.js";

const refused = "ws://127.0.0.1:20777/";

/** Sends a message, and returns the one that the server sends back. */
const echoOf = async (t, message, dataType = "text") => {
  const connection = t.open("/echo", { dataType });
  await connection.opened;
  connection.ws.send(message);
  const [data] = await connection.received();
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
  return data;
};

/** The server's record of a connection to a url. */
const requested = async (t, url) => {
  const connection = t.record();
  connection.ws = t.WebSocket.new(url, connection.handler);
  t.equal(connection.ws.url, url);
  await connection.opened;
  connection.ws.terminate();
  await connection.terminated;
  return t.seen(new URL(url).searchParams.get("key"));
};

// --- Close ---

// WPT: websockets/Close-1000-reason.any.js, Close-3000-reason.any.js, Close-4999-reason.any.js
export async function a_reason_goes_with_every_code(t) {
  for (const code of [1000, 3000, 4999]) {
    const connection = t.open("/echo");
    await connection.opened;
    connection.ws.terminate(code, "a reason");
    const { reason, wasClean } = await t.ends(connection, "open terminate", code);
    t.equal(reason, "a reason");
    t.equal(wasClean, true, "wasClean");
  }
}

// WPT: websockets/closing-handshake/004.html
export async function a_message_behind_the_servers_close_frame_is_none(t) {
  const closeFrame = { raw: "880203e8" };
  const connection = t.open(t.script({ await: "message" }, closeFrame, { opcode: 1, text: "too late" }));
  connection.ws.send("Goodbye");
  const { code } = await connection.terminated;
  // Chromium treats it as a broken connection.
  t.equal(connection.sequence(), code === 1006 ? "open error terminate" : "open terminate", "the sequence");
  t.ok([1000, 1006].includes(code), `the code is ${code}`);
}

// WPT: websockets/interfaces/WebSocket/url/003.html, readyState/003.html, bufferedAmount/bufferedAmount-deleting.html
// WPT: websockets/interfaces/WebSocket/close/close-basic.html (of the event)
export async function what_is_deleted_stays(t) {
  const connection = t.open("/echo");
  const { ws } = connection;
  ws.terminate();
  const names = ["url", "handler", "dataType", "status", "id", "protocol", "bufferedAmount"];
  const before = names.map((name) => ws[name]);
  for (const name of names) Reflect.deleteProperty(ws, name);
  names.forEach((name, index) => t.equal(ws[name], before[index], name));
  t.equal(ws.status, "Closing");
  const event = await t.ends(connection, "terminate", 1006);
  t.equal(Reflect.deleteProperty(event, "wasClean"), false, "that wasClean could be deleted");
  t.equal(Reflect.set(event, "wasClean", true), false, "that wasClean could be set");
  t.equal(event.wasClean, false, "wasClean");
}

// --- Create ---

// WPT: websockets/Create-invalid-urls.any.js, Create-url-with-space.any.js, constructor/002.html
export function a_host_with_a_space_and_other_addresses_throw(t) {
  const spaces = ["ws://foo bar.com/", "wss://foo bar.com/", "web platform.test", "ws://web platform.test/echo"];
  for (const url of [...spaces, "?test", "#test"]) {
    t.throws(() => t.WebSocket.new(url), ErrCode.url, JSON.stringify(url));
  }
  // A password may stand there.
  t.throws(() => t.WebSocket.new("mailto:example@example.org"), ErrCode.url, '"…@example.org"');
}

// WPT: websockets/constructor/017.html
export async function too_few_slashes_are_made_good(t) {
  for (const [scheme, slashes] of [
    ["ws:", ""],
    ["ws:", "/"],
    ["wss:", ""],
    ["wss:", "/"],
  ]) {
    const connection = t.open(`${scheme}${slashes}${refused.slice("ws://".length)}`);
    connection.ws.terminate();
    await t.ends(connection, "terminate", 1006);
  }
}

// WPT: websockets/constructor/020.html, with an address that has letters, since names are not for a test
export async function a_host_in_capitals_is_the_same_host(t) {
  const url = t.url("/echo").replace("127.0.0.1", "0X7F.0.0.1");
  t.ok(url.includes("0X7F"), `the address has letters: ${url}`);
  t.equal((await requested(t, url)).path, "/echo");
}

// WPT: websockets/interfaces/WebSocket/url/resolve.html (there `url` is as it was resolved, here as it was passed)
export async function a_space_in_the_query_reaches_the_server_encoded(t) {
  const { target } = await requested(t, `${t.url("/echo")}&q=foo%20bar baz`);
  t.ok(target.endsWith("&q=foo%20bar%20baz"), target);
}

// WPT: websockets/constructor/016.html, Create-url-with-windows-1252-encoding.html: UTF-8, whatever the page is in
export async function letters_in_the_query_reach_the_server_in_utf8(t) {
  const { target } = await requested(t, `${t.url("/echo")}&q=åäö`);
  t.ok(target.endsWith("&q=%C3%A5%C3%A4%C3%B6"), target);
}

// WPT: websockets/constructor/018.html
export async function a_nul_in_the_query_reaches_the_server_encoded(t) {
  const { target } = await requested(t, `${t.url("/echo")}&q=x\u0000y`);
  t.ok(target.endsWith("&q=x%00y"), target);
}

// WPT: websockets/constructor/008.html
export async function the_ports_of_the_web_are_not_blocked(t) {
  for (const address of ["ws://nobody.invalid:80/", "ws://nobody.invalid:443/", "wss://nobody.invalid:80/"]) {
    const connection = t.open(address);
    connection.ws.terminate();
    await t.ends(connection, "terminate", 1006);
  }
}

// WPT: websockets/Create-blocked-port.any.js
export async function a_blocked_port_fails(t) {
  for (const port of [1, 6667]) {
    const { errors } = (await t.failsToOpen(`ws://127.0.0.1:${port}/`)).event("error");
    t.equal(errors[0].errCode, ErrCode.notOpened);
  }
}

// WPT: websockets/constructor.any.js
export async function a_stray_argument_is_not_looked_at(t) {
  const stray = new Proxy({}, { get: () => t.ok(false, "it is not looked at") });
  const connection = t.record();
  connection.ws = new t.WebSocket(t.url("/echo"), connection.handler, stray);
  t.ok(connection.ws instanceof t.WebSocket, "the object is an instance of the class");
  await connection.opened;
}

// WPT: websockets/constructor/004.html, constructor/007.html, Create-asciiSep-protocol-string.any.js,
// WPT: websockets/Create-nonAscii-protocol-string.any.js, Create-protocol-with-space.any.js
export function no_control_separator_or_letter_beyond_ascii_may_stand_in_a_protocol(t) {
  const from = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const characters = String.fromCharCode(...from(0, 0x20), ...from(0x7f, 0x100), 0x17f);
  for (const bad of `${characters}"(),/:;<=>?@[\\]{}`) {
    for (const protocol of [bad, `a${bad}b`, `${bad}echo`, `echo${bad}`]) {
      t.throws(() => t.WebSocket.new(refused, { protocols: protocol }), ErrCode.protocols, "protocols");
    }
  }
}

// WPT: websockets/constructor/011.html
export async function a_protocol_in_capitals_is_another(t) {
  const connection = await t.failsToOpen("/echo?protocol=foobar", { protocols: "FOOBAR" });
  t.equal(connection.ws.protocol, "");
}

// WPT: websockets/Create-protocols-repeated-case-insensitive.any.js
export function a_protocol_given_twice_in_other_letters_throws(t) {
  const protocols = ["echo", "a", "eCho"];
  t.throws(() => t.WebSocket.new(refused, { protocols }), ErrCode.protocolRepeated, ["eCho", "protocols"]);
}

// WPT: websockets/referrer.any.js
export async function a_handshake_tells_no_referrer(t) {
  const { headers } = await requested(t, t.url("/echo"));
  t.equal(headers.referer, undefined);
}

// WPT: websockets/opening-handshake/003.html, 003-sets-origin.worker.js
export async function a_handshake_tells_the_origin(t) {
  const { headers } = await requested(t, t.url("/echo"));
  t.deepEqual(headers.origin, [globalThis.location.origin]);
}
a_handshake_tells_the_origin.needs = ["origin"];

// WPT: websockets/cookies/001.html
export async function a_handshake_has_the_cookies_of_the_page(t) {
  const cookie = `wpt_${Math.random().toString(36).slice(2)}=test`;
  document.cookie = `${cookie}; Path=/`;
  const { headers } = await requested(t, t.url("/echo"));
  document.cookie = `${cookie}; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT`;
  t.contains(headers.cookie.join("; "), cookie);
}
a_handshake_has_the_cookies_of_the_page.needs = ["document"];

// --- Send ---

// WPT: websockets/Send-data.any.js, Send-0byte-data.any.js, Send-unicode-data.any.js, Send-paired-surrogates.any.js,
// WPT: websockets/interfaces/WebSocket/send/009.html, send/011.html
export async function text_comes_back_as_it_was(t) {
  const texts = ["Message to send", "", "¥¥¥¥¥¥", "\ud801\udc07", "\u00e5 a\u030a \ud801\udc7e"];
  for (const text of texts) t.equal(await echoOf(t, text), text);
}

// WPT: websockets/Send-unpaired-surrogates.any.js, interfaces/WebSocket/send/006.html
export async function surrogates_in_the_wrong_order_are_replaced_one_by_one(t) {
  t.equal(await echoOf(t, "\ud807"), "\ufffd");
  t.equal(await echoOf(t, "a\udc00xb\ud800xc\udc00\ud800x"), "a\ufffdxb\ufffdxc\ufffd\ufffdx");
}

// WPT: websockets/extended-payload-length.html, Send-65K-data.any.js, Send-binary-65K-arraybuffer.any.js,
// WPT: websockets/Send-binary-arraybuffer.any.js, binary/{001,002,004,005}.html
export async function messages_of_every_form_of_length_come_back(t) {
  const lengths = [10, 125, 126, 127, 65_000, 65_535, 65_536, 65_537, 100_000];
  const texts = t.open("/echo");
  const blobs = t.open("/echo", { dataType: "blob" });
  await Promise.all([texts.opened, blobs.opened]);
  for (const length of lengths) {
    texts.ws.send("a".repeat(length));
    blobs.ws.send(new Uint8Array(length).map((_, index) => index % 251).buffer);
  }
  const received = await texts.received(lengths.length);
  t.deepEqual(
    received.map((text) => text.length),
    lengths,
  );
  t.ok(
    received.every((text) => /^a*$/.test(text)),
    "all of it is a",
  );
  const buffers = await Promise.all((await blobs.received(lengths.length)).map((blob) => blob.arrayBuffer()));
  t.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    lengths,
  );
  const isWhole = (buffer) => new Uint8Array(buffer).every((byte, index) => byte === index % 251);
  t.ok(buffers.every(isWhole), "each byte is in its place");
}

// WPT: websockets/Send-binary-arraybufferview-{float16,float32,float64,int8,int32}.any.js,
// WPT: websockets/Send-binary-arraybufferview-{int16-offset,uint8-offset,uint8-offset-length}.any.js,
// WPT: websockets/Send-binary-arraybufferview-{uint16-offset-length,uint32-offset}.any.js
export async function views_come_back_with_their_values(t) {
  const classes = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
  // Older hosts have no Float16Array.
  const floats = [globalThis.Float16Array, Float32Array, Float64Array].filter((View) => View);
  for (const View of [...classes, ...floats]) {
    const whole = new View(Array.from({ length: 8 }, (_, index) => index * 3 + 1));
    const { buffer, BYTES_PER_ELEMENT: size } = whole;
    for (const view of [whole, new View(buffer, 2 * size), new View(buffer, 2 * size, 4)]) {
      const blob = await echoOf(t, view, "blob");
      t.deepEqual([...new View(await blob.arrayBuffer())], [...view], View.name);
    }
  }
}

// WPT: websockets/interfaces/WebSocket/send/010.html (there it is sent as "[object WebSocket]", as every object)
export async function an_object_of_the_class_is_sent_as_json(t) {
  t.equal(await echoOf(t, t.open(t.refused).ws), "{}");
}
an_object_of_the_class_is_sent_as_json.needs = ["package"];

// WPT: websockets/send-many-64K-messages-with-backpressure.any.js
export async function messages_of_64_kib_reach_a_slow_server(t) {
  const connection = t.open("/slow-read?rate=2000000");
  await connection.opened;
  const message = new Uint8Array(1 << 16);
  for (let sent = 0; sent < 50; sent++) connection.ws.send(message);
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
  const { received, bytes } = await t.seen(connection);
  t.deepEqual({ received, bytes }, { received: 50, bytes: 50 << 16 });
}

// --- bufferedAmount ---

// WPT: websockets/interfaces/WebSocket/bufferedAmount/bufferedAmount-{getting,arraybuffer,blob,large,unicode}.html
export async function buffered_amount_grows_by_each_message(t) {
  const connection = t.open("/echo", { dataType: "blob" });
  await connection.opened;
  let expected = 0;
  const messages = [
    ["x", 1],
    ["å", 2],
    ["\u5336", 3],
    ["\ud801\udc7e", 4],
    ["¥¥¥¥¥¥", 12],
    [new ArrayBuffer(10), 10],
    ["x".repeat(65_000), 65_000],
  ];
  for (const [message, size] of messages) {
    connection.ws.send(message);
    t.equal(connection.ws.bufferedAmount, (expected += size), "bufferedAmount");
  }
  const blobs = await connection.received(messages.length);
  t.equal(
    blobs.reduce((sum, { size }) => sum + size, 0),
    expected,
    "the bytes that came back",
  );
  await t.until(() => connection.ws.bufferedAmount === 0);
}
buffered_amount_grows_by_each_message.needs = ["countsAtOnce"];

// WPT: websockets/interfaces/WebSocket/bufferedAmount/bufferedAmount-getting.html (that it falls between turns only)
export async function buffered_amount_does_not_fall_within_a_turn(t) {
  const connection = t.open("/sink");
  await connection.opened;
  connection.ws.send("x".repeat(100_000));
  const before = connection.ws.bufferedAmount;
  const start = performance.now();
  while (performance.now() - start < 20) t.equal(connection.ws.bufferedAmount, before, "bufferedAmount");
  await t.until(() => connection.ws.bufferedAmount === 0);
}

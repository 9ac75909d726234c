// Subprotocols: the offer, and the server's choice.

import { ErrCode } from "../lib/errcode.js";

const url = "ws://127.0.0.1:20777/";

/** The protocol of a connection, and what the server was offered. */
// WPT: websockets/Create-valid-url-protocol-empty.any.js, interfaces/WebSocket/protocol/protocol-initial.html
const negotiate = async (t, protocols, query = "") => {
  const connection = t.open(`/echo${query}`, { protocols });
  t.equal(connection.ws.protocol, "", "the protocol while connecting");
  await connection.opened;
  const { protocol } = connection.ws;
  connection.ws.terminate();
  await connection.terminated;
  t.equal(connection.ws.protocol, protocol, "the protocol after the end");
  const { headers } = await t.seen(connection);
  return { protocol, offered: headers["sec-websocket-protocol"]?.join().replace(/ /g, "") };
};

// WPT: websockets/Create-valid-url-protocol.any.js, Create-valid-url-protocol-string.any.js,
// WPT: websockets/Create-valid-url-protocol-setCorrectly.any.js, constructor/009.html
export async function a_protocol_may_be_a_string(t) {
  t.deepEqual(await negotiate(t, "chat"), { protocol: "chat", offered: "chat" });
}

// WPT: websockets/Create-valid-url-array-protocols.any.js, constructor/022.html
export async function protocols_are_offered_in_order(t) {
  t.deepEqual(await negotiate(t, ["v2.chat", "v1.chat", "a!#$%&'*+-.^_`|~9"]), {
    protocol: "v2.chat",
    offered: "v2.chat,v1.chat,a!#$%&'*+-.^_`|~9",
  });
}

export async function the_protocol_is_what_the_server_chose(t) {
  t.deepEqual(await negotiate(t, ["a", "b", "c"], "?protocol=b"), { protocol: "b", offered: "a,b,c" });
}

export async function no_protocols_means_none_is_offered(t) {
  t.deepEqual(await negotiate(t, undefined), { protocol: "", offered: undefined });
  t.deepEqual(await negotiate(t, []), { protocol: "", offered: undefined });
}

export async function the_protocol_is_known_in_on_open(t) {
  const seen = [];
  const connection = t.open("/text?data=hello", { protocols: "chat", onOpen: (ws) => seen.push(ws.protocol) });
  await connection.received();
  t.deepEqual(seen, ["chat"]);
}

export async function a_protocol_that_was_not_offered_fails(t) {
  await t.failsToOpen("/echo?protocol=other", { protocols: ["a", "b"] });
}

// WPT: websockets/constructor/010.html (there it opens, but RFC 6455, 4.1 requires that it fails)
export async function a_protocol_for_no_offer_fails(t) {
  await t.failsToOpen("/echo?protocol=other");
}
a_protocol_for_no_offer_fails.needs = ["checksNoOffer"];

// WPT: websockets/constructor/012.html
export async function no_choice_by_the_server_ends_in_order(t) {
  // Hosts differ. Most fail the handshake, as the standard requires. Some open a connection without a protocol.
  const connection = t.open("/echo?protocol=", { protocols: ["a", "b"] });
  await t.until(() => connection.calls.length > 0);
  if (connection.event("open")) t.equal(connection.ws.protocol, "");
  else await t.ends(connection, "error terminate", 1006);
}

export async function protocols_are_read_when_new_is_called(t) {
  const protocols = ["a"];
  const connection = t.open("/echo", { protocols });
  protocols[0] = "b";
  await connection.opened;
  t.equal(connection.ws.protocol, "a");
}

export function a_protocol_that_is_not_a_token_throws(t) {
  for (const protocol of ["", "a b", "a,b", "a/b", "é", "a\r\nb", "(a)", "\u0000", "a\t"]) {
    const substrings = ["protocols", JSON.stringify(protocol)];
    t.throws(() => t.WebSocket.new(url, { protocols: protocol }), ErrCode.protocols, substrings);
    t.throws(() => t.WebSocket.new(url, { protocols: ["good", protocol] }), ErrCode.protocols, "protocols");
  }
}

export function protocols_that_are_not_strings_throw(t) {
  const lists = [[5], [null], [undefined], [["a"]], [{}]];
  for (const protocols of [5, true, {}, 10n, Symbol("p"), () => "a", new Set(["a"]), ...lists]) {
    t.throws(() => t.WebSocket.new(url, { protocols }), ErrCode.protocols, "protocols");
  }
}

// WPT: websockets/Create-protocols-repeated.any.js, constructor/021.html
export function a_protocol_given_twice_throws(t) {
  t.throws(() => t.WebSocket.new(url, { protocols: ["a", "b", "a"] }), ErrCode.protocolRepeated, ["a", "protocols"]);
}

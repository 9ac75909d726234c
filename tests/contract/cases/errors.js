// Errors: thrown errors, error events, and the host's own messages.

import { ErrCode } from "../lib/errcode.js";

const isEntry = (t, error) => {
  t.ok(Number.isInteger(error.errCode), `errCode ${t.show(error.errCode)} is an integer`);
  t.ok(error.errCode < 1000 || error.errCode > 4999, `errCode ${error.errCode} is no close code`);
  t.ok(Object.values(ErrCode).includes(error.errCode), `errCode ${error.errCode} stands in the table`);
  t.ok(typeof error.message === "string" && error.message !== "", "there is a message");
  t.ok(typeof error.componentSignature === "string" && error.componentSignature !== "", "there is a signature");
};

export async function what_is_thrown_is_a_web_socket_error(t) {
  const connection = t.open("/echo");
  const thrown = [
    t.thrownBy(() => t.WebSocket.new("http://a/")),
    t.thrownBy(() => new t.WebSocket("http://a/")),
    t.thrownBy(() => connection.ws.send(5)),
    t.thrownBy(() => connection.ws.terminate(1001)),
  ];
  for (const error of thrown) {
    t.ok(error instanceof Error, "it is an Error");
    t.equal(error.name, "WebSocketError");
    t.equal(String(error), `WebSocketError: ${error.message}`);
    t.equal(typeof error.stack, "string");
    isEntry(t, error);
    t.ok(!("cause" in error) || error.cause === undefined, "there is no cause where the host did not throw");
  }
  t.equal(new Set(thrown.map(({ componentSignature }) => componentSignature)).size, 1, "the number of signatures");
}

export async function entries_have_the_signature_of_what_is_thrown(t) {
  const connection = await t.failsToOpen(t.refused);
  const { errors } = connection.event("error");
  const { componentSignature } = t.thrownBy(() => connection.ws.send("late"));
  for (const entry of errors) {
    isEntry(t, entry);
    t.equal(entry.componentSignature, componentSignature);
  }
}

export async function what_the_package_says_comes_first(t) {
  const firsts = [
    ["/status/401", ErrCode.notOpened],
    ["/fin?after=1", ErrCode.lost],
    ["/json", ErrCode.undecodable],
  ];
  for (const [path, errCode] of firsts) {
    const connection = t.open(path, { dataType: "object" });
    connection.ws.send("go on");
    const { errors } = await connection.errored;
    t.equal(errors[0].errCode, errCode);
    for (const entry of errors.slice(1)) t.equal(entry.errCode, ErrCode.hostMessage);
  }
}

export async function the_http_status_is_told_where_the_host_tells_it(t) {
  for (const status of [401, 503]) {
    const connection = await t.failsToOpen(`/status/${status}`);
    const { errors } = connection.event("error");
    t.ok(
      errors.slice(1).some(({ message }) => message.includes(`${status}`)),
      `${status} stands in ${t.show(errors)}`,
    );
  }
}
the_http_status_is_told_where_the_host_tells_it.needs = ["tellsStatus"];

export async function the_hosts_words_are_told_where_it_has_any(t) {
  const connection = await t.failsToOpen(t.refused);
  const { errors } = connection.event("error");
  t.ok(errors.length > 1, `the host's words stand in ${t.show(errors)}`);
}
the_hosts_words_are_told_where_it_has_any.needs = ["tellsRefusal"];

export function a_message_says_what_was_wrong_and_what_is_allowed(t) {
  const url = "ws://127.0.0.1:20777/";
  const { WebSocket } = t;
  t.contains(t.thrownBy(() => WebSocket.new("http://a/")).message, ["http://a/", "ws:", "wss:"]);
  t.contains(t.thrownBy(() => WebSocket.new(url, 5)).message, ["5", "object"]);
  t.contains(t.thrownBy(() => WebSocket.new(url, { onOpen: 5 })).message, ["onOpen", "function", "5"]);
  t.contains(t.thrownBy(() => WebSocket.new(url, { dataType: "xml" })).message, ["xml", "text", "blob", "object"]);
  t.contains(t.thrownBy(() => WebSocket.new(url, { protocols: "a b" })).message, ["a b", "protocols"]);
  t.contains(t.thrownBy(() => WebSocket.new(url, { closeTimeout: "1" })).message, ["closeTimeout", '"1"']);
  t.contains(t.thrownBy(() => WebSocket.new(url, { headers: { "a b": "" } })).message, ["a b", "header"]);
}

export async function messages_about_calls_say_what_is_allowed(t) {
  const { ws } = t.open("/echo");
  t.contains(t.thrownBy(() => ws.terminate(1001)).message, ["1001", "1000", "3000", "4999"]);
  t.contains(t.thrownBy(() => ws.terminate(66536)).message, ["66536"]);
  t.contains(t.thrownBy(() => ws.terminate(1000, "x".repeat(124))).message, ["123", "reason"]);
  t.contains(t.thrownBy(() => ws.send(5)).message, ["5", "string", "Blob", "ArrayBuffer", "JSON"]);
  t.contains(t.thrownBy(() => ws.send(Symbol("odd"))).message, ["odd"]);
}

export async function a_long_value_does_not_fill_the_message(t) {
  const { message } = t.thrownBy(() => t.WebSocket.new("x".repeat(1 << 20)));
  t.ok(message.length < 1000, `the message has ${message.length} characters`);
  const { ws } = t.open("/echo");
  const reason = t.thrownBy(() => ws.terminate(1000, "x".repeat(1 << 20))).message;
  t.ok(reason.length < 1000, `the message has ${reason.length} characters`);
}

export function what_cannot_be_printed_throws_a_web_socket_error_all_the_same(t) {
  const hostile = {
    toString() {
      throw new Error("no text");
    },
    get [Symbol.toStringTag]() {
      throw new Error("no tag");
    },
  };
  t.throws(() => t.WebSocket.new(hostile), ErrCode.url);
  t.throws(() => t.WebSocket.new("ws://a/", { dataType: hostile }), ErrCode.dataType);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  t.throws(() => t.WebSocket.new(proxy), ErrCode.url);
  t.throws(() => t.WebSocket.new("ws://a/", proxy), ErrCode.member);
  t.throws(() => t.WebSocket.new("ws://a/", { dataType: proxy }), ErrCode.dataType);
}

export async function what_cannot_be_read_is_not_a_message(t) {
  const { ws } = t.open("/echo");
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  t.throws(() => ws.send(proxy), ErrCode.message);
  t.throws(() => ws.terminate(proxy), ErrCode.closeCode);
  t.throws(() => ws.terminate(1000, proxy), ErrCode.closeReason);
}

/** jsdom's Blobs cannot be read. */
export async function what_only_looks_like_a_blob_is_not_a_message(t) {
  const unreadable = new Blob(["x"]);
  unreadable.arrayBuffer = undefined;
  const connection = t.open("/echo");
  const { ws } = connection;
  const refuses = () => {
    for (const message of [Object.create(Blob.prototype), unreadable])
      t.throws(() => ws.send(message), ErrCode.message);
  };
  refuses();
  await connection.opened;
  refuses();
  t.equal(ws.bufferedAmount, 0, "bufferedAmount");
  ws.send("behind it");
  t.deepEqual(await connection.received(), ["behind it"]);
  ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
}

export async function one_waiting_message_is_counted_as_one(t) {
  const connection = t.open(t.refused);
  connection.ws.send("one");
  const { errors } = await connection.errored;
  t.contains(errors[0].message, "1 message");
  t.ok(!errors[0].message.includes("1 messages"), "the grammar of one");
}

// `send`: every kind of message, the queue, the order, and values that are not messages.

import { ErrCode } from "../lib/errcode.js";

const bytes = (...values) => new Uint8Array(values);

/** Sends messages before the connection is open and again when it is, and checks what the server received. */
const arrives = async (t, messages, expected) => {
  const connection = t.open("/sink");
  for (const message of messages) connection.ws.send(message);
  await connection.opened;
  for (const message of messages) connection.ws.send(message);
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), [...expected, ...expected]);
};

// WPT: websockets/Send-null.any.js, interfaces/WebSocket/send/{001,010,012}.html (there everything but nothing is text)
/** Values that are not messages. */
const notMessages = () => {
  const circular = {};
  circular.self = circular;
  const throwing = {
    toJSON() {
      throw new Error("no JSON today");
    },
  };
  const formless = { toJSON: () => undefined };
  const values = [5, NaN, true, false, null, undefined, 10n, Symbol("s"), () => "f", class {}];
  return [...values, circular, [circular], { n: 1n }, throwing, formless];
};

const refusesAll = (t, ws) => {
  for (const message of notMessages()) t.throws(() => ws.send(message), ErrCode.message, ["message", "string"]);
  t.throws(() => ws.send(), ErrCode.message, "undefined");
};

export async function strings_are_text_frames(t) {
  const texts = ["hello", "", "héllo €𝄞", "\u0000", "x".repeat(1000)];
  await arrives(t, texts, texts);
}

// WPT: websockets/interfaces/WebSocket/send/004.html (there it throws before the open)
export async function lone_surrogates_become_replacement_characters(t) {
  await arrives(t, ["a\ud800b", "\udfff", "\ud834\udd1e\ud834"], ["a\ufffdb", "\ufffd", "𝄞\ufffd"]);
}

export async function buffers_are_binary_frames(t) {
  await arrives(t, [bytes(1, 2, 3).buffer, new ArrayBuffer(0)], [{ hex: "010203" }, { hex: "" }]);
}

export async function views_are_just_their_bytes(t) {
  const { buffer } = bytes(0, 1, 2, 3, 4, 5, 6, 7);
  const views = [new Uint8Array(buffer, 2, 3), new DataView(buffer, 1, 2), new Uint16Array(buffer, 4, 1)];
  const expected = [{ hex: "020304" }, { hex: "0102" }, { hex: "0405" }, { hex: "" }];
  await arrives(t, [...views, new Uint8Array(buffer, 8)], expected);
}

export async function every_typed_array_is_a_binary_frame(t) {
  const classes = [Int8Array, Uint8ClampedArray, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
  const views = [...classes, BigInt64Array, BigUint64Array].map((View) => new View(1));
  await arrives(
    t,
    views,
    views.map(({ byteLength }) => ({ hex: "00".repeat(byteLength) })),
  );
}

export async function a_node_buffer_is_just_its_bytes(t) {
  await arrives(t, [globalThis.Buffer.from("slice of a pool").subarray(0, 5)], [{ hex: "736c696365" }]);
}
a_node_buffer_is_just_its_bytes.needs = ["buffer"];

export async function a_view_of_shared_memory_is_a_binary_frame(t) {
  const view = new Uint8Array(new SharedArrayBuffer(4), 1, 2);
  view.set([1, 2]);
  await arrives(t, [view], [{ hex: "0102" }]);
}
a_view_of_shared_memory_is_a_binary_frame.needs = ["sharedMemory"];

/** Some hosts refuse resizable memory. */
export async function memory_that_can_be_resized_is_a_binary_frame(t) {
  const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
  const view = new Uint8Array(buffer, 1, 2);
  view.set([1, 2]);
  await arrives(t, [buffer, view], [{ hex: "00010200" }, { hex: "0102" }]);
}

export async function blobs_are_binary_frames(t) {
  const blob = new Blob(["0123456789"]);
  const expected = [{ hex: "30313233343536373839" }, { hex: "3233" }, { hex: "" }];
  await arrives(t, [blob, blob.slice(2, 4), new Blob([])], expected);
}

export async function objects_are_text_frames_with_their_json(t) {
  const values = [{ a: 1 }, {}, { a: { b: ["é€𝄞", null, undefined] }, c: undefined }, { lone: "\ud800" }];
  await arrives(
    t,
    values,
    values.map((value) => JSON.stringify(value)),
  );
}

export async function arrays_are_text_frames_with_their_json(t) {
  const values = [[], [1, "two", [3]], [undefined, NaN]];
  await arrives(
    t,
    values,
    values.map((value) => JSON.stringify(value)),
  );
}

export async function json_is_as_json_stringify_writes_it(t) {
  class Point {
    x = 1;
    get y() {
      return 2;
    }
  }
  const bare = Object.create(null);
  bare.a = 1;
  const date = new Date(0);
  const ownForms = [{ toJSON: () => "as text" }, { toJSON: () => 5 }, { toJSON: () => null }];
  const values = [new Point(), bare, date, ...ownForms, new Map([[1, 2]]), new Error("e")];
  await arrives(
    t,
    values,
    values.map((value) => JSON.stringify(value)),
  );
}

export async function an_object_that_looks_like_a_blob_is_json(t) {
  const expected = ['{"size":3,"type":"","data":1}', '{"byteLength":5}'];
  await arrives(t, [{ size: 3, type: "", data: 1 }, { byteLength: 5 }], expected);
}

// WPT: websockets/interfaces/WebSocket/send/005.html
export async function send_gives_nothing_back(t) {
  const connection = t.open("/sink");
  t.equal(connection.ws.send("waiting"), undefined);
  t.equal(connection.ws.send(new Blob(["waiting"])), undefined);
  await connection.opened;
  t.equal(connection.ws.send("open"), undefined);
  t.equal(connection.ws.send(new Blob(["open"])), undefined);
}

// --- The queue ---

export async function waiting_messages_leave_in_order_before_on_open(t) {
  const connection = t.open("/sink", { onOpen: (ws) => ws.send("in onOpen") });
  connection.ws.send("first");
  connection.ws.send(bytes(2));
  connection.ws.send({ third: 3 });
  await connection.opened;
  connection.ws.send("last");
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), ["first", { hex: "02" }, '{"third":3}', "in onOpen", "last"]);
}

export async function waiting_messages_are_as_they_were(t) {
  const connection = t.open("/sink");
  const view = bytes(1, 2, 3);
  const { buffer } = bytes(4, 5, 6);
  const object = { list: [1] };
  for (const message of [view, buffer, object]) connection.ws.send(message);
  view.fill(9);
  new Uint8Array(buffer).fill(9);
  object.list.push(2);
  object.more = true;
  await connection.opened;
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), [{ hex: "010203" }, { hex: "040506" }, '{"list":[1]}']);
}

export async function a_waiting_buffer_may_be_transferred(t) {
  const connection = t.open("/sink");
  const { buffer } = bytes(1, 2, 3);
  connection.ws.send(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  await connection.opened;
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), [{ hex: "010203" }]);
}

export async function a_thousand_waiting_messages_keep_their_order(t) {
  const connection = t.open("/echo");
  const messages = Array.from({ length: 1000 }, (_, index) => `message ${index}`);
  for (const message of messages) connection.ws.send(message);
  t.deepEqual(await connection.received(1000), messages);
}

// --- Order ---

const kinds = () => ["1", new Blob(["2"]), "3", bytes(0x34), new Blob(["5", "5"]), new Blob(["6"]), { seven: 7 }, "8"];
const kindsArrived = ["1", { hex: "32" }, "3", { hex: "34" }, { hex: "3535" }, { hex: "36" }, '{"seven":7}', "8"];

export async function blobs_keep_their_place_among_waiting_messages(t) {
  const connection = t.open("/sink");
  for (const message of kinds()) connection.ws.send(message);
  connection.ws.send("end");
  await connection.opened;
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), [...kindsArrived, "end"]);
}

export async function blobs_keep_their_place_when_open(t) {
  const connection = t.open("/sink");
  await connection.opened;
  for (const message of kinds()) connection.ws.send(message);
  connection.ws.terminate(3000, "done");
  t.deepEqual(await t.arrived(connection), kindsArrived);
  const { close } = await t.seen(connection);
  t.deepEqual(close, { code: 3000, reason: "done" });
}

export async function what_is_sent_when_a_blob_has_left_leaves_too(t) {
  const connection = t.open("/echo", { onMessage: (ws, { data }) => data === "blob" && ws.send("after it") });
  await connection.opened;
  connection.ws.send(new Blob(["blob"]));
  t.deepEqual(await connection.received(2), ["blob", "after it"]);
}

export async function waiting_blobs_come_before_what_is_sent_in_on_open(t) {
  const connection = t.open("/sink", { onOpen: (ws) => ws.send("in onOpen") });
  connection.ws.send(new Blob(["1"]));
  connection.ws.send("2");
  await connection.opened;
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), [{ hex: "31" }, "2", "in onOpen"]);
}

export async function a_view_behind_a_blob_is_sent_as_it_was(t) {
  const connection = t.open("/sink");
  await connection.opened;
  const view = bytes(1, 2);
  connection.ws.send(new Blob(["blob"]));
  connection.ws.send(view);
  view.fill(9);
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), [{ hex: "626c6f62" }, { hex: "0102" }]);
}

export async function what_was_sent_before_terminate_leaves_before_the_close_frame(t) {
  const connection = t.open("/sink");
  await connection.opened;
  for (let index = 0; index < 200; index++) connection.ws.send(index % 7 ? `${index}` : new Blob([`${index}`]));
  connection.ws.terminate(3001);
  await t.ends(connection, "open terminate", 3001);
  const { received, close } = await t.seen(connection);
  t.equal(received, 200, "the messages that arrived");
  t.equal(close.code, 3001, "the close code");
}

export async function send_in_on_message_answers(t) {
  const connection = t.open("/text?data=0", {
    onMessage: (ws, { data }) => (data < 5 ? ws.send(`${+data + 1}`) : ws.terminate()),
  });
  await t.ends(connection, "open message message message message message message terminate", 1000);
  t.deepEqual(connection.data, ["0", "1", "2", "3", "4", "5"]);
}

export async function ten_thousand_messages_come_back_in_order(t) {
  const connection = t.open("/echo");
  await connection.opened;
  for (let index = 0; index < 10_000; index++) connection.ws.send(`${index}`);
  const all = await connection.received(10_000);
  t.ok(
    all.every((data, index) => data === `${index}`),
    "each is in its place",
  );
}

// --- Values that are not messages ---

export async function what_is_not_a_message_throws_while_connecting(t) {
  const connection = t.open("/sink");
  refusesAll(t, connection.ws);
  t.equal(connection.ws.bufferedAmount, 0, "what waits");
  connection.ws.send("good");
  await connection.opened;
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), ["good"]);
}

export async function what_is_not_a_message_throws_when_open(t) {
  const connection = t.open("/sink");
  await connection.opened;
  refusesAll(t, connection.ws);
  t.equal(connection.ws.status, "Connected");
  connection.ws.send("good");
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), ["good"]);
}

/** A detached buffer and detached views on it. The last view was already empty before. */
const detached = () => {
  const { buffer } = bytes(1, 2, 3, 4, 5, 6, 7, 8);
  const views = [
    new Uint8Array(buffer, 1, 2),
    new DataView(buffer, 1),
    new Float64Array(buffer),
    new Uint8Array(buffer, 8),
  ];
  structuredClone(buffer, { transfer: [buffer] });
  return [buffer, ...views];
};

/** Views outside of a buffer that has shrunk. */
const outside = () => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const views = [
    new Uint8Array(buffer, 6),
    new Uint16Array(buffer, 2, 3),
    new BigInt64Array(buffer, 0, 1),
    new DataView(buffer, 2, 6),
  ];
  buffer.resize(4);
  return views;
};

export async function what_is_detached_is_not_a_message_in_any_state(t) {
  const connection = t.open("/sink");
  const { ws } = connection;
  const refuses = (...codes) => {
    for (const message of [...detached(), ...outside()]) {
      const { name, errCode } = t.thrownBy(() => ws.send(message));
      t.equal(name, "WebSocketError");
      t.ok(codes.includes(errCode), `${errCode} is one of ${codes} while ${ws.status}`);
    }
  };
  refuses(ErrCode.message);
  t.equal(ws.bufferedAmount, 0, "what waits");
  await connection.opened;
  refuses(ErrCode.message);
  ws.send(new Blob(["blob"]));
  refuses(ErrCode.message);
  for (const empty of [
    new Uint8Array(0),
    new ArrayBuffer(0),
    new DataView(new ArrayBuffer(4), 4),
    new BigInt64Array(0),
    new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }), 4, 0),
  ]) {
    ws.send(empty);
  }
  ws.terminate();
  refuses(ErrCode.message, ErrCode.notOpen);
  await t.ends(connection, "open terminate", 1000);
  refuses(ErrCode.message, ErrCode.notOpen);
  t.deepEqual(await t.arrived(connection), [{ hex: "626c6f62" }, ...Array(5).fill({ hex: "" })]);
}

export async function what_is_not_a_message_throws_after_the_end_too(t) {
  const connection = t.open("/echo");
  connection.ws.terminate();
  for (const message of notMessages()) t.equal(t.thrownBy(() => connection.ws.send(message)).name, "WebSocketError");
  await connection.terminated;
  for (const message of notMessages()) t.equal(t.thrownBy(() => connection.ws.send(message)).name, "WebSocketError");
}

export async function the_cause_of_a_message_without_json_is_kept(t) {
  const cause = new Error("no JSON today");
  const message = {
    toJSON() {
      throw cause;
    },
  };
  const connection = t.open("/sink");
  t.equal(t.throws(() => connection.ws.send(message), ErrCode.message).cause, cause);
  await connection.opened;
  t.equal(t.throws(() => connection.ws.send(message), ErrCode.message).cause, cause);
}

export async function a_message_of_no_kind_has_no_cause_of_another_call(t) {
  const connection = t.open("/sink");
  await connection.opened;
  t.throws(() => t.WebSocket.new("no url", {}), ErrCode.url);
  t.equal(t.throws(() => connection.ws.send(5), ErrCode.message).cause, undefined);
}

// WPT: websockets/interfaces/WebSocket/send/007.html (there nothing happens)
export async function send_throws_while_closing_and_closed(t) {
  const connection = t.open("/echo");
  await connection.opened;
  connection.ws.terminate();
  for (const message of ["late", bytes(1), new Blob(["late"]), { late: true }]) {
    t.throws(() => connection.ws.send(message), ErrCode.notOpen, "clos");
  }
  await connection.terminated;
  for (const message of ["late", bytes(1), new Blob(["late"]), { late: true }]) {
    t.throws(() => connection.ws.send(message), ErrCode.notOpen, "clos");
  }
  t.deepEqual(await t.arrived(connection), []);
}

export async function send_throws_after_terminate_while_connecting(t) {
  const connection = t.open("/echo");
  connection.ws.terminate();
  t.throws(() => connection.ws.send("late"), ErrCode.notOpen);
  await connection.terminated;
  t.throws(() => connection.ws.send("late"), ErrCode.notOpen);
}

export async function terminate_inside_to_json_makes_send_throw(t) {
  const connection = t.open("/sink");
  await connection.opened;
  const message = {
    toJSON() {
      connection.ws.terminate();
      return "too late";
    },
  };
  t.throws(() => connection.ws.send(message), ErrCode.notOpen);
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), []);
}

export async function send_inside_to_json_goes_first(t) {
  const connection = t.open("/sink");
  const message = {
    toJSON() {
      connection.ws.send("inner");
      return "outer";
    },
  };
  connection.ws.send(message);
  await connection.opened;
  connection.ws.send(message);
  connection.ws.terminate();
  t.deepEqual(await t.arrived(connection), ["inner", '"outer"', "inner", '"outer"']);
}

// --- bufferedAmount ---

// WPT: websockets/interfaces/WebSocket/bufferedAmount/bufferedAmount-initial.html
export async function buffered_amount_counts_the_queue_in_bytes(t) {
  const connection = t.open("/sink");
  const { ws } = connection;
  t.equal(ws.bufferedAmount, 0);
  let expected = 0;
  const messages = [
    ["abc", 3],
    ["é€𝄞", 9],
    ["\ud800", 3],
    [bytes(1, 2), 2],
    [new ArrayBuffer(5), 5],
    [new Uint16Array(2), 4],
    [new Blob(["12345"]), 5],
    [{ a: "é" }, 10],
    ["", 0],
  ];
  for (const [message, size] of messages) {
    ws.send(message);
    t.equal(ws.bufferedAmount, (expected += size), "bufferedAmount");
  }
  await connection.opened;
  await t.until(() => ws.bufferedAmount === 0);
}

export async function buffered_amount_counts_a_blob_that_is_read(t) {
  const connection = t.open("/sink");
  await connection.opened;
  connection.ws.send(new Blob(["12345"]));
  connection.ws.send("678");
  t.ok(connection.ws.bufferedAmount >= 8, `bufferedAmount is at least 8, not ${connection.ws.bufferedAmount}`);
  await t.until(() => connection.ws.bufferedAmount === 0);
}

export async function buffered_amount_tells_what_a_slow_server_has_not_taken(t) {
  const connection = t.open("/slow-read?rate=2000000");
  await connection.opened;
  const chunk = new Uint8Array(1 << 20);
  for (let index = 0; index < 6; index++) connection.ws.send(chunk);
  t.ok(connection.ws.bufferedAmount > 0, "bufferedAmount is more than 0");
  t.ok(connection.ws.bufferedAmount < 7 << 20, `bufferedAmount is not ${connection.ws.bufferedAmount}`);
  await t.until(() => connection.ws.bufferedAmount === 0);
}

export async function buffered_amount_is_0_after_the_end(t) {
  const failed = t.open(t.refused);
  failed.ws.send("never sent");
  await failed.terminated;
  t.equal(failed.ws.bufferedAmount, 0);
  const ended = t.open("/echo");
  ended.ws.send("hello");
  await ended.received();
  ended.ws.terminate();
  await ended.terminated;
  t.equal(ended.ws.bufferedAmount, 0);
}

// --- Large ---

export async function sixteen_mebibytes_of_text_come_back(t) {
  const connection = t.open("/echo");
  const text = "0123456789abcdef".repeat(1 << 20);
  await connection.opened;
  connection.ws.send(text);
  const [data] = await connection.received();
  t.ok(data === text, "it is the same");
}

export async function sixteen_mebibytes_of_binary_come_back(t) {
  const connection = t.open("/echo", { dataType: "blob" });
  const data = new Uint8Array(16 << 20).map((_, index) => index % 251);
  connection.ws.send(data);
  const [blob] = await connection.received();
  const back = new Uint8Array(await blob.arrayBuffer());
  t.equal(back.length, data.length, "the size");
  t.ok(
    back.every((byte, index) => byte === index % 251),
    "each byte is in its place",
  );
}

// WPT: websockets/Send-binary-blob.any.js
export async function a_blob_of_sixteen_mebibytes_comes_back(t) {
  const connection = t.open("/echo", { dataType: "blob" });
  await connection.opened;
  connection.ws.send(new Blob([new Uint8Array(16 << 20).fill(7)]));
  connection.ws.send("behind it");
  const [blob, text] = await connection.received(2);
  t.equal(blob.size, 16 << 20, "the size");
  t.equal(await text.text(), "behind it");
}

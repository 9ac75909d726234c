// Received data: every data type with both kinds of frames, the order, and data that does not match the type.

import { ErrCode } from "../lib/errcode.js";

const text = "héllo wörld €𝄞 \u0000 end";
const inUtf8 = async (t, value) => t.hex(new TextEncoder().encode(value));
const textFrame = (value) => ({ opcode: 1, text: value });
const binaryFrame = async (t, value) => ({ opcode: 2, hex: await inUtf8(t, value) });

/** The first message of the server's frames. */
const receive = async (t, dataType, ...frames) => {
  const connection = t.open(t.script(...frames), { dataType });
  const [data] = await connection.received();
  return data;
};

export async function text_of_a_text_frame_is_as_it_is(t) {
  t.equal(await receive(t, "text", textFrame(text)), text);
}

export async function text_of_a_binary_frame_is_decoded(t) {
  t.equal(await receive(t, "text", await binaryFrame(t, text)), text);
}

export async function a_blob_of_a_text_frame_has_its_utf8_bytes(t) {
  const data = await receive(t, "blob", textFrame(text));
  t.ok(data instanceof Blob, "data is a Blob");
  t.equal(await t.hex(data), await inUtf8(t, text));
}

export async function a_blob_of_a_binary_frame_has_its_bytes(t) {
  const data = await receive(t, "blob", { opcode: 2, hex: "00ff80c3280a" });
  t.ok(data instanceof Blob, "data is a Blob");
  t.equal(data.size, 6);
  t.equal(await t.hex(data), "00ff80c3280a");
}

export async function object_of_a_text_frame_is_parsed(t) {
  const value = { a: [1, 2.5, -3e10, "é€𝄞", true, false, null], b: { c: {} } };
  t.deepEqual(await receive(t, "object", textFrame(JSON.stringify(value))), value);
}

export async function object_of_a_binary_frame_is_decoded_and_parsed(t) {
  const value = { a: [1, "é€𝄞", null] };
  t.deepEqual(await receive(t, "object", await binaryFrame(t, JSON.stringify(value))), value);
}

export async function any_json_value_is_an_object_message(t) {
  const values = ["5", '"text"', "true", "null", "[]", " [1] "];
  const connection = t.open(t.script(...values.map(textFrame)), { dataType: "object" });
  t.deepEqual(await connection.received(6), [5, "text", true, null, [], [1]]);
}

// WPT: websockets/Create-valid-url-binaryType-blob.any.js (there it is a Blob)
export async function data_type_text_is_the_default(t) {
  const connection = t.open("/json");
  t.equal(connection.ws.dataType, "text");
  t.deepEqual(await connection.received(), ['{"a":']);
}

export async function empty_messages_are_messages(t) {
  const frames = [textFrame(""), { opcode: 2, hex: "" }];
  const asText = t.open(t.script(...frames), { dataType: "text" });
  t.deepEqual(await asText.received(2), ["", ""]);
  const asBlob = t.open(t.script(...frames), { dataType: "blob" });
  const blobs = await asBlob.received(2);
  t.deepEqual(
    blobs.map((blob) => blob.size),
    [0, 0],
  );
}

export async function a_byte_order_mark_in_a_text_frame_is_data(t) {
  t.equal(await receive(t, "text", textFrame("\ufeffmarked")), "\ufeffmarked");
}
a_byte_order_mark_in_a_text_frame_is_data.needs = ["keepsMark"];

export async function a_byte_order_mark_in_a_binary_frame_is_data(t) {
  t.equal(await receive(t, "text", await binaryFrame(t, "\ufeffmarked")), "\ufeffmarked");
}

export async function a_fragmented_message_arrives_whole(t) {
  for (const dataType of ["text", "blob"]) {
    const connection = t.open("/fragmented", { dataType });
    const [data] = await connection.received();
    const whole = typeof data === "string" ? data : await data.text();
    t.equal(whole, "héllo wörld €𝄞 end");
    connection.ws.terminate();
    await t.ends(connection, "open message terminate", 1000);
  }
}

export async function a_message_in_single_bytes_arrives_whole(t) {
  t.equal(await receive(t, "text", { ...textFrame(text), split: 1 }), text);
}

export async function pings_are_answered_and_not_seen(t) {
  const pings = [{ opcode: 9, text: "a" }, { opcode: 9 }, { opcode: 10, text: "b" }];
  const connection = t.open(t.script(...pings, textFrame("c")));
  t.deepEqual(await connection.received(), ["c"]);
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
  const { frames } = await t.seen(connection);
  t.deepEqual(
    frames.map(({ opcode, hex }) => `${opcode} ${hex}`),
    ["pong 61", "pong "],
  );
}

export async function both_kinds_of_frame_keep_their_order(t) {
  const expected = Array.from({ length: 40 }, (_, index) => `${index % 2 ? "binary" : "text"} ${index}`);
  for (const dataType of ["text", "blob"]) {
    const connection = t.open("/mixed?count=40", { dataType });
    const all = await connection.received(40);
    const texts = await Promise.all(all.map((data) => (dataType === "blob" ? data.text() : data)));
    t.deepEqual(texts, expected);
  }
}

export async function a_thousand_messages_arrive_in_order(t) {
  const connection = t.open("/flood?count=1000&size=8");
  const all = await connection.received(1000);
  t.ok(
    all.every((data, index) => data === String(index).padEnd(8, ".")),
    "each is in its place",
  );
}

export async function messages_right_before_the_close_frame_arrive(t) {
  const connection = t.open("/flood?count=500&close");
  const { code } = await connection.terminated;
  t.equal(code, 1000);
  t.equal(connection.data.length, 500, "the messages");
}

export async function data_of_a_message_stays_the_applications(t) {
  const connection = t.open(t.script(textFrame('{"n":1}'), textFrame('{"n":2}')), {
    dataType: "object",
    onMessage: (ws, event) => (event.seen = true),
  });
  const all = await connection.received(2);
  t.deepEqual(all, [{ n: 1 }, { n: 2 }]);
  connection.calls.forEach(({ event }) => delete event.seen);
}

// --- Data that does not match the type ---

/** Opens a connection whose first message cannot be converted to the data type. */
const isBad = async (t, path, dataType) => {
  const connection = t.open(path, { dataType });
  const { wasClean } = await t.ends(connection, "open error terminate", 4007);
  t.equal(wasClean, true);
  t.equal(connection.event("error").errors[0].errCode, ErrCode.undecodable, "the first errCode");
  const { close } = await t.seen(connection);
  t.equal(close.code, 4007, "the close code that the server got");
  return connection;
};

export const bytes_that_are_not_utf8_end_a_text_connection = (t) => isBad(t, "/utf8?in=binary", "text");

export const bytes_that_are_not_utf8_end_an_object_connection = (t) => isBad(t, "/utf8?in=binary", "object");

export const text_that_is_not_json_ends_an_object_connection = (t) => isBad(t, "/json", "object");

export const bytes_that_are_not_json_end_an_object_connection = (t) => isBad(t, "/json?in=binary", "object");

export const an_empty_message_is_not_json = (t) => isBad(t, t.script({ opcode: 1, text: "" }), "object");

export async function bytes_of_any_kind_are_fine_as_a_blob(t) {
  const connection = t.open("/utf8?in=binary", { dataType: "blob" });
  const [data] = await connection.received();
  t.equal(await t.hex(data), "fffe");
}

export async function text_that_is_not_json_is_fine_as_text(t) {
  const connection = t.open("/json?in=binary", { dataType: "text" });
  t.deepEqual(await connection.received(), ['{"a":']);
}

export async function good_messages_before_a_bad_one_are_delivered(t) {
  const path = t.script(textFrame("1"), textFrame("2"), textFrame("{"), textFrame("3"));
  const connection = t.open(path, { dataType: "object" });
  await t.ends(connection, "open message message error terminate", 4007);
  t.deepEqual(connection.data, [1, 2]);
}

export async function a_bad_message_says_what_was_wrong(t) {
  const connection = await isBad(t, "/json", "object");
  const { errors } = connection.event("error");
  t.contains(errors[0].message, "JSON");
  t.ok(errors.length > 1, "the parser's own words come second");
}

export async function a_bad_message_ends_though_the_server_does_not_answer(t) {
  const silence = { pause: 3000, fin: true };
  const connection = t.open(t.script(textFrame("{"), silence), { dataType: "object", closeTimeout: 300 });
  await t.ends(connection, "open error terminate", 1006);
}

export async function terminate_after_a_bad_message_changes_nothing(t) {
  const connection = t.open("/json", { dataType: "object", onError: (ws) => ws.terminate(3000, "mine") });
  await t.ends(connection, "open error terminate", 4007);
  const { close } = await t.seen(connection);
  t.equal(close.code, 4007, "the close code that the server got");
}

export async function sixteen_mebibytes_of_text_arrive(t) {
  const connection = t.open(`/size?bytes=${16 << 20}&kind=text`);
  const [data] = await connection.received();
  t.equal(data.length, 16 << 20);
  t.ok(/^x*$/.test(data), "all of it is x");
}

export async function sixteen_mebibytes_of_binary_arrive(t) {
  const connection = t.open(`/size?bytes=${16 << 20}&kind=binary`, { dataType: "blob" });
  const [data] = await connection.received();
  t.equal(data.size, 16 << 20);
  const bytes = new Uint8Array(await data.arrayBuffer());
  t.ok(
    bytes.every((byte, index) => byte === index % 251),
    "each byte is in its place",
  );
}

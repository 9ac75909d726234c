// Failures of a connection, before and after it is open.

import { ErrCode } from "../lib/errcode.js";

/** The server waits for a message before it fails. Firefox opens no connection if the failure arrives with the
    handshake. */
const lost = async (t, path) => {
  const connection = t.open(path);
  connection.ws.send("go on");
  await t.ends(connection, "open error terminate", 1006);
  t.equal(connection.event("error").errors[0].errCode, ErrCode.lost, "the first errCode");
};

const lostBy = (t, ...frames) => lost(t, t.script({ await: "message" }, ...frames));

const notOpened = async (t, path) => {
  const connection = await t.failsToOpen(path);
  t.equal(connection.event("error").errors[0].errCode, ErrCode.notOpened, "the first errCode");
};

// --- Before it is open ---

export const a_refused_port_fails = (t) => notOpened(t, t.refused);

// WPT: websockets/interfaces/WebSocket/events/020.html
export const an_unknown_host_fails = (t) => notOpened(t, "ws://nobody.invalid/");

export const a_tls_handshake_with_a_plain_server_fails = (t) => notOpened(t, t.url("/echo").replace("ws:", "wss:"));

export const a_path_that_is_not_there_fails = (t) => notOpened(t, "/nowhere");

export const status_200_fails = (t) => notOpened(t, "/status/200");

export const status_401_fails = (t) => notOpened(t, "/status/401");

export const status_404_fails = (t) => notOpened(t, "/status/404");

export const status_500_fails = (t) => notOpened(t, "/status/500");

export const status_503_fails = (t) => notOpened(t, "/status/503");

export const a_redirect_fails = (t) => notOpened(t, "/status/302");
a_redirect_fails.needs = ["failsRedirects"];

export const a_redirect_for_ever_fails = (t) => notOpened(t, "/status/308");
a_redirect_for_ever_fails.needs = ["failsRedirects"];

// WPT: websockets/security/001.html
export const a_wrong_accept_key_fails = (t) => notOpened(t, "/accept");
a_wrong_accept_key_fails.needs = ["checksAccept"];

export const an_answer_without_upgrade_fails = (t) => notOpened(t, "/upgrade");
an_answer_without_upgrade_fails.needs = ["checksUpgrade"];

export async function an_answer_without_upgrade_ends_by_terminate_at_the_latest(t) {
  const connection = t.open("/upgrade");
  await t.until(async () => (await t.seen(connection, 0)).path === "/upgrade");
  connection.ws.terminate();
  const { code } = await connection.terminated;
  t.equal(code, 1006);
}

// WPT: websockets/opening-handshake/001.html
export const an_answer_that_is_not_http_fails = (t) => notOpened(t, "/garbage");

export const a_hangup_instead_of_an_answer_fails = (t) => notOpened(t, "/hangup");

export const a_reset_instead_of_an_answer_fails = (t) => notOpened(t, "/hangup?rst");

// WPT: websockets/interfaces/WebSocket/close/close-connecting.html
export async function a_handshake_that_stalls_is_ended_by_terminate(t) {
  const connection = t.open("/stall");
  await t.until(async () => (await t.seen(connection, 0)).path === "/stall");
  t.equal(connection.sequence(), "", "the callbacks up to now");
  t.equal(connection.ws.status, "Connecting");
  connection.ws.terminate();
  await t.ends(connection, "terminate", 1006);
}

export async function a_failure_counts_the_messages_that_waited(t) {
  const connection = t.open(t.refused);
  connection.ws.send("one");
  connection.ws.send({ two: 2 });
  connection.ws.send(new Uint8Array(3));
  await t.ends(connection, "error terminate", 1006);
  t.contains(connection.event("error").errors[0].message, "3 messages");
}

export async function a_failure_counts_blobs_among_the_messages_that_waited(t) {
  const connection = t.open("/status/401");
  connection.ws.send(new Blob(["one"]));
  connection.ws.send("two");
  await t.ends(connection, "error terminate", 1006);
  t.contains(connection.event("error").errors[0].message, "2 messages");
}

export async function a_failure_without_waiting_messages_counts_none(t) {
  const connection = await t.failsToOpen(t.refused);
  t.ok(!/\d/.test(connection.event("error").errors[0].message), "the first message has a number");
}

// --- After it was open ---

export const a_fin_without_a_close_frame_is_a_loss = (t) => lost(t, "/fin?after=1");

export const a_reset_is_a_loss = (t) => lost(t, "/rst?after=1");

export async function a_fin_after_messages_leaves_them_delivered(t) {
  const connection = t.open(t.script({ opcode: 1, text: "1" }, { opcode: 1, text: "2" }, { pause: 20, fin: true }));
  await t.ends(connection, "open message message error terminate", 1006);
  t.deepEqual(connection.data, ["1", "2"]);
}

export async function a_reset_in_the_middle_of_a_talk_is_a_loss(t) {
  const connection = t.open("/rst?after=2");
  connection.ws.send("1");
  connection.ws.send("2");
  await t.ends(connection, "open error terminate", 1006);
}

export const a_message_that_is_cut_off_is_a_loss = (t) =>
  // A text frame of 10 bytes, of which three arrive.
  lostBy(t, { raw: "810a616263" }, { pause: 20, fin: true });

export const a_fragmented_message_without_its_end_is_a_loss = (t) =>
  lostBy(t, { opcode: 1, fin: false, text: "beginning" }, { pause: 20, fin: true });

export const a_reserved_opcode_is_a_loss = (t) => lostBy(t, { opcode: 3, text: "a" });

export const a_reserved_bit_is_a_loss = (t) => lostBy(t, { opcode: 1, rsv: 2, text: "a" });

export const text_that_is_not_utf8_is_a_loss = (t) => lostBy(t, { opcode: 1, hex: "fffe" });
text_that_is_not_utf8_is_a_loss.needs = ["checksUtf8"];

export const a_masked_frame_is_a_loss = (t) => lostBy(t, { opcode: 1, mask: true, text: "a" });
a_masked_frame_is_a_loss.needs = ["checksMask"];

export const a_close_frame_of_one_byte_is_a_loss = (t) => lostBy(t, { raw: "880103" });
a_close_frame_of_one_byte_is_a_loss.needs = ["checksCloseLength"];

export const a_ping_in_fragments_is_a_loss = (t) => lostBy(t, { opcode: 9, fin: false, text: "a" });

export const a_ping_of_126_bytes_is_a_loss = (t) => lostBy(t, { opcode: 9, text: "a".repeat(126) });
a_ping_of_126_bytes_is_a_loss.needs = ["checksPingLength"];

export const a_continuation_of_nothing_is_a_loss = (t) => lostBy(t, { opcode: 0, text: "a" });

export const a_message_inside_another_is_a_loss = (t) =>
  lostBy(t, { opcode: 1, fin: false, text: "a" }, { opcode: 1, text: "b" });

export async function a_broken_frame_with_the_handshake_ends_in_order(t) {
  for (const path of ["/opcode", "/utf8", "/masked", "/close-short"]) {
    const connection = t.open(path);
    await t.until(() => connection.calls.length > 0);
    connection.ws.terminate();
    await connection.terminated;
    t.ok(/^(open )?(message )?(error )?terminate$/.test(connection.sequence()), `${connection}`);
  }
}

// WPT: websockets/interfaces/WebSocket/events/015.html
export async function a_broken_frame_after_a_message_leaves_it_delivered(t) {
  const connection = t.open(t.script({ opcode: 1, text: "good" }, { pause: 20 }, { opcode: 3, text: "bad" }));
  await t.ends(connection, "open message error terminate", 1006);
  t.deepEqual(connection.data, ["good"]);
}

export async function a_close_code_that_may_not_be_sent_ends_in_order(t) {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535]) {
    const connection = t.open(`/close-bad?code=${code}`);
    await connection.terminated;
    t.ok(/^open (error )?terminate$/.test(connection.sequence()), `${code}: ${connection}`);
  }
}

export async function a_close_reason_that_is_not_utf8_ends_in_order(t) {
  const connection = t.open(t.script({ await: "message" }, { raw: "880403e8fffe" }));
  connection.ws.send("go on");
  await connection.terminated;
  t.ok(/^open (error )?terminate$/.test(connection.sequence()), `${connection}`);
}

export async function a_failed_connection_reports_nothing_after_its_end(t) {
  const connection = await t.failsToOpen("/status/503");
  const calls = connection.calls.length;
  for (let turns = 0; turns < 20; turns++) await t.turn();
  t.equal(connection.calls.length, calls, "the number of callbacks");
}

export async function failures_at_once_end_in_order(t) {
  const paths = ["/status/401", "/hangup", t.refused];
  await Promise.all(Array.from({ length: 9 }, (_, index) => t.failsToOpen(paths[index % 3])));
}

export async function status_is_connecting_until_the_failure_is_told(t) {
  const statuses = [];
  const connection = t.open("/status/503", { onError: (ws) => statuses.push(ws.status) });
  t.equal(connection.ws.status, "Connecting");
  await connection.terminated;
  t.ok(["Closing", "Closed"].includes(statuses[0]), `the status in onError is ${statuses[0]}`);
  t.equal(connection.ws.status, "Closed");
}

// `terminate`: codes, reasons, states, the close timeout, and closes by the server.

import { ErrCode } from "../lib/errcode.js";

// WPT: websockets/close-invalid.any.js, Close-2999-reason.any.js, Close-{0,NaN,null,string}.htm
const badCodes = [1001, 1005, 1006, 1011, 999, 500, 0, -1000, 2999, 5000, 1000.5, 3000.0001, 66536, 4294968296];
// WPT: websockets/Close-onlyReason.any.js
const notTexts = [NaN, Infinity, -Infinity, null, true, 1000n, {}, [1000], Symbol("code"), () => 1000];
const notCodes = [...notTexts, "1000", "only a reason", ""];
const badReasons = [5, 0, null, true, {}, ["bye"], 10n, Symbol("reason"), () => "bye"];
// WPT: websockets/Close-Reason-124Bytes.any.js
const longReasons = ["x".repeat(124), "€".repeat(42), "𝄞".repeat(31), "\ud800".repeat(42), "x".repeat(1 << 20)];

/** Asserts that every invalid call of terminate throws and has no effect. */
const refusesAll = (t, ws) => {
  const before = ws.status;
  const allowed = ["1000", "3000", "4999"];
  for (const code of badCodes) t.throws(() => ws.terminate(code), ErrCode.closeCode, [...allowed, `${code}`]);
  for (const code of notCodes) t.throws(() => ws.terminate(code), ErrCode.closeCode, allowed);
  for (const reason of badReasons) t.throws(() => ws.terminate(1000, reason), ErrCode.closeReason, ["123", "string"]);
  for (const reason of longReasons) t.throws(() => ws.terminate(3000, reason), ErrCode.closeReason, "123");
  t.throws(() => ws.terminate(undefined, 5), ErrCode.closeReason);
  t.equal(t.thrownBy(() => ws.terminate(1001, 5)).name, "WebSocketError");
  t.equal(ws.status, before, "the status");
};

/** Calls terminate(...args), and checks the close frame that the server received and the event of onTerminate. */
const closes = async (t, args, code, reason) => {
  const connection = t.open("/echo");
  await connection.opened;
  t.equal(connection.ws.terminate(...args), undefined);
  t.equal(connection.ws.status, "Closing");
  const event = await t.ends(connection, "open terminate", code);
  t.equal(event.reason, reason, "the reason");
  t.equal(event.wasClean, true, "wasClean");
  t.deepEqual((await t.seen(connection)).close, { code, reason });
};

// --- Codes and reasons ---

// WPT: websockets/Close-1005.any.js, Close-1005-verify-code.any.js, closing-handshake/003.html,
// WPT: websockets/opening-handshake/002.html, opening-handshake/005.html (there a close without a code is 1005)
export const terminate_closes_with_1000 = (t) => closes(t, [], 1000, "");

// WPT: websockets/Close-undefined.any.js
export const terminate_with_undefined_closes_with_1000 = (t) => closes(t, [undefined, undefined], 1000, "");

export const terminate_takes_a_reason_without_a_code = (t) => closes(t, [undefined, "bye"], 1000, "bye");

// WPT: websockets/Close-1000.any.js, Close-1000-verify-code.any.js, Close-3000-verify-code.any.js
export async function terminate_takes_1000_and_3000_to_4999(t) {
  for (const code of [1000, 3000, 3999, 4000, 4999]) await closes(t, [code], code, "");
}

export async function terminate_takes_a_reason_of_123_bytes(t) {
  for (const reason of ["x".repeat(123), "€".repeat(41), `${"𝄞".repeat(30)}abc`, "héllo", ""]) {
    await closes(t, [4000, reason], 4000, reason);
  }
}

export const a_reason_may_hold_a_nul = (t) => closes(t, [4000, "a\u0000b"], 4000, "a\u0000b");
a_reason_may_hold_a_nul.needs = ["keepsNul"];

// WPT: websockets/Close-reason-unpaired-surrogates.any.js
export const a_lone_surrogate_in_a_reason_is_replaced = (t) => closes(t, [3000, "a\ud800b"], 3000, "a\ufffdb");

export async function lone_surrogates_count_as_three_bytes(t) {
  await closes(t, [3000, "\udfff".repeat(41)], 3000, "\ufffd".repeat(41));
}

export async function wrong_codes_and_reasons_throw_while_connecting(t) {
  const connection = t.open("/echo");
  refusesAll(t, connection.ws);
  connection.ws.send("still there");
  t.deepEqual(await connection.received(), ["still there"]);
}

export async function wrong_codes_and_reasons_throw_when_open(t) {
  const connection = t.open("/echo");
  await connection.opened;
  refusesAll(t, connection.ws);
  connection.ws.send("still there");
  t.deepEqual(await connection.received(), ["still there"]);
  connection.ws.terminate();
  await t.ends(connection, "open message terminate", 1000);
}

export async function wrong_codes_and_reasons_throw_while_closing(t) {
  const connection = t.open("/slow-close?delay=100");
  await connection.opened;
  connection.ws.terminate(3000, "first");
  refusesAll(t, connection.ws);
  await t.ends(connection, "open terminate", 3000);
}

export async function wrong_codes_and_reasons_throw_when_closed(t) {
  const connection = t.open("/close?code=1000");
  await connection.terminated;
  refusesAll(t, connection.ws);
  const failed = await t.failsToOpen(t.refused);
  refusesAll(t, failed.ws);
}

// --- States ---

// WPT: websockets/interfaces/WebSocket/close/close-basic.html, close-return.html, Create-on-worker-shutdown.any.js
export async function terminate_while_connecting_ends_promptly_with_1006(t) {
  const connection = t.open("/echo");
  connection.ws.terminate(3000, "changed my mind");
  t.equal(connection.ws.status, "Closing");
  t.equal(connection.sequence(), "", "the callbacks before terminate returned");
  const start = performance.now();
  const event = await t.ends(connection, "terminate", 1006);
  t.ok(performance.now() - start < 4000, "it took less than the close timeout");
  t.deepEqual(event, { type: "terminate", code: 1006, reason: "", wasClean: false });
}

export async function terminate_while_connecting_drops_what_waits(t) {
  const connection = t.open("/echo");
  connection.ws.send("waiting");
  connection.ws.send(new Blob(["waiting"]));
  connection.ws.terminate();
  await t.ends(connection, "terminate", 1006);
}

export async function terminate_while_a_refusal_is_coming_gives_no_error(t) {
  for (const path of [t.refused, "/status/401", "/hangup", "/garbage"]) {
    const connection = t.open(path);
    connection.ws.terminate();
    await t.ends(connection, "terminate", 1006);
  }
}

// WPT: websockets/interfaces/WebSocket/close/close-nested.html
export async function only_the_first_terminate_counts(t) {
  const connection = t.open("/slow-close?delay=50");
  await connection.opened;
  connection.ws.terminate(3000, "first");
  connection.ws.terminate(4000, "second");
  connection.ws.terminate();
  const event = await t.ends(connection, "open terminate", 3000);
  t.equal(event.reason, "first");
  connection.ws.terminate(4000, "third");
  t.equal(connection.ws.status, "Closed");
}

// WPT: websockets/interfaces/WebSocket/close/close-multiple.html
export async function terminate_twice_while_connecting_ends_once(t) {
  const connection = t.open("/echo");
  connection.ws.terminate();
  connection.ws.terminate();
  await t.ends(connection, "terminate", 1006);
}

export async function terminate_in_on_open_lets_no_message_in(t) {
  const connection = t.open("/text?data={i}&count=100", { onOpen: (ws) => ws.terminate(3000) });
  await t.ends(connection, "open terminate", 3000);
}

export async function terminate_in_on_message_lets_no_other_in(t) {
  const connection = t.open("/text?data={i}&count=100", { onMessage: (ws) => ws.terminate() });
  await t.ends(connection, "open message terminate", 1000);
  t.deepEqual(connection.data, ["0"]);
}

export async function terminate_in_on_open_sends_what_waited(t) {
  const connection = t.open("/sink", { onOpen: (ws) => ws.terminate() });
  connection.ws.send("1");
  connection.ws.send(new Blob(["2"]));
  await t.ends(connection, "open terminate", 1000);
  t.deepEqual(await t.arrived(connection), ["1", { hex: "32" }]);
}

// WPT: websockets/interfaces/WebSocket/close/close-nested.html
export async function terminate_in_on_terminate_does_nothing(t) {
  const connection = t.open("/echo", { onTerminate: (ws) => ws.terminate(3000, "again") });
  await connection.opened;
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
}

export async function no_message_comes_after_terminate(t) {
  const connection = t.open("/late?count=5");
  await connection.opened;
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1000);
}

export async function no_message_after_terminate_is_looked_at(t) {
  const late = { opcode: 1, text: "not JSON" };
  const connection = t.open(t.script({ await: "close" }, late, { opcode: 2, hex: "ff" }), { dataType: "object" });
  await connection.opened;
  connection.ws.terminate(3000);
  await t.ends(connection, "open terminate", 3000);
}

export async function dispose_is_terminate(t) {
  const connection = t.open("/echo");
  await connection.opened;
  t.equal(connection.ws[Symbol.dispose](), undefined);
  t.equal(connection.ws.status, "Closing");
  await t.ends(connection, "open terminate", 1000);
  connection.ws[Symbol.dispose]();
  t.equal(connection.ws.status, "Closed");
  const early = t.open("/echo");
  early.ws[Symbol.dispose]();
  await t.ends(early, "terminate", 1006);
}
dispose_is_terminate.needs = ["package", "dispose"];

// --- The close timeout ---

export async function a_silent_server_is_given_up_after_the_close_timeout(t) {
  const connection = t.open("/silent", { closeTimeout: 400 });
  await connection.opened;
  const start = performance.now();
  connection.ws.terminate(3000, "never answered");
  t.equal(connection.ws.status, "Closing");
  await t.ends(connection, "open terminate", 1006);
  const took = performance.now() - start;
  t.ok(took >= 350 && took < 4000, `it took about 400 ms, not ${took}`);
}

export async function the_close_timeout_is_5_s_if_not_given(t) {
  const connection = t.open("/silent");
  await connection.opened;
  const start = performance.now();
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1006);
  const took = performance.now() - start;
  t.ok(took > 4990 && took < 10_000, `it took about 5000 ms, not ${took}`);
}
the_close_timeout_is_5_s_if_not_given.needs = ["waitsForAnAnswer"];

export async function a_close_timeout_of_0_does_not_wait(t) {
  const connection = t.open("/silent", { closeTimeout: 0 });
  await connection.opened;
  const start = performance.now();
  connection.ws.terminate();
  t.equal(connection.ws.status, "Closing");
  await t.ends(connection, "open terminate", 1006);
  t.ok(performance.now() - start < 4000, "it took less than the 5 s of no timeout given");
}

export async function a_stall_is_not_ended_by_the_close_timeout_alone(t) {
  const connection = t.open("/silent", { closeTimeout: 1 });
  await connection.opened;
  await t.sleep(100);
  t.equal(connection.ws.status, "Connected");
}

// WPT: websockets/Close-delayed.any.js
export async function an_answer_within_the_close_timeout_is_waited_for(t) {
  const connection = t.open("/slow-close?delay=300", { closeTimeout: 3000 });
  await connection.opened;
  connection.ws.terminate(3005, "slowly");
  const event = await t.ends(connection, "open terminate", 3005);
  t.equal(event.reason, "slowly");
}

export async function an_answer_after_the_close_timeout_is_too_late(t) {
  const connection = t.open("/slow-close?delay=1000", { closeTimeout: 100 });
  await connection.opened;
  connection.ws.terminate();
  await t.ends(connection, "open terminate", 1006);
}

export async function a_long_upload_is_not_cut_short(t) {
  // The upload takes 5 s. On Node, bufferedAmount only falls when the system has taken the whole first message, and
  // again when it has taken all others. The system buffers about 4 MiB, so that each of the three waits is a third of
  // the time.
  const connection = t.open("/slow-read?rate=2500000", { closeTimeout: 3600 });
  await connection.opened;
  for (const size of [1 << 23, 1 << 21, 1 << 21]) connection.ws.send(new Uint8Array(size));
  const start = performance.now();
  connection.ws.terminate(3000);
  await t.ends(connection, "open terminate", 3000);
  t.ok(
    performance.now() - start > 3600,
    `the upload took longer than the close timeout, not ${performance.now() - start} ms`,
  );
  t.equal((await t.seen(connection)).bytes, 12 << 20, "the bytes that arrived");
}
a_long_upload_is_not_cut_short.needs = ["tellsBuffered"];

export async function an_upload_that_stands_still_is_given_up(t) {
  const connection = t.open("/deaf", { closeTimeout: 400 });
  await connection.opened;
  const chunk = new Uint8Array(1 << 20);
  for (let index = 0; index < 16; index++) connection.ws.send(chunk);
  await t.turn();
  connection.ws.terminate();
  const { code } = await connection.terminated;
  t.equal(code, 1006);
}

// --- Closed by the server ---

export async function a_close_by_the_server_gives_its_code_and_reason(t) {
  const newer = [...(t.host.takesCode1012 ? [1012, 1013] : []), ...(t.host.takesCode1014 ? [1014] : [])];
  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, ...newer, 3000, 4999]) {
    const connection = t.open(`/close?code=${code}&reason=r ${code} é`);
    const event = await t.ends(connection, "open terminate", code);
    t.equal(event.reason, `r ${code} é`);
    t.equal(event.wasClean, true, "wasClean");
  }
}

export async function a_close_without_a_code_gives_1005(t) {
  const connection = t.open("/close");
  const event = await t.ends(connection, "open terminate", 1005);
  t.deepEqual(event, { type: "terminate", code: 1005, reason: "", wasClean: true });
}

export async function a_close_by_the_server_is_answered(t) {
  for (const path of ["/close?code=4001&reason=bye", "/close"]) {
    const connection = t.open(path);
    await connection.terminated;
    const { end, error } = await t.seen(connection);
    t.equal(end, "close", `the end that the server saw (${error})`);
  }
}

export async function a_close_reason_of_123_bytes_arrives(t) {
  const connection = t.open(`/close?code=4001&reason=${encodeURIComponent("€".repeat(41))}`);
  const { reason } = await connection.terminated;
  t.equal(reason, "€".repeat(41));
}

// WPT: websockets/Close-server-initiated-close.any.js, closing-handshake/002.html
export async function a_close_after_messages_comes_last(t) {
  const connection = t.open("/close?code=3333&after=2");
  connection.ws.send("1");
  connection.ws.send("2");
  await t.ends(connection, "open terminate", 3333);
  t.deepEqual(await t.arrived(connection), ["1", "2"]);
}

export async function closes_by_both_sides_at_once_end_in_order(t) {
  const connection = t.open("/close?code=3333&after=1");
  await connection.opened;
  connection.ws.send("now");
  connection.ws.terminate(3444);
  const { code, wasClean } = await connection.terminated;
  t.equal(connection.sequence(), "open terminate", "the sequence");
  t.ok([3333, 3444].includes(code), `the code is ${code}`);
  t.equal(wasClean, true, "wasClean");
}

export async function a_fin_in_answer_to_a_close_frame_gives_1006(t) {
  const connection = t.open(t.script({ await: "close" }, { fin: true }));
  // The server sends a FIN after it has read the close frame, without an answer.
  await connection.opened;
  connection.ws.terminate(3000);
  const { code } = await connection.terminated;
  t.equal(code, 1006);
}
a_fin_in_answer_to_a_close_frame_gives_1006.needs = ["tellsNoAnswer"];

export async function a_reset_in_answer_to_a_close_frame_gives_1006(t) {
  const connection = t.open(t.script({ await: "close" }, { rst: true }));
  await connection.opened;
  connection.ws.terminate(3000);
  const { code } = await connection.terminated;
  t.equal(code, 1006);
}
a_reset_in_answer_to_a_close_frame_gives_1006.needs = ["tellsNoAnswer"];

export async function every_way_to_write_an_answer_is_an_end(t) {
  // The peer may answer with another code (RFC 6455, 5.5.1). The event has the server's code.
  const connection = t.open(t.script({ await: "close" }, { close: 4321, reason: "other" }));
  await connection.opened;
  connection.ws.terminate(3000, "mine");
  const event = await t.ends(connection, "open terminate", 4321);
  t.equal(event.reason, "other");
}

/** Deno and Bun discard a part of their unsent data inside `close`. */
export async function a_peer_that_never_reads_is_given_up_after_the_close_timeout(t) {
  const connection = t.open("/deaf", { closeTimeout: 4000 });
  const { ws } = connection;
  await connection.opened;
  for (let mebibyte = 0; mebibyte < 32; mebibyte++) ws.send(new Uint8Array(1 << 20));
  // Data accepted by the system counts as progress.
  for (let before; before !== ws.bufferedAmount; await t.sleep(300)) before = ws.bufferedAmount;
  ws.terminate();
  let since = performance.now();
  // Data accepted later also counts as progress, which is noticed after a fifth of the time.
  let most = 4700;
  for (let before = ws.bufferedAmount; ws.status !== "Closed"; await t.sleep(20)) {
    if (ws.bufferedAmount < before && ws.bufferedAmount > 0) [since, most] = [performance.now(), 5700];
    before = ws.bufferedAmount;
  }
  const milliseconds = performance.now() - since;
  await t.ends(connection, "open terminate", 1006);
  t.ok(milliseconds > 3900 && milliseconds < most, `it ended after ${milliseconds} ms, which is the close timeout`);
}
a_peer_that_never_reads_is_given_up_after_the_close_timeout.needs = ["waitsForAnAnswer"];

// The messages of a connection that comes back: those that wait, those that go to the next connection, and those that
// were never sent.

import { ErrCode } from "../lib/errcode.js";
import { inTurn } from "../lib/journal.js";

/** The facts that every case here needs. */
export const needs = ["reconnecting"];

const HOUR = 3_600_000;
const fails = () => Promise.reject(new Error("nothing"));

/** A Blob whose read is pending until the case resolves or rejects it. */
class SlowBlob extends Blob {
  reading = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));

  async arrayBuffer() {
    this.isRead = true;
    await this.reading;
    return super.arrayBuffer();
  }
}

/** The payloads of the messages of the connections of a journal, as the server echoed them. */
const echoes = (journal) => journal.events("message").map(({ data }) => data);

/** The host's connection, which the case controls, of the attempt that is under way. */
async function double(t, journal) {
  await t.until(() => Host.last && journal.socket.current);
  const host = Host.last;
  Host.last = undefined;
  return host;
}

class Host extends EventTarget {
  static last;
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  sent = [];
  closed = [];

  constructor() {
    super();
    Host.last = this;
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  send(data) {
    this.sent.push(data);
  }

  close(...args) {
    this.readyState = 2;
    this.closed.push(args);
  }

  end(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason: "", wasClean: code !== 1006 }));
  }
}

/** A connection that comes back on doubles. */
function onDoubles(t, members = {}) {
  Host.last = undefined;
  t.replaceHostClass(Host);
  return t.reconnect("ws://double.test/", members);
}

export async function messages_wait_for_the_connection_whichever_it_is(t) {
  const journal = t.reconnect(inTurn(t.url("/status/503"), t.url("/echo")), {
    dataType: "object",
    onOpen: (ws) => ws.send({ sent: "in onOpen" }),
    onTerminate: () => journal.events("retry").length || journal.socket.send({ sent: "in onTerminate" }),
    onRetry: (socket, { waiting }) => socket.send({ waiting }),
  });
  journal.socket.send([1, 2]);
  await journal.called("message", 4);
  t.deepEqual(echoes(journal), [[1, 2], { sent: "in onTerminate" }, { waiting: 2 }, { sent: "in onOpen" }]);
}

export async function a_message_waits_as_it_is_now(t) {
  const journal = t.reconnect(inTurn(t.url("/status/503"), t.url("/echo")));
  const bytes = new Uint8Array([1, 2, 3]);
  const list = ["early"];
  journal.socket.send(bytes);
  journal.socket.send(list);
  bytes.fill(9);
  list[0] = "late";
  await journal.called("message", 2);
  t.deepEqual(echoes(journal), ["\x01\x02\x03", '["early"]']);
}

export async function on_an_open_connection_a_message_leaves_at_once(t) {
  const journal = onDoubles(t);
  const host = await double(t, journal);
  host.open();
  journal.socket.send("text");
  journal.socket.send({ object: true });
  journal.socket.send(new Uint8Array([1]));
  t.deepEqual(host.sent.slice(0, 2), ["text", '{"object":true}']);
  t.equal(await t.hex(host.sent[2]), "01");
  t.equal(journal.socket.bufferedAmount, 0);
  journal.socket.terminate();
  host.end(1000);
  await journal.stopped;
}

export async function what_waited_leaves_before_on_open(t) {
  const journal = onDoubles(t, { onOpen: (ws) => ws.send("in onOpen") });
  journal.socket.send("first");
  const host = await double(t, journal);
  journal.socket.current.send("second");
  journal.socket.send("third");
  t.equal(journal.socket.bufferedAmount, 16);
  host.open();
  t.deepEqual(host.sent, ["first", "second", "third", "in onOpen"]);
  t.equal(journal.socket.bufferedAmount, 0);
  journal.socket.terminate();
  host.end(1000);
  await journal.stopped;
}

export async function no_more_waits_than_may(t) {
  const journal = t.reconnect(fails, { retry: { firstDelay: 0, maxWaiting: 10 }, onRetry: () => HOUR });
  const { socket } = journal;
  socket.send("12345");
  t.throws(() => socket.send("123456"), ErrCode.tooMuchWaiting, ["maxWaiting", "10"]);
  socket.send("äö");
  socket.send("");
  t.throws(() => socket.send(""), ErrCode.tooMuchWaiting);
  t.equal(socket.bufferedAmount, 9);
  socket.terminate();
  t.deepEqual((await journal.stopped).unsent, ["12345", "äö", ""]);
}

export async function with_a_limit_of_0_nothing_waits(t) {
  const journal = t.reconnect("/echo", { retry: { maxWaiting: 0 } });
  t.throws(() => journal.socket.send("early"), ErrCode.tooMuchWaiting);
  await journal.called("open");
  journal.socket.send("hello");
  await journal.called("message");
}

export async function what_is_no_message_throws_in_every_state(t) {
  const wrong = [undefined, null, 5, true, 5n, Symbol("x"), () => {}];
  const journal = t.reconnect("/echo", { onRetry: () => HOUR });
  const refuses = () => wrong.forEach((message) => t.throws(() => journal.socket.send(message), ErrCode.message));
  refuses();
  await journal.called("open");
  refuses();
  journal.socket.current.terminate();
  await journal.called("retry");
  refuses();
  t.equal(journal.socket.bufferedAmount, 0);
}

export async function what_never_left_is_told_as_it_was_passed(t) {
  const journal = t.reconnect(fails, { onRetry: () => HOUR });
  const messages = ["text", { object: true }, [1], new Uint8Array([1]), new Blob(["x"])];
  for (const message of messages) journal.socket.send(message);
  t.equal((await journal.called("retry")).waiting, messages.length);
  journal.socket.terminate();
  const { unsent } = await journal.stopped;
  t.ok(
    unsent.length === messages.length && unsent.every((message, at) => message === messages[at]),
    "they are the same",
  );
}

export async function what_waited_in_a_connection_goes_to_the_next(t) {
  const journal = onDoubles(t, { onRetry: (socket) => socket.send("newer") });
  const blob = new SlowBlob(["blob"]);
  const first = await double(t, journal);
  first.open();
  journal.socket.send("left");
  journal.socket.send(blob);
  journal.socket.send("behind");
  journal.socket.current.send("of the connection");
  t.deepEqual(first.sent, ["left"]);
  first.end();
  t.equal(journal.sequence(), "open error terminate retry");
  t.equal(journal.events("retry")[0].waiting, 3);
  t.equal(journal.events("error")[0].errors[0].message.includes("sent"), false, "no connection counts them");
  const second = await double(t, journal);
  second.open();
  t.deepEqual(second.sent, []);
  blob.resolve();
  await t.until(() => second.sent.length === 4);
  t.equal(await t.hex(second.sent[0]), await t.hex(new Blob(["blob"])));
  t.deepEqual(second.sent.slice(1), ["behind", "of the connection", "newer"]);
  journal.socket.terminate();
  second.end(1000);
  await journal.stopped;
}

export async function what_waits_behind_a_blob_may_exceed_the_limit(t) {
  const journal = onDoubles(t, { retry: { firstDelay: 0, maxWaiting: 6 } });
  const blob = new SlowBlob(["123456"]);
  const first = await double(t, journal);
  first.open();
  journal.socket.send(blob);
  journal.socket.send("on an open connection, there is no limit");
  first.end();
  const second = await double(t, journal);
  t.throws(() => journal.socket.send("x"), ErrCode.tooMuchWaiting);
  second.open();
  blob.resolve();
  await t.until(() => second.sent.length === 2);
  journal.socket.send("x");
  journal.socket.terminate();
  second.end(1000);
  await journal.stopped;
}

export async function what_cannot_be_sent_at_all_is_not_carried_over(t) {
  const journal = t.reconnect("/echo");
  const broken = new SlowBlob(["x"]);
  broken.reading.catch(() => {});
  await journal.called("open");
  journal.socket.send(broken);
  journal.socket.send("behind");
  broken.reject(new Error("unreadable"));
  await journal.called("message");
  t.equal(journal.sequence(), "open error terminate retry open message");
  const { errors } = journal.events("error")[0];
  t.deepEqual([errors[0].errCode, errors[1].message], [ErrCode.unsendable, "unreadable"]);
  t.deepEqual(echoes(journal), ["behind"]);
  journal.socket.terminate();
  const { unsent } = await journal.stopped;
  t.ok(unsent.length === 1 && unsent[0] === broken, "it is in unsent");
}

export async function what_cannot_be_read_while_the_host_is_closing_is_not_carried_over(t) {
  const journal = onDoubles(t);
  const broken = new SlowBlob(["x"]);
  broken.reading.catch(() => {});
  const first = await double(t, journal);
  first.open();
  journal.socket.send(broken);
  journal.socket.send("behind");
  first.readyState = 2;
  broken.reject(new Error("unreadable"));
  await t.turn();
  first.end();
  const second = await double(t, journal);
  second.open();
  t.deepEqual(second.sent, ["behind"]);
  journal.socket.terminate();
  second.end(1000);
  const { unsent } = await journal.stopped;
  t.ok(unsent.length === 1 && unsent[0] === broken, "it is in unsent");
}

export async function what_the_host_refuses_is_not_carried_over(t) {
  const journal = onDoubles(t);
  journal.socket.send("refused");
  journal.socket.send("behind");
  const first = await double(t, journal);
  first.send = (data) => {
    if (data === "refused") throw new TypeError("the host does not want it");
    first.sent.push(data);
  };
  first.open();
  await t.until(() => first.closed.length);
  first.end();
  const second = await double(t, journal);
  second.open();
  t.deepEqual(second.sent, ["behind"]);
  t.equal(journal.events("error")[0].errors[0].errCode, ErrCode.unsendable);
  journal.socket.terminate();
  second.end(1000);
  t.deepEqual((await journal.stopped).unsent, ["refused"]);
}

export async function what_the_host_took_is_not_sent_again(t) {
  const journal = onDoubles(t);
  const first = await double(t, journal);
  first.open();
  journal.socket.send("taken");
  first.end();
  const second = await double(t, journal);
  second.open();
  t.deepEqual([first.sent, second.sent], [["taken"], []]);
  journal.socket.terminate();
  second.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
}

export async function on_an_open_connection_what_waits_leaves_before_the_end(t) {
  const journal = onDoubles(t);
  const blob = new SlowBlob(["blob"]);
  const host = await double(t, journal);
  host.open();
  const ws = journal.socket.current;
  journal.socket.send(blob);
  journal.socket.send("behind");
  journal.socket.terminate(4000, "enough");
  t.deepEqual([ws.status, journal.socket.status, host.closed], ["Closing", "Closing", []]);
  t.throws(() => ws.send("late"), ErrCode.notOpen);
  host.dispatchEvent(Object.assign(new Event("message"), { data: "not delivered" }));
  blob.resolve();
  await t.until(() => host.closed.length);
  t.equal(host.sent[1], "behind");
  t.deepEqual(host.closed, [[4000, "enough"]]);
  host.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
  t.equal(journal.sequence(), "open terminate stop");
}

export async function a_blob_that_is_never_read_holds_the_end_back_for_a_limited_time(t) {
  const journal = t.reconnect("/echo", { closeTimeout: 30 });
  await journal.called("open");
  const blob = new SlowBlob(["blob"]);
  journal.socket.send(blob);
  journal.socket.send("behind");
  journal.socket.terminate();
  const { unsent, code } = await journal.stopped;
  t.equal(code, 1006);
  t.ok(unsent[0] === blob && unsent[1] === "behind", "they are in unsent");
  t.equal(journal.sequence(), "open terminate stop");
}

export async function terminate_of_a_connection_lets_what_waits_leave(t) {
  const journal = onDoubles(t, { onRetry: () => HOUR });
  const blob = new SlowBlob(["blob"]);
  const host = await double(t, journal);
  host.open();
  const ws = journal.socket.current;
  ws.send(blob);
  ws.terminate(4001);
  t.deepEqual([ws.status, journal.socket.status], ["Closing", "Waiting"]);
  journal.socket.send("for the next");
  blob.resolve();
  await t.until(() => host.closed.length);
  t.deepEqual([host.sent.length, host.closed], [1, [[4001, ""]]]);
  host.end(4001);
  t.equal(journal.events("retry")[0].waiting, 1);
  journal.socket.terminate();
  t.deepEqual((await journal.stopped).unsent, ["for the next"]);
}

export async function a_message_for_a_connection_that_is_closing_waits(t) {
  const journal = onDoubles(t);
  const first = await double(t, journal);
  first.open();
  first.readyState = 2;
  t.equal(journal.socket.status, "Waiting");
  journal.socket.send("for the next");
  t.deepEqual([first.sent, journal.socket.bufferedAmount], [[], 12]);
  t.throws(() => journal.socket.current.send("for this one"), ErrCode.notOpen);
  first.end();
  const second = await double(t, journal);
  second.open();
  t.deepEqual(second.sent, ["for the next"]);
  journal.socket.terminate();
  second.end(1000);
  await journal.stopped;
}

export async function an_application_s_to_json_may_call_anything(t) {
  const journal = onDoubles(t);
  const host = await double(t, journal);
  host.open();
  const { socket } = journal;
  socket.send({ toJSON: () => socket.send("inside") ?? { outside: true } });
  t.deepEqual(host.sent, ["inside", '{"outside":true}']);
  t.throws(() => socket.send({ toJSON: () => socket.terminate() ?? {} }), ErrCode.notOpen);
  host.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
}

// --- The current connection, and what waits behind a Blob of it ---

export async function what_waits_behind_a_blob_counts_as_waiting_for_its_connection(t) {
  const journal = onDoubles(t);
  const host = await double(t, journal);
  journal.socket.send("early");
  const ws = journal.socket.current;
  t.deepEqual([ws.bufferedAmount, journal.socket.bufferedAmount], [5, 5]);
  host.open();
  const blob = new SlowBlob(["123"]);
  ws.send(blob);
  ws.send("45");
  t.deepEqual([ws.bufferedAmount, journal.socket.bufferedAmount], [5, 5]);
  let isDrained = false;
  const drained = ws.drained().then(() => (isDrained = true));
  await t.until(() => blob.isRead);
  t.equal(isDrained, false);
  blob.resolve();
  await drained;
  t.deepEqual([host.sent.length, ws.bufferedAmount], [3, 0]);
  journal.socket.terminate();
  host.end(1000);
  await journal.stopped;
  t.equal(ws.bufferedAmount, 0);
}

export async function a_connection_that_closes_behind_a_blob_receives_nothing(t) {
  const heartbeat = { message: "beat", interval: 20, timeout: 20 };
  const journal = onDoubles(t, { dataType: "object", heartbeat });
  const host = await double(t, journal);
  host.open();
  const blob = new SlowBlob(["blob"]);
  const ws = journal.socket.current;
  ws.send(blob);
  journal.socket.terminate(4000, "mine");
  t.equal(ws.status, "Closing");
  for (const data of ["not json", "{}"]) host.dispatchEvent(Object.assign(new Event("message"), { data }));
  // Longer than the heartbeat's interval and timeout together.
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.deepEqual([ws.status, host.sent, host.closed], ["Closing", [], []]);
  blob.resolve();
  await t.until(() => host.closed.length);
  t.equal(await t.hex(host.sent[0]), "626c6f62");
  t.deepEqual([host.sent.length, host.closed], [1, [[4000, "mine"]]]);
  host.end(4000);
  t.equal((await journal.stopped).code, 4000);
  t.equal(journal.sequence(), "open terminate stop");
}

export async function a_blob_that_fails_after_terminate_is_in_unsent(t) {
  const journal = onDoubles(t);
  const host = await double(t, journal);
  host.open();
  const blob = new SlowBlob(["blob"]);
  journal.socket.send(blob);
  journal.socket.terminate();
  blob.reject(new Error("the file is gone"));
  await t.until(() => host.closed.length);
  host.end(1000);
  const { unsent } = await journal.stopped;
  t.ok(unsent.length === 1 && unsent[0] === blob, "it is in unsent");
  t.equal(journal.events("error")[0].errors[0].errCode, ErrCode.unsendable);
}

export async function a_heartbeat_that_is_a_blob_keeps_its_place(t) {
  const beat = new SlowBlob(["beat"]);
  const journal = onDoubles(t, { heartbeat: { message: beat, interval: 5, timeout: 10_000 } });
  const host = await double(t, journal);
  host.open();
  await t.until(() => beat.isRead);
  const bytes = new Uint8Array([1]);
  journal.socket.send("text");
  journal.socket.send({ object: true });
  journal.socket.current.send("on the connection");
  journal.socket.send(bytes);
  bytes[0] = 9;
  t.deepEqual(host.sent, []);
  beat.resolve();
  await t.until(() => host.sent.length === 5);
  t.deepEqual(host.sent.slice(1, 4), ["text", '{"object":true}', "on the connection"]);
  t.deepEqual(await Promise.all([host.sent[0], host.sent[4]].map(t.hex)), ["62656174", "01"]);
  journal.socket.terminate();
  host.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
}

/** It belongs to its connection. */
export async function a_heartbeat_that_waits_is_not_carried_over(t) {
  const [slow, beat] = [new SlowBlob(["slow"]), new SlowBlob(["beat"])];
  const journal = onDoubles(t, { heartbeat: { message: () => beat, interval: 5, timeout: 10_000 } });
  const first = await double(t, journal);
  first.open();
  journal.socket.send(slow);
  await t.until(() => journal.socket.bufferedAmount === 8);
  journal.socket.send("behind");
  first.end(1006);
  const second = await double(t, journal);
  second.open();
  slow.resolve();
  await t.until(() => second.sent.length === 2);
  t.deepEqual([await t.hex(second.sent[0]), second.sent[1]], ["736c6f77", "behind"]);
  journal.socket.terminate();
  second.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
}

// --- Doubles that dispatch inside of a call ---

/** The double answers each message inside of `send`. */
export async function an_answer_inside_of_send_comes_after_on_open(t) {
  const journal = onDoubles(t, { onOpen: (ws) => ws.send("in onOpen") });
  journal.socket.send("early");
  const host = await double(t, journal);
  host.send = (data) => host.dispatchEvent(Object.assign(new Event("message"), { data: `echo of ${data}` }));
  host.open();
  t.equal(journal.sequence(), "open message message");
  t.deepEqual(echoes(journal), ["echo of early", "echo of in onOpen"]);
  journal.socket.terminate();
  host.end(1000);
  await journal.stopped;
}

export async function an_end_inside_of_send_is_an_end_before_on_open(t) {
  const journal = onDoubles(t, { retry: { maxAttempts: 1 } });
  journal.socket.send("sent");
  journal.socket.send("left");
  const host = await double(t, journal);
  host.send = () => host.end(1011);
  host.open();
  const { code, unsent } = await journal.stopped;
  t.deepEqual([code, unsent], [1011, ["left"]]);
  t.equal(journal.sequence(), "terminate stop");
}

export async function an_answer_and_an_end_inside_of_send_come_after_on_open(t) {
  const journal = onDoubles(t, { retry: { maxAttempts: 1 } });
  journal.socket.send("sent");
  journal.socket.send("left");
  const host = await double(t, journal);
  host.send = () => {
    host.dispatchEvent(Object.assign(new Event("message"), { data: "an answer" }));
    host.end(1011);
  };
  host.open();
  const { code, unsent } = await journal.stopped;
  t.deepEqual([code, unsent], [1011, ["left"]]);
  t.equal(journal.sequence(), "open message terminate stop");
}

export async function terminate_inside_of_send_is_before_on_open(t) {
  const journal = onDoubles(t);
  journal.socket.send("sent");
  const host = await double(t, journal);
  host.send = () => journal.socket.terminate(4000);
  host.open();
  host.end(4000);
  t.equal((await journal.stopped).code, 4000);
  t.equal(journal.sequence(), "terminate stop");
}

export async function an_end_inside_of_close_comes_after_terminate_has_returned(t) {
  const journal = onDoubles(t);
  const host = await double(t, journal);
  host.open();
  host.close = (code) => host.end(code);
  journal.socket.terminate(4001);
  t.equal(journal.sequence(), "open");
  t.equal((await journal.stopped).code, 4001);
  t.equal(journal.sequence(), "open terminate stop");

  const inside = onDoubles(t, { onOpen: () => inside.socket.terminate() });
  const next = await double(t, inside);
  next.close = (code) => next.end(code);
  next.open();
  await inside.stopped;
  t.equal(inside.sequence(), "open terminate stop");
}

// --- The close timeout ---

/** The server's close frame has come, but the connection of TCP stays. */
export async function terminate_ends_what_the_server_leaves_half_closed(t) {
  for (const [owner, sequence] of [
    ["socket", "open terminate stop"],
    ["current", "open terminate retry stop"],
  ]) {
    const journal = onDoubles(t, { closeTimeout: 10, onRetry: () => false });
    const host = await double(t, journal);
    host.open();
    host.readyState = 2;
    t.equal(journal.socket.current.status, "Closing");
    (owner === "socket" ? journal.socket : journal.socket.current).terminate(4001);
    t.equal((await journal.stopped).code, 1006);
    t.equal(journal.sequence(), sequence);
  }
}

/** Each read takes less than the close timeout, all of them take more. */
export async function blobs_that_are_read_one_by_one_are_sent_before_the_end(t) {
  const blobs = ["a", "b", "c"].map((text) => new SlowBlob([text]));
  const journal = onDoubles(t, { closeTimeout: 1000 });
  const host = await double(t, journal);
  host.open();
  for (const blob of blobs) journal.socket.send(blob);
  journal.socket.terminate();
  for (const blob of blobs) {
    await t.sleep(600);
    blob.resolve();
  }
  await t.until(() => host.closed.length);
  t.equal(host.sent.length, 3);
  host.end(1000);
  t.deepEqual((await journal.stopped).unsent, []);
}

// Promises: `connect`, `closed`, `drained`.

import { ErrCode } from "../lib/errcode.js";
import { Double, connect as onDouble, onDouble as with_ } from "../lib/stand_in.js";

/** The facts that every case here needs. */
export const needs = ["package"];

/** Waits for a connection that is recorded. `members` are the handler's. */
function connect(t, path, members = {}) {
  const recording = t.record(members);
  class Noted extends t.WebSocket {
    constructor(url, handler) {
      super(url, handler);
      recording.ws = this;
    }
  }
  const url = /^wss?:/.test(path) ? path : t.url(path);
  return { recording, promise: Noted.connect(url, recording.handler) };
}

/** The reason of a rejected promise. */
const rejected = (promise) =>
  promise.then(
    (value) => Promise.reject(new Error(`fulfilled: ${value}`)),
    (error) => error,
  );

/** The names of promises in the order in which they are settled. */
function inOrder(promises) {
  const order = [];
  const note = ([name, promise]) =>
    promise.then(
      () => order.push(name),
      () => order.push(name),
    );
  return Promise.all(Object.entries(promises).map(note)).then(() => order);
}

// --- connect ---

export async function connect_is_fulfilled_when_on_open_has_returned(t) {
  let isOpen = false;
  const { recording, promise } = connect(t, "/echo", { onOpen: () => (isOpen = true) });
  const ws = await promise;
  t.ok(isOpen, "onOpen has returned");
  t.equal(ws, recording.ws);
  t.equal(ws.status, "Connected");
  ws.send("hello");
  t.deepEqual(await recording.received(), ["hello"]);
}

export async function connect_needs_no_handler(t) {
  const ws = await t.WebSocket.connect(t.url("/echo"));
  t.ok(ws instanceof t.WebSocket, "it is a connection");
  ws.terminate();
  await ws.closed;
}

export async function connect_passes_what_it_is_given_to_the_constructor(t) {
  class Room extends t.WebSocket {
    constructor(...args) {
      super(t.url("/echo"));
      this.args = args;
    }
  }
  const ws = await Room.connect("lobby", 5, "more");
  t.deepEqual(ws.args, ["lobby", 5, "more"]);
  await ws[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
}

export async function connect_is_rejected_after_the_end_with_what_on_error_said(t) {
  const { recording, promise } = connect(t, "/status/503");
  const error = await rejected(promise);
  t.ok(recording.hasEnded, "onTerminate has returned");
  const { errors } = recording.event("error");
  t.ok(error instanceof Error, "it is an Error");
  t.deepEqual([error.name, error.errCode, error.message], ["WebSocketError", errors[0].errCode, errors[0].message]);
  t.equal(error.componentSignature, errors[0].componentSignature);
  t.deepEqual(error.errors, errors);
}

export async function what_on_error_does_with_its_event_changes_no_exception(t) {
  let ws;
  const handler = {
    onError(object, { errors }) {
      ws = object;
      for (const entry of errors) entry.message = "";
      while (errors.shift());
    },
  };
  const { connection: promise, host } = with_(t, {}, (url) => t.WebSocket.connect(url, handler));
  host.fail({ message: "no route to host" });
  const failures = [await rejected(promise)];
  failures.push(await rejected(ws.messages().next()), await rejected(ws.messages().next()));
  for (const error of failures) {
    t.deepEqual([error.errCode, error.errors[0].message], [ErrCode.notOpened, error.message]);
    t.deepEqual([error.errors.length, error.errors[1].message], [2, "no route to host"]);
    // The next exception has its own entries.
    error.errors.length = 0;
  }
}

export async function connect_is_rejected_when_the_connection_is_ended_before(t) {
  const { recording, promise } = connect(t, "/stall");
  recording.ws.terminate();
  const error = await rejected(promise);
  t.deepEqual([error.errCode, error.errors, recording.sequence()], [ErrCode.notOpen, [], "terminate"]);
}

export async function connect_is_rejected_when_on_open_terminates(t) {
  const { promise } = connect(t, "/echo", { onOpen: (ws) => ws.terminate() });
  const error = await rejected(promise);
  t.deepEqual([error.errCode, error.errors], [ErrCode.notOpen, []]);
}

export async function what_new_would_throw_is_a_rejection(t) {
  const error = await rejected(t.WebSocket.connect("not a url"));
  t.deepEqual([error.name, error.errCode], ["WebSocketError", ErrCode.url]);
}

export async function an_exception_in_on_open_does_not_hold_up_connect(t) {
  t.expectUncaught();
  const boom = new Error("thrown in onOpen");
  const { promise } = connect(t, "/echo", {
    onOpen() {
      throw boom;
    },
  });
  t.equal((await promise).status, "Connected");
  await t.until(() => t.uncaught.includes(boom));
}

export async function an_abort_rejects_connect_with_its_reason(t) {
  const reason = new Error("changed my mind");
  const controller = new AbortController();
  const { recording, promise } = connect(t, "/stall", { signal: controller.signal });
  controller.abort(reason);
  t.equal(await rejected(promise), reason);
  t.equal(recording.sequence(), "terminate");
}

export async function an_abort_before_the_call_rejects_connect_with_its_reason(t) {
  for (const reason of [new Error("changed my mind"), undefined]) {
    const signal = AbortSignal.abort(reason);
    t.equal(await rejected(t.WebSocket.connect(t.url("/echo"), { signal })), signal.reason);
  }
}

export async function an_abort_after_connect_is_terminate(t) {
  const controller = new AbortController();
  const { recording, promise } = connect(t, "/echo", { signal: controller.signal });
  await promise;
  controller.abort();
  await t.ends(recording, "open terminate", 1000);
}

/** A pending `connect` on a double, and the double. */
function connectOnDouble(t, members) {
  let made;
  const { host } = with_(t, {}, (url) => (made = connect(t, url, members)));
  return { ...made, host };
}

export async function nothing_is_missed_right_behind_the_await(t) {
  const { recording, promise, host } = connectOnDouble(t);
  const seen = [];
  const wait = (async () => {
    const ws = await promise;
    // After the promise was fulfilled, and before any event.
    await undefined;
    recording.members.onMessage = (_, { data }) => seen.push(data);
    for await (const data of ws) seen.push(`also ${data}`);
  })();
  host.open();
  host.message("one");
  host.message("two");
  host.end();
  t.equal(recording.sequence(), "open");
  await wait;
  t.deepEqual(
    seen,
    ["one", "also one", "two", "also two"].sort((a, b) => seen.indexOf(a) - seen.indexOf(b)),
  );
  t.equal(seen.length, 4);
  t.equal(recording.sequence(), "open message message terminate");
}

export async function what_waits_behind_connect_comes_in_order(t) {
  const { recording, promise, host } = connectOnDouble(t, {
    onMessage: (ws, { data }) => data === "1" && host.message("4"),
  });
  host.open();
  for (const data of ["1", "2", "3"]) host.message(data);
  const ws = await promise;
  t.deepEqual(recording.data, []);
  t.deepEqual(await recording.received(4), ["1", "2", "3", "4"]);
  host.message("5");
  t.deepEqual(recording.data, ["1", "2", "3", "4", "5"]);
  ws.terminate();
  host.end();
  await recording.terminated;
}

// --- closed ---

export async function closed_is_the_event_of_on_terminate(t) {
  const connection = t.open("/close?code=3000&reason=bye");
  const { closed } = connection.ws;
  t.equal(connection.ws.closed, closed);
  t.equal(await closed, connection.event("terminate"));
  t.equal(connection.ws.closed, closed);
}

export async function closed_can_be_asked_for_after_the_end(t) {
  const connection = t.open("/close?code=3000");
  const event = await connection.terminated;
  t.equal(await connection.ws.closed, event);
  t.equal(connection.ws.closed, connection.ws.closed);
}

export async function closed_is_fulfilled_whatever_happened(t) {
  const connection = t.open("/status/500");
  t.equal((await connection.ws.closed).code, 1006);
}

export async function closed_comes_when_on_terminate_has_returned_even_if_it_throws(t) {
  t.expectUncaught();
  const order = [];
  const connection = t.open("/close?code=3000", {
    onTerminate() {
      order.push("onTerminate");
      throw new Error("thrown in onTerminate");
    },
  });
  await connection.ws.closed.then(() => order.push("closed"));
  t.deepEqual(order, ["onTerminate", "closed"]);
  await t.until(() => t.uncaught.length === 1);
}

// --- drained ---

export async function drained_waits_until_the_host_has_written(t) {
  const { connection, host } = onDouble(t);
  const { ws } = connection;
  ws.send("12345");
  let isDrained = false;
  const drained = ws.drained().then(() => (isDrained = true));
  const half = ws.drained(3);
  host.bufferedAmount = 5;
  host.open();
  await t.sleep(80);
  t.equal(isDrained, false);
  host.bufferedAmount = 3;
  await half;
  t.equal(isDrained, false);
  host.bufferedAmount = 0;
  await drained;
  ws.terminate();
  host.end();
}

export async function drained_is_fulfilled_at_once_when_nothing_waits(t) {
  const { connection } = onDouble(t);
  t.equal(await connection.ws.drained(), undefined);
  connection.ws.send("12345");
  await connection.ws.drained(5);
}

/** mock-socket has none. */
export async function a_host_without_buffered_amount_has_written_everything(t) {
  let host;
  const restore = t.replaceHostClass(
    class extends Double {
      constructor(...args) {
        super(...args);
        host = this;
        delete this.bufferedAmount;
      }
    },
  );
  const { ws } = t.open("ws://double.test/");
  restore();
  ws.send("12345");
  t.equal(ws.bufferedAmount, 5);
  let isDrained = false;
  const drained = ws.drained().then(() => (isDrained = true));
  await ws.drained(5);
  t.deepEqual([isDrained, host.sent], [false, []]);
  host.open();
  await drained;
  t.deepEqual([ws.bufferedAmount, host.sent], [0, ["12345"]]);
  ws.terminate();
  host.end();
}

export async function drained_goes_on_while_closing(t) {
  const { connection, host } = onDouble(t);
  host.open();
  host.bufferedAmount = 10;
  const drained = connection.ws.drained();
  connection.ws.terminate();
  host.bufferedAmount = 0;
  await drained;
  host.end();
  await connection.terminated;
}

export async function drained_is_rejected_at_the_end_and_after_it(t) {
  const { connection, host } = onDouble(t);
  connection.ws.send("never");
  const waiting = rejected(connection.ws.drained());
  host.fail();
  t.equal((await waiting).errCode, ErrCode.notOpen);
  t.equal((await rejected(connection.ws.drained())).errCode, ErrCode.notOpen);
  t.equal((await rejected(connection.ws.drained(1e9))).errCode, ErrCode.notOpen);
}

export async function wrong_numbers_of_bytes_are_rejected(t) {
  const { connection } = onDouble(t);
  for (const bytes of [-1, NaN, "0", null, 10n, {}]) {
    t.equal((await rejected(connection.ws.drained(bytes))).errCode, ErrCode.limit);
  }
}

export async function an_upload_is_paced_by_drained(t) {
  const connection = t.open("/tally");
  const { ws } = (await connection.opened) && connection;
  const part = "x".repeat(1 << 20);
  ws.send("8");
  for (let count = 0; count < 8; count++) {
    ws.send(part);
    await ws.drained(1 << 20);
    t.ok(ws.bufferedAmount <= 1 << 20, `${ws.bufferedAmount} bytes are left`);
  }
  t.deepEqual(await connection.received(), [`[8,${8 << 20}]`]);
}

// --- The end ---

export async function what_waits_is_settled_in_one_order(t) {
  const { recording, promise, host } = connectOnDouble(t);
  recording.ws.send("never");
  const iteration = recording.ws.messages();
  const { closed } = recording.ws;
  const order = inOrder({ closed, next: iteration.next(), drained: recording.ws.drained(), connect: promise });
  host.fail();
  t.deepEqual(await order, ["connect", "drained", "next", "closed"]);
}

export async function async_dispose_ends_the_connection_and_waits(t) {
  const connection = t.open("/echo");
  await connection.opened;
  const event = await connection.ws[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
  t.equal(event, connection.event("terminate"));
}

// A connection that comes back: the sequence, its object, and iterations over all connections.

import { inspect } from "../lib/capabilities.js";
import { ErrCode } from "../lib/errcode.js";
import { inTurn } from "../lib/journal.js";

/** The facts that every case here needs. */
export const needs = ["reconnecting"];

export async function after_a_connection_comes_another(t) {
  const journal = t.reconnect(inTurn(t.url("/close?code=4000&reason=bye"), t.url("/echo")));
  const { socket } = journal;
  t.deepEqual([socket.status, socket.current], ["Connecting", null]);
  await journal.called("open", 2);
  const [retry] = journal.events("retry");
  t.deepEqual(retry, {
    type: "retry",
    attempt: 1,
    delay: 0,
    code: 4000,
    reason: "bye",
    wasClean: true,
    errors: [],
    waiting: 0,
  });
  t.equal(socket.status, "Connected");
  socket.send("hello");
  t.equal((await journal.called("message")).data, "hello");
  socket.terminate(4001, "enough");
  t.equal(socket.status, "Closing");
  const stop = await journal.stopped;
  t.equal(journal.sequence(), "open terminate retry open message terminate stop");
  t.deepEqual(stop, {
    type: "stop",
    attempts: 2,
    code: 4001,
    reason: "enough",
    wasClean: true,
    errors: [],
    unsent: [],
  });
  t.throws(() => socket.send("late"), ErrCode.notOpen);
}

export async function every_kind_of_failure_is_followed_by_a_retry(t) {
  const paths = ["/status/503", "/hangup", "/close", "/close?code=1001", "/close?code=4999", "/stall"];
  const urls = [t.refused, ...paths.map((path) => t.url(path)), t.url("/echo")];
  const journal = t.reconnect(inTurn(...urls), { connectionTimeout: 2000 });
  await journal.called("retry", urls.length - 1);
  await t.until(() => journal.socket.status === "Connected");
  const codes = journal.events("retry").map(({ code }) => code);
  t.deepEqual(codes, [1006, 1006, 1006, 1005, 1001, 4999, 1006]);
  const lengths = journal.events("retry").map(({ errors }) => errors.length > 0);
  t.deepEqual(lengths, [true, true, true, false, false, false, true]);
}
every_kind_of_failure_is_followed_by_a_retry.needs = ["reconnecting", "tellsBrokenHandshake", "opensAgainAtOnce"];

export async function attempts_in_a_row_that_fail_end_it(t) {
  const journal = t.reconnect(t.refused, { retry: { maxAttempts: 3, firstDelay: 8, maxDelay: 9 } });
  const stop = await journal.stopped;
  t.equal(journal.sequence(), "error terminate retry error terminate retry error terminate stop");
  t.deepEqual([stop.attempts, stop.code, stop.wasClean], [3, 1006, false]);
  t.equal(stop.errors[0].errCode, ErrCode.notOpened);
  const [first, second] = journal.events("retry");
  t.deepEqual([first.attempt, second.attempt], [1, 2]);
  t.ok(first.delay < 8 && second.delay < 9, "the delays are below their limits");
}

export async function attempts_are_counted_from_the_last_connection_that_was_stable(t) {
  for (const [stableAfter, expected] of [
    [0, [0, 1, 1, 1]],
    [3_600_000, [0, 1, 2, 3]],
  ]) {
    const asked = [];
    const url = t.url("/close?code=1000");
    const journal = t.reconnect(
      (attempt) => {
        asked.push(attempt);
        return url;
      },
      { retry: { firstDelay: 0, stableAfter }, onRetry: () => (asked.length === 4 ? false : undefined) },
    );
    await t.until(() => asked.length === 4);
    t.deepEqual(asked.slice(0, 4), expected, `the attempts after ${stableAfter}`);
    journal.socket.terminate();
    await journal.stopped;
  }
}

export async function terminate_of_the_connection_starts_afresh(t) {
  const journal = t.reconnect("/echo", {
    onOpen: (ws) => journal.events("open").length === 1 && ws.terminate(4002, "afresh"),
  });
  await journal.called("open", 2);
  t.deepEqual([journal.events("retry")[0].code, journal.events("retry")[0].reason], [4002, "afresh"]);
  t.equal(journal.connections.length, 2);
}

export async function each_connection_is_a_new_object_of_the_class(t) {
  const journal = t.reconnect(inTurn(t.url("/close?code=1000"), t.url("/echo")));
  const { socket } = journal;
  await journal.called("open", 2);
  const [first, second] = journal.connections;
  for (const ws of [first, second]) {
    t.ok(ws instanceof t.WebSocket, "it is an instance of the class");
    t.equal(ws.constructor, t.WebSocket);
    t.equal(ws.handler, journal.handler);
  }
  t.ok(first !== second, "there are two objects");
  t.equal(socket.current, second);
  t.ok(!(socket instanceof t.WebSocket), "the whole is no WebSocket");
  const other = t.open("/echo");
  const ids = [socket.id, first.id, second.id, other.ws.id];
  t.ok(ids.every(Number.isInteger), "an id is an integer");
  t.deepEqual([...ids].sort(), ids, "the ids count up");
  t.equal(new Set(ids).size, 4);
  t.throws(() => first.send("late"), ErrCode.notOpen);
  first.terminate();
}

export async function subclasses_work_with_both_forms_of_new(t) {
  class Feed extends t.host.ReconnectingWebSocket {
    received = 0;
  }
  const journal = t.reconnect("/echo", {}, Feed);
  t.ok(journal.socket instanceof Feed && journal.socket.received === 0, "it is a Feed");
  const other = t.journal();
  other.socket = new Feed(t.url("/echo"), other.handler);
  t.equal(Object.getPrototypeOf(other.socket), Feed.prototype);
  await Promise.all([journal.called("open"), other.called("open")]);
}

export async function it_needs_no_handler(t) {
  for (const handler of [undefined, null, {}]) {
    const socket = t.host.ReconnectingWebSocket.new(t.url("/echo"), handler);
    t.deepEqual([socket.handler, socket.dataType, socket.bufferedAmount], [handler ?? null, "text", 0]);
    await t.until(() => socket.status === "Connected");
    socket.terminate();
    t.deepEqual((await socket.closed).code, 1000);
  }
}

export async function callbacks_are_looked_up_when_they_are_called(t) {
  const handler = {};
  const socket = t.host.ReconnectingWebSocket.new(t.url("/close?code=4000"), handler);
  const opened = await new Promise((resolve) => (handler.onOpen = resolve));
  t.equal(opened, socket.current);
  handler.onRetry = () => false;
  const stop = await new Promise((resolve) => (handler.onStop = (_, event) => resolve(event)));
  t.equal(stop.code, 4000);
}

export async function an_exception_of_a_callback_is_uncaught_and_all_goes_on(t) {
  t.expectUncaught();
  const journal = t.reconnect(inTurn(t.url("/close?code=1000"), t.url("/text?data=hello")), {
    onOpen: () => fail("onOpen"),
    onMessage: () => fail("onMessage"),
    onTerminate: () => fail("onTerminate"),
    onRetry: () => fail("onRetry"),
    onStop: () => fail("onStop"),
  });
  await journal.called("message");
  journal.socket.terminate();
  await journal.stopped;
  await t.until(() => t.uncaught.length === 7);
  const names = t.uncaught.map((error) => /on[A-Z][a-z]+/.exec(error?.message ?? error)?.[0]);
  t.deepEqual(names, ["onOpen", "onTerminate", "onRetry", "onOpen", "onMessage", "onTerminate", "onStop"]);
}

function fail(what) {
  throw new Error(`${what} of the application`);
}

export async function closed_is_fulfilled_with_the_event_of_on_stop_when_that_has_returned(t) {
  const order = [];
  const journal = t.reconnect("/echo", { onStop: () => order.push("onStop") });
  const { socket } = journal;
  t.equal(socket.closed, socket.closed);
  const closed = socket.closed.then((event) => {
    order.push("closed");
    return event;
  });
  await journal.called("open");
  socket.terminate();
  t.equal(await closed, await journal.stopped);
  t.deepEqual(order, ["onStop", "closed"]);
  t.equal(await socket.closed, await closed);
}

export async function it_is_disposable(t) {
  const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");
  const asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
  const journal = t.reconnect("/echo");
  await journal.called("open");
  t.equal(journal.socket[dispose](), undefined);
  t.equal((await journal.stopped).code, 1000);
  const other = t.reconnect("/echo");
  await other.called("open");
  t.equal(await other.socket[asyncDispose](), await other.stopped);
}

export function it_shows_itself(t) {
  const { socket } = t.reconnect("/echo");
  t.equal(String(socket), "[object ReconnectingWebSocket]");
  t.equal(socket.constructor.name, "ReconnectingWebSocket");
  if (inspect) t.contains(inspect(socket), ["ReconnectingWebSocket", "Connecting", String(socket.id)]);
}

export function its_members_refuse_other_objects(t) {
  const { prototype } = t.host.ReconnectingWebSocket;
  for (const name of Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor")) {
    const { get, value } = Object.getOwnPropertyDescriptor(prototype, name);
    const error = t.thrownBy(() => (get ?? value).call({}));
    t.ok(error instanceof TypeError, `${name} throws a TypeError`);
    t.contains(error.message, "not a ReconnectingWebSocket");
  }
}

// --- Iterations ---

export async function a_connection_without_a_handler_has_null(t) {
  const socket = t.host.ReconnectingWebSocket.new(t.url("/echo"));
  await t.until(() => socket.current);
  t.deepEqual([socket.handler, socket.current.handler], [null, null]);
  socket.terminate();
  await socket.closed;
}

export async function an_iteration_goes_over_all_connections(t) {
  const urls = [t.url("/text?data=one&count=2"), t.url("/text?data=two"), t.url("/echo")];
  const journal = t.reconnect(inTurn(...urls), {
    onMessage: (ws, { data }) => data !== "three" && ws.terminate(),
    onOpen: (ws) => journal.events("open").length === 3 && ws.send("three"),
  });
  const received = [];
  for await (const data of journal.socket) {
    received.push(data);
    if (data === "three") break;
  }
  t.deepEqual(received, ["one", "two", "three"]);
  t.equal(journal.socket.status, "Connected", "leaving the loop ends nothing else");
}

export async function an_iteration_ends_with_terminate(t) {
  const journal = t.reconnect("/echo");
  const iteration = journal.socket.messages();
  const next = iteration.next();
  await journal.called("open");
  journal.socket.send("held");
  t.deepEqual(await next, { value: "held", done: false });
  journal.socket.send("last");
  await journal.called("message", 2);
  journal.socket.terminate();
  await journal.stopped;
  t.deepEqual(await iteration.next(), { value: "last", done: false });
  t.deepEqual(await iteration.next(), { value: undefined, done: true });
  t.deepEqual(await journal.socket.messages().next(), { value: undefined, done: true });
}

export async function an_iteration_throws_the_last_error_after_a_stop(t) {
  const journal = t.reconnect(t.refused, { onRetry: () => false });
  const iteration = journal.socket.messages();
  const error = await iteration.next().catch((thrown) => thrown);
  const { errors } = await journal.stopped;
  t.deepEqual([error.name, error.errCode], ["WebSocketError", ErrCode.notOpened]);
  t.deepEqual(error.errors, errors);
  t.deepEqual(await iteration.next(), { value: undefined, done: true });
  t.equal(await rejection(journal.socket.messages().next()), ErrCode.notOpened);
}

const rejection = (promise) =>
  promise.then(
    () => "fulfilled",
    (error) => error.errCode,
  );

export async function an_iteration_is_done_after_a_stop_without_an_error(t) {
  const journal = t.reconnect("/close?code=4000", { onRetry: () => false });
  t.deepEqual(await journal.socket.messages().next(), { value: undefined, done: true });
}

/** In `onTerminate`, one iteration begins and another is left, while the connection has promises of its own. */
export async function iterations_that_change_at_an_end_go_on(t) {
  let begun;
  const journal = t.reconnect(inTurn(t.url("/flood?count=1&size=1&close"), t.url("/text?data=two")), {
    onOpen: (ws) => void ws.closed,
    onTerminate() {
      begun ??= journal.socket.messages();
      left.return();
    },
  });
  const [whole, left] = [journal.socket.messages(), journal.socket.messages()];
  await journal.called("message", 2);
  t.deepEqual(await whole.next(), { value: "0", done: false });
  for (const iteration of [whole, begun]) t.deepEqual(await iteration.next(), { value: "two", done: false });
  journal.socket.terminate();
  await journal.stopped;
}

export async function an_overrun_ends_the_iteration_and_the_connection_and_a_retry_follows(t) {
  const journal = t.reconnect("/echo", { onOpen: (ws) => journal.events("open").length === 1 && three(ws) });
  const three = (ws) => ["one", "two", "three"].forEach((text) => ws.send(text));
  const [narrow, wide] = [journal.socket.messages({ limit: 2 }), journal.socket.messages({ limit: 10 })];
  await journal.called("open", 2);
  t.equal(journal.sequence(), "open message message error terminate retry open");
  t.equal(journal.events("error")[0].errors[0].errCode, ErrCode.overrun);
  t.deepEqual(
    [await narrow.next(), await narrow.next()].map(({ value }) => value),
    ["one", "two"],
  );
  t.equal(await rejection(narrow.next()), ErrCode.overrun);
  journal.socket.send("four");
  await journal.called("message", 3);
  t.deepEqual(
    [await wide.next(), await wide.next(), await wide.next()].map(({ value }) => value),
    ["one", "two", "four"],
  );
}

export async function iterations_of_the_whole_and_of_a_connection_do_not_touch_each_other(t) {
  const journal = t.reconnect("/echo");
  const whole = journal.socket.messages();
  await journal.called("open");
  const own = journal.socket.current.messages();
  const other = journal.socket.messages();
  await other.return();
  journal.socket.send("hello");
  await journal.called("message");
  t.deepEqual([(await whole.next()).value, (await own.next()).value], ["hello", "hello"]);
  t.deepEqual(await other.next(), { value: undefined, done: true });
  await own.return();
  journal.socket.current.terminate();
  await journal.called("open", 2);
  journal.socket.send("again");
  t.equal((await whole.next()).value, "again");
}

export function a_limit_is_an_integer_from_1(t) {
  const { socket } = t.reconnect("/echo");
  for (const limit of [0, -1, 1.5, Number.NaN, "5", true, Number.POSITIVE_INFINITY]) {
    t.throws(() => socket.messages({ limit }), ErrCode.limit, "limit");
  }
}

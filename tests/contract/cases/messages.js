// Iterations over messages: `messages()`, and `for await`.

import { ErrCode } from "../lib/errcode.js";
import { connect, onDouble } from "../lib/stand_in.js";

/** The facts that every case here needs. */
export const needs = ["package"];

/** A connection on an open double. */
function open(t, members) {
  const { connection, host } = connect(t, {}, members);
  host.open();
  return { connection, host, ws: connection.ws };
}

const rejected = (promise) =>
  promise.then(
    (value) => Promise.reject(new Error(`fulfilled: ${value}`)),
    (error) => error,
  );

const done = { value: undefined, done: true };
const next = (value) => ({ value, done: false });

export async function messages_come_in_order_until_the_end(t) {
  const connection = t.open("/text?data={i}&count=5&close");
  const seen = [];
  for await (const data of connection.ws) {
    seen.push(data);
    if (data === "4") connection.ws.terminate();
  }
  t.deepEqual(seen, ["0", "1", "2", "3", "4"]);
  await t.ends(connection, "open message message message message message terminate", 1000);
}

export async function messages_are_what_the_data_type_says(t) {
  const { ws, host } = open(t, { dataType: "object" });
  const iteration = ws.messages();
  host.message('{"a":1}');
  t.deepEqual(await iteration.next(), next({ a: 1 }));
}

export async function on_message_comes_first(t) {
  const order = [];
  const { ws, host } = open(t, { onMessage: () => order.push("onMessage") });
  const first = ws
    .messages()
    .next()
    .then(() => order.push("next"));
  host.message("hello");
  await first;
  t.deepEqual(order, ["onMessage", "next"]);
}

export async function an_iteration_begins_with_its_call(t) {
  const { ws, host } = open(t);
  host.message("before");
  const iteration = ws.messages();
  host.message("behind");
  t.deepEqual(await iteration.next(), next("behind"));
}

export async function each_iteration_has_all_messages(t) {
  const { ws, host } = open(t);
  const iterations = [ws.messages(), ws.messages()];
  host.message("hello");
  for (const iteration of iterations) t.deepEqual(await iteration.next(), next("hello"));
}

export async function concurrent_calls_of_next_are_answered_in_order(t) {
  const { ws, host } = open(t);
  const iteration = ws.messages();
  const calls = [iteration.next(), iteration.next(), iteration.next()];
  host.message("a");
  host.message("b");
  ws.terminate();
  host.end();
  t.deepEqual(await Promise.all(calls), [next("a"), next("b"), done]);
}

export async function what_was_held_is_handed_out_before_the_end(t) {
  const { ws, host } = open(t);
  const iteration = ws.messages();
  host.message("a");
  host.message("b");
  host.end(3000);
  t.deepEqual(await iteration.next(), next("a"));
  t.deepEqual(await iteration.next(), next("b"));
  t.deepEqual(await iteration.next(), done);
  t.deepEqual(await iteration.next(), done);
}

export async function an_iteration_throws_what_on_error_said(t) {
  const { ws, host, connection } = open(t);
  const iteration = ws.messages();
  const [waiting, behind] = [iteration.next(), iteration.next()];
  host.end(1006);
  const error = await rejected(waiting);
  const { errors } = connection.event("error");
  t.deepEqual([error.name, error.errCode, error.message], ["WebSocketError", ErrCode.lost, errors[0].message]);
  t.deepEqual(error.errors, errors);
  t.deepEqual(await behind, done);
}

export async function an_iteration_after_the_end_ends_in_the_same_way(t) {
  const clean = open(t);
  clean.host.end();
  t.deepEqual(await clean.ws.messages().next(), done);
  const lost = open(t);
  lost.host.end(1006);
  t.equal((await rejected(lost.ws.messages().next())).errCode, ErrCode.lost);
}

export async function an_iteration_waits_for_a_connection_to_open(t) {
  const connection = t.open("/text?data=hello");
  for await (const data of connection.ws) {
    t.equal(data, "hello");
    break;
  }
}

export async function a_break_ends_the_iteration_and_not_the_connection(t) {
  const { ws, host, connection } = open(t);
  host.message("x");
  const loop = (async () => {
    for await (const data of ws.messages({ limit: 1 })) if (data === "stop") break;
  })();
  host.message("stop");
  await loop;
  for (const data of ["1", "2", "3"]) host.message(data);
  t.equal(ws.status, "Connected");
  t.deepEqual(connection.data, ["x", "stop", "1", "2", "3"]);
}

export async function an_exception_in_the_loop_ends_the_iteration_and_not_the_connection(t) {
  const { ws, host } = open(t);
  const boom = new Error("in the loop");
  const loop = (async () => {
    for await (const data of ws.messages({ limit: 1 })) throw Object.assign(boom, { data });
  })();
  host.message("1");
  t.equal(await rejected(loop), boom);
  host.message("2");
  host.message("3");
  t.equal(ws.status, "Connected");
}

export async function a_return_answers_the_calls_that_wait(t) {
  const { ws, host } = open(t);
  const iteration = ws.messages();
  const waiting = iteration.next();
  t.deepEqual(await iteration.return("over"), { value: "over", done: true });
  t.deepEqual(await waiting, done);
  host.message("late");
  t.deepEqual(await iteration.next(), done);
}

export async function more_messages_than_the_limit_end_the_connection(t) {
  const { ws, host, connection } = open(t);
  const iteration = ws.messages({ limit: 2 });
  const other = ws.messages();
  for (const data of ["1", "2", "3", "4"]) host.message(data);
  t.deepEqual(connection.data, ["1", "2"]);
  t.equal(connection.sequence(), "open message message error");
  t.equal(connection.event("error").errors[0].errCode, ErrCode.overrun);
  t.deepEqual(host.closed[0].slice(0, 1), [4009]);
  host.end(4009);
  for (const each of [iteration, other]) {
    t.deepEqual(await each.next(), next("1"));
    t.deepEqual(await each.next(), next("2"));
    t.equal((await rejected(each.next())).errCode, ErrCode.overrun);
  }
  await t.ends(connection, "open message message error terminate", 4009);
}

export async function messages_that_are_taken_do_not_count(t) {
  const { ws, host } = open(t);
  const iteration = ws.messages({ limit: 1 });
  for (let count = 0; count < 10; count++) {
    host.message(`${count}`);
    t.deepEqual(await iteration.next(), next(`${count}`));
  }
  t.equal(ws.status, "Connected");
}

export async function a_server_is_told_that_nobody_takes_its_messages(t) {
  const connection = t.open("/flood?count=100&size=10");
  connection.ws.messages({ limit: 10 });
  await connection.terminated;
  t.equal(connection.data.length, 10);
  t.equal((await t.seen(connection)).close.code, 4009);
}

export async function nothing_arrives_after_terminate(t) {
  const { ws, host } = open(t);
  const iteration = ws.messages();
  ws.terminate();
  host.message("late");
  host.end();
  t.deepEqual(await iteration.next(), done);
}

export async function a_message_that_cannot_be_decoded_is_thrown_behind_what_was_held(t) {
  const { ws, host } = open(t, { dataType: "object" });
  const iteration = ws.messages();
  host.message("1");
  host.message("{");
  host.end(4007);
  t.deepEqual(await iteration.next(), next(1));
  t.equal((await rejected(iteration.next())).errCode, ErrCode.undecodable);
}

export async function wrong_limits_throw(t) {
  const { ws } = open(t);
  for (const limit of [0, -1, 1.5, NaN, Infinity, "5", 5n]) {
    t.throws(() => ws.messages({ limit }), ErrCode.limit, ["limit"]);
  }
}

/** The limit of a case is exceeded if the time grows with the square of the messages. */
export async function an_iteration_of_many_messages_takes_as_long_as_its_messages(t) {
  const count = 300_000;
  const { connection: ws, host } = onDouble(t, {}, (url) => t.WebSocket.new(url));
  host.open();
  const held = ws.messages({ limit: count });
  const awaited = ws.messages({ limit: 1 });
  const calls = Array.from({ length: count }, () => awaited.next());
  const event = Object.assign(new Event("message"), { data: "x" });
  // With turns in between, so that the timer of the limit can fire.
  const times = async (act) => {
    for (let at = 0; at < count; at++) {
      await act(at);
      if (at % 1000 === 0) await t.turn();
    }
  };
  let taken = 0;
  await times(() => host.dispatchEvent(event));
  await times(async (at) => (taken += (await calls[at]).value.length));
  await times(async () => (taken += (await held.next()).value.length));
  t.equal(taken, 2 * count, "the messages that were taken");
  host.end();
  await ws.closed;
}

// `heartbeat`: detects that the peer is gone when the host reports nothing.

import { ErrCode } from "../lib/errcode.js";
import { connect, onClock } from "../lib/stand_in.js";

const first = (connection) => connection.event("error").errors[0];

/** Runs a test on an open connection with a heartbeat, on a fake clock. */
const play = (t, heartbeat, run, { behaviour, isStill, ...members } = {}) =>
  onClock((clock) => {
    const { connection, host } = connect(t, behaviour, {
      heartbeat: { message: "ping", interval: 1000, timeout: 400, ...heartbeat },
      ...members,
    });
    host.open();
    run({ clock, connection, host });
    host.readyState = 3;
    if (!connection.hasEnded) host.end();
  }, isStill);

export function a_heartbeat_is_sent_when_nothing_has_come(t) {
  play(t, {}, ({ clock, host }) => {
    clock.advanceTo(999);
    t.deepEqual(host.sent, []);
    clock.advanceTo(1000);
    t.deepEqual(host.sent, ["ping"]);
  });
}

export function a_peer_that_does_not_answer_is_gone(t) {
  play(t, {}, ({ clock, connection, host }) => {
    clock.advanceTo(1399);
    t.equal(connection.ws.status, "Connected");
    clock.advanceTo(1400);
    t.equal(connection.sequence(), "open error terminate");
    t.equal(first(connection).errCode, ErrCode.silent);
    t.deepEqual([connection.event("terminate").code, connection.event("terminate").wasClean], [1006, false]);
    t.equal(host.closed.length, 1, "how often the host was closed");
    host.message("too late");
    host.end();
    t.equal(connection.sequence(), "open error terminate");
  });
}

/** The peer's close frame was received, and the closing handshake is never completed. */
export function a_host_that_is_closing_sends_no_heartbeat_and_is_given_up(t) {
  play(t, {}, ({ clock, connection, host }) => {
    host.readyState = 2;
    clock.advanceTo(1399);
    t.deepEqual([host.sent, connection.ws.status], [[], "Closing"]);
    clock.advanceTo(1400);
    t.equal(connection.sequence(), "open error terminate");
    t.equal(first(connection).errCode, ErrCode.silent);
  });
}

export function whatever_comes_is_a_sign_of_life(t) {
  play(t, {}, ({ clock, connection, host }) => {
    clock.advanceTo(600);
    host.message("news");
    clock.advanceTo(1599);
    t.deepEqual(host.sent, []);
    clock.advanceTo(1600);
    t.deepEqual(host.sent, ["ping"]);
    clock.advanceTo(1990);
    host.message("pong");
    clock.advanceTo(2989);
    t.deepEqual([host.sent, connection.data], [["ping"], ["news", "pong"]]);
    clock.advanceTo(2990);
    t.deepEqual(host.sent, ["ping", "ping"]);
  });
}

export function the_heartbeat_has_defaults(t) {
  play(t, { interval: undefined, timeout: undefined }, ({ clock, connection, host }) => {
    clock.advanceTo(29_999);
    t.deepEqual(host.sent, []);
    clock.advanceTo(39_999);
    t.deepEqual([host.sent, connection.ws.status], [["ping"], "Connected"]);
    clock.advanceTo(40_000);
    t.equal(connection.ws.status, "Closed");
  });
}

export function an_upload_that_goes_on_is_no_silence(t) {
  play(t, {}, ({ clock, connection, host }) => {
    host.bufferedAmount = 100;
    clock.advanceTo(1000);
    while (host.bufferedAmount > 0) {
      clock.advanceTo(clock.now + 300);
      t.equal(connection.ws.status, "Connected", `the status with ${host.bufferedAmount} bytes left`);
      host.bufferedAmount -= 25;
    }
    clock.advanceTo(clock.now + 400);
    t.equal(connection.ws.status, "Connected", "the status before the last look is a timeout ago");
    clock.advanceTo(clock.now + 50);
    t.equal(connection.ws.status, "Closed");
    t.deepEqual(host.sent, ["ping"]);
  });
}

export function a_function_gives_the_heartbeat(t) {
  let count = 0;
  const message = () => ({ beat: ++count });
  play(t, { message }, ({ clock, host }) => {
    t.equal(count, 0);
    clock.advanceTo(1000);
    host.message("pong");
    clock.advanceTo(2000);
    t.deepEqual(host.sent, ['{"beat":1}', '{"beat":2}']);
  });
}

export async function a_heartbeat_that_cannot_be_had_surfaces_and_is_not_judged(t) {
  t.expectUncaught();
  const boom = new Error("no heartbeat");
  const message = () => {
    throw boom;
  };
  play(t, { message }, ({ clock, connection }) => {
    clock.advanceTo(1999);
    t.equal(connection.ws.status, "Connected");
    clock.advanceTo(2000);
    t.equal(connection.ws.status, "Connected");
    for (const turn of clock.turns.splice(0)) t.uncaught.push(t.thrownBy(turn));
  });
  await t.until(() => t.uncaught.length === 2);
  t.deepEqual(
    t.uncaught.map((error) => error === boom),
    [true, true],
  );
}

export async function a_heartbeat_that_is_no_message_surfaces_and_is_not_judged(t) {
  t.expectUncaught();
  play(t, { message: () => 5 }, ({ clock, connection }) => {
    clock.advanceTo(1500);
    t.equal(connection.ws.status, "Connected");
    for (const turn of clock.turns.splice(0)) t.uncaught.push(t.thrownBy(turn));
  });
  await t.until(() => t.uncaught.length === 1);
  t.deepEqual(
    t.uncaught.map(({ errCode }) => errCode),
    [ErrCode.message],
  );
}

export function a_heartbeat_function_may_terminate(t) {
  let ws;
  const message = () => ws.terminate();
  t.expectUncaught();
  play(t, { message }, ({ clock, connection, host }) => {
    ws = connection.ws;
    clock.advanceTo(1000);
    t.equal(connection.ws.status, "Closing");
    host.end();
    clock.turns.splice(0);
    t.equal(connection.sequence(), "open terminate");
  });
}

/** On a machine that slept, the clock jumps and the timer is late. */
export function a_late_timer_asks_once_more_before_it_judges(t) {
  play(t, {}, ({ clock, connection, host }) => {
    clock.advanceTo(1000);
    clock.now += 60_000;
    clock.advanceTo(clock.now);
    t.deepEqual([host.sent, connection.ws.status], [["ping", "ping"], "Connected"]);
    clock.advanceTo(clock.now + 399);
    t.equal(connection.ws.status, "Connected");
    clock.advanceTo(clock.now + 1);
    t.equal(connection.ws.status, "Closed");
  });
}

export function a_timer_that_is_late_again_judges(t) {
  play(t, {}, ({ clock, connection }) => {
    clock.advanceTo(1000);
    for (const status of ["Connected", "Closed"]) {
      clock.now += 60_000;
      clock.advanceTo(clock.now);
      t.equal(connection.ws.status, status);
    }
  });
}

export function an_answer_while_the_machine_slept_counts(t) {
  play(t, {}, ({ clock, connection, host }) => {
    clock.advanceTo(1000);
    clock.now += 60_000;
    host.message("pong");
    clock.advanceTo(clock.now + 999);
    t.deepEqual([host.sent, connection.ws.status], [["ping"], "Connected"]);
  });
}

export function the_heartbeat_goes_on_where_the_clock_stands_still(t) {
  play(
    t,
    {},
    ({ clock, connection, host }) => {
      clock.advanceTo(1000);
      t.deepEqual(host.sent, ["ping"]);
      host.message("pong");
      clock.advanceTo(2100);
      t.deepEqual(host.sent, ["ping", "ping"]);
      clock.advanceTo(2500);
      t.equal(connection.ws.status, "Closed");
    },
    { isStill: true },
  );
}

export function there_is_no_heartbeat_before_the_open_and_while_closing(t) {
  onClock((clock) => {
    const heartbeat = { message: "ping", interval: 10, timeout: 10 };
    const { connection, host } = connect(t, {}, { heartbeat, closeTimeout: 300 });
    clock.advanceTo(200);
    t.deepEqual([host.sent, connection.ws.status], [[], "Connecting"]);
    host.open();
    connection.ws.terminate();
    clock.advanceTo(400);
    t.deepEqual([host.sent, connection.ws.status], [[], "Closing"]);
    clock.advanceTo(600);
    t.equal(connection.sequence(), "open terminate");
  });
}

export async function a_silent_server_is_found_out(t) {
  const connection = t.open("/silent", { heartbeat: { message: "ping", interval: 60, timeout: 120 } });
  await t.ends(connection, "open error terminate", 1006);
  t.equal(first(connection).errCode, ErrCode.silent);
}

export async function a_server_that_answers_is_kept(t) {
  const connection = t.open("/echo", { heartbeat: { message: "ping", interval: 30, timeout: 5000 } });
  t.deepEqual(await connection.received(3), ["ping", "ping", "ping"]);
  connection.ws.terminate();
  await connection.terminated;
}

export function wrong_heartbeats_throw(t) {
  const url = t.url("/echo");
  const has = (heartbeat, number, substrings) =>
    t.throws(() => t.WebSocket.new(url, { heartbeat }), number, substrings);
  for (const heartbeat of [
    5,
    "ping",
    true,
    () => {},
    {},
    { message: 5 },
    { message: null },
    { message: Symbol("x") },
  ]) {
    has(heartbeat, ErrCode.heartbeat, ["handler.heartbeat", "message"]);
  }
  for (const duration of [0, -1, NaN, Infinity, 2 ** 31, "1"]) {
    has({ message: "", interval: duration }, ErrCode.duration, ["heartbeat.interval"]);
    has({ message: "", timeout: duration }, ErrCode.duration, ["heartbeat.timeout"]);
  }
  const boom = new Error("unreadable");
  const unreadable = {
    get message() {
      throw boom;
    },
  };
  t.equal(has(unreadable, ErrCode.member, ["heartbeat.message"]).cause, boom);
}

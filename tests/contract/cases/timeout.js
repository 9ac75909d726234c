// `connectionTimeout`: the limit for opening.

import { ErrCode } from "../lib/errcode.js";
import { connect, onClock } from "../lib/stand_in.js";

const first = (connection) => connection.event("error").errors[0];

export async function a_connection_that_is_not_open_in_time_fails(t) {
  const started = performance.now();
  const connection = t.open("/stall", { connectionTimeout: 150 });
  await t.ends(connection, "error terminate", 1006);
  t.ok(performance.now() - started >= 145, "the time has passed");
  t.equal(first(connection).errCode, ErrCode.late);
  t.contains(first(connection).message, ["150 ms"]);
}

export async function what_waits_is_counted_when_it_is_not_open_in_time(t) {
  const connection = t.open("/stall", { connectionTimeout: 20 });
  connection.ws.send("a");
  connection.ws.send("b");
  await t.ends(connection, "error terminate", 1006);
  t.contains(first(connection).message, ["20 ms", "2 messages were not sent"]);
}

export async function the_connection_timeout_is_over_when_it_is_open(t) {
  const { connection, host } = connect(t, {}, { connectionTimeout: 300 });
  onClock((clock) => clock.advanceTo(100));
  host.open();
  await t.sleep(350);
  t.equal(connection.ws.status, "Connected");
  connection.ws.terminate();
  host.end();
  await t.ends(connection, "open terminate", 1000);
}

export async function the_connection_timeout_counts_from_new(t) {
  onClock((clock) => {
    const { connection, host } = connect(t, {}, { connectionTimeout: 300 });
    clock.advanceTo(299);
    t.equal(connection.ws.status, "Connecting");
    clock.advanceTo(300);
    t.equal(connection.sequence(), "error terminate");
    t.equal(host.closed.length, 1, "how often the host was closed");
    host.open();
    host.message("too late");
    host.end();
    t.equal(connection.sequence(), "error terminate");
  });
}

export async function the_connection_timeout_passes_where_the_clock_stands_still(t) {
  onClock((clock) => {
    const { connection } = connect(t, {}, { connectionTimeout: 300 });
    clock.advanceTo(300);
    t.equal(connection.sequence(), "error terminate");
  }, true);
}

export async function terminate_while_connecting_leaves_no_connection_timeout(t) {
  const { connection } = connect(t, {}, { connectionTimeout: 20 });
  connection.ws.terminate();
  await t.ends(connection, "terminate", 1006);
  await t.sleep(40);
  t.equal(connection.sequence(), "terminate");
}

export async function wrong_connection_timeouts_throw(t) {
  const url = t.url("/echo");
  for (const connectionTimeout of [0, -1, NaN, Infinity, 2 ** 31, "5000", true, {}, 10n]) {
    t.throws(() => t.WebSocket.new(url, { connectionTimeout }), ErrCode.duration, ["connectionTimeout", "2147483647"]);
  }
  for (const connectionTimeout of [0.5, 2 ** 31 - 1, null, undefined])
    t.open("/echo", { connectionTimeout: connectionTimeout ?? undefined });
}

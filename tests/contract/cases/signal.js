// `signal`: an AbortSignal that ends a connection.

import { ErrCode } from "../lib/errcode.js";
import { connect } from "../lib/stand_in.js";

/** An object with the interface of a signal that is not one of the host's. */
class Signal {
  aborted = false;
  reason = undefined;
  listeners = [];

  addEventListener(type, listener) {
    this.listeners.push([type, listener]);
  }

  removeEventListener(type, listener) {
    this.listeners = this.listeners.filter((other) => other[0] !== type || other[1] !== listener);
  }

  abort(reason) {
    Object.assign(this, { aborted: true, reason });
    for (const [type, listener] of this.listeners) listener({ type });
  }
}

export async function an_abort_is_terminate(t) {
  const controller = new AbortController();
  const connection = t.open("/echo", { signal: controller.signal, onOpen: () => controller.abort() });
  const { wasClean, reason } = await t.ends(connection, "open terminate", 1000);
  t.deepEqual([wasClean, reason], [true, ""]);
}

export async function an_abort_while_connecting_is_terminate(t) {
  const controller = new AbortController();
  const connection = t.open("/stall", { signal: controller.signal });
  controller.abort();
  t.equal(connection.ws.status, "Closing");
  await t.ends(connection, "terminate", 1006);
}

export function a_signal_that_is_aborted_already_makes_new_throw(t) {
  const opened = [];
  t.replaceHostClass(function (...args) {
    opened.push(args);
  });
  const reason = new Error("it is over");
  const url = "ws://double.test/";
  const error = t.throws(() => t.WebSocket.new(url, { signal: AbortSignal.abort(reason) }), ErrCode.signal, ["signal"]);
  t.equal(error.cause, reason);
  t.deepEqual(opened, []);
}

export function wrong_signals_throw(t) {
  const url = t.url("/echo");
  const [add, remove] = [() => {}, () => {}];
  const wrong = [
    5,
    "x",
    true,
    {},
    [],
    () => {},
    { aborted: false },
    { addEventListener: add, removeEventListener: remove },
  ];
  for (const signal of [...wrong, { aborted: "no", addEventListener: add, removeEventListener: remove }]) {
    const error = t.throws(() => t.WebSocket.new(url, { signal }), ErrCode.signal, ["signal", "AbortSignal"]);
    t.ok(!("cause" in error), "there is no cause");
  }
}

export async function a_signal_is_known_by_its_shape(t) {
  const signal = new Signal();
  const { connection, host } = connect(t, {}, { signal });
  host.open();
  t.deepEqual(
    signal.listeners.map(([type]) => type),
    ["abort"],
  );
  signal.abort();
  t.equal(connection.ws.status, "Closing");
  host.end();
  await t.ends(connection, "open terminate", 1000);
}

export async function nothing_listens_to_the_signal_after_the_end(t) {
  const signal = new Signal();
  const left = [];
  const note = () => left.push(signal.listeners.length);
  const { connection, host } = connect(t, {}, { signal, onError: note, onTerminate: note });
  host.open();
  host.end(1006);
  await t.ends(connection, "open error terminate", 1006);
  t.deepEqual(left, [0, 0]);
}

export async function nothing_listens_to_the_signal_when_new_throws(t) {
  const signal = new Signal();
  t.replaceHostClass(function () {
    throw new Error("not here");
  });
  t.throws(() => t.WebSocket.new("ws://double.test/", { signal }), ErrCode.hostRefused);
  t.deepEqual(signal.listeners, []);
}

export async function an_abort_after_the_end_changes_nothing(t) {
  const controller = new AbortController();
  const connection = t.open("/close?code=3000", { signal: controller.signal });
  await t.ends(connection, "open terminate", 3000);
  controller.abort();
  await t.turn();
  t.equal(connection.sequence(), "open terminate");
}

export async function null_is_no_signal(t) {
  const connection = t.open("/echo", { signal: null, heartbeat: null, connectionTimeout: null });
  await connection.opened;
}

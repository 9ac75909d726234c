// Functions of the package that a host keeps, and calls after the package has released them.

import { replaceGlobals } from "../lib/clock.js";
import { ErrCode } from "../lib/errcode.js";
import { connect, Double, onClock } from "../lib/stand_in.js";

/** What takes the place of `clearTimeout`: fake timers that were installed later ignore the timers of the host. */
const uncleared = [
  () => {},
  () => {
    throw new Error("Cannot clear timer: timer created with another clock");
  },
  undefined,
];

export function a_timer_that_is_not_cleared_does_nothing(t) {
  for (const clearTimeout of uncleared) {
    onClock((clock) => {
      const restore = replaceGlobals({ clearTimeout });
      try {
        const heartbeat = { message: "ping", interval: 500, timeout: 400 };
        const { connection, host } = connect(t, {}, { connectionTimeout: 300, closeTimeout: 300, heartbeat });
        host.open();
        connection.ws.terminate();
        host.end();
        t.equal(clock.timers.length, 3, "the timers that were not cleared");
        clock.advanceTo(10_000);
        t.deepEqual([host.sent, connection.sequence()], [[], "open terminate"]);
      } finally {
        restore();
      }
    });
  }
}

/** Timers may be called with arguments, and more than once. */
export function a_timer_that_fires_twice_fires_once(t) {
  onClock((clock) => {
    const { connection } = connect(t, {}, { connectionTimeout: 300 });
    const { callback } = clock.next(300);
    callback("an argument");
    callback();
    t.equal(connection.sequence(), "error terminate");
  });
}

const NAMES = ["open", "message", "error", "close"];

export async function a_listener_that_is_not_removed_does_nothing(t) {
  const heartbeat = { message: "ping" };
  const { connection, host } = connect(t, { removeEventListener() {} }, { heartbeat });
  for (const call of [() => host.open(), () => host.message("hello"), () => host.end()]) {
    call();
    host.emit("open");
  }
  for (const name of NAMES) host.emit(name, { data: "late", code: 1000 });
  await t.ends(connection, "open message terminate", 1000);
}

/** Also a host that takes listeners alone is used until its end. */
export async function a_listener_that_cannot_be_removed_does_nothing(t) {
  const cannot = () => {
    throw new TypeError("not now");
  };
  for (const removeEventListener of [undefined, cannot]) {
    const { connection, host } = connect(t, { removeEventListener });
    host.open();
    host.message("hello");
    host.end();
    for (const name of NAMES) host.emit(name, { data: "late", code: 1000 });
    await t.ends(connection, "open message terminate", 1000);
  }
}

export async function events_inside_of_callbacks_whose_listeners_are_not_removed_do_nothing(t) {
  let host;
  const again = () => {
    for (const name of NAMES) host.emit(name, { data: "late", code: 1000 });
  };
  const made = connect(t, { removeEventListener() {} }, { onError: again, onTerminate: again });
  host = made.host;
  host.fail();
  await t.ends(made.connection, "error terminate", 1006);
}

export async function an_abort_after_the_end_does_nothing(t) {
  const listeners = [];
  const signal = {
    aborted: false,
    addEventListener: (_, listener) => listeners.push(listener),
    removeEventListener() {},
  };
  const { connection, host } = connect(t, {}, { signal });
  host.fail();
  await t.ends(connection, "error terminate", 1006);
  t.equal(listeners.length, 1, "the listeners");
  listeners[0]({ type: "abort" });
  t.equal(connection.sequence(), "error terminate");
}

/** No connection is left behind that reports only a part of its events. */
export function a_host_that_refuses_a_listener_is_refused(t) {
  const cause = new Error("too many listeners");
  for (const refused of NAMES) {
    const addEventListener = function (type, ...rest) {
      if (type === refused) throw cause;
      Double.prototype.addEventListener.call(this, type, ...rest);
    };
    const closed = [];
    const close = (code) => closed.push(code);
    t.equal(t.throws(() => connect(t, { addEventListener, close }), ErrCode.hostRefused).cause, cause);
    t.deepEqual(closed, [1000], "the close codes of the host");
  }
}

/** A class with the `on…` members alone. Its connection is closed. */
export function a_host_without_listeners_is_refused(t) {
  const { cause } = t.throws(() => connect(t, { addEventListener: undefined }), ErrCode.hostRefused);
  t.contains(cause.message, "addEventListener");
}

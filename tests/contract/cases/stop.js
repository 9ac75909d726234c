// The stop of a connection that comes back: `terminate` and the signal in every state, and what is left.

import { ErrCode } from "../lib/errcode.js";
import { inTurn } from "../lib/journal.js";
import { Surroundings } from "../lib/network.js";

/** The facts that every case here needs. */
export const needs = ["reconnecting"];

export async function what_a_program_does_with_the_errors_of_an_event_stays_there(t) {
  const socket = t.host.ReconnectingWebSocket.new(t.refused, {
    retry: { maxAttempts: 1 },
    onError(ws, { errors }) {
      errors[0].message = "another";
      errors.length = 0;
    },
  });
  const [{ errCode, message }] = (await socket.closed).errors;
  t.equal(errCode, ErrCode.notOpened);
  t.ok(message !== "another", message);
}

export async function what_a_program_does_with_the_errors_of_a_retry_stays_there(t) {
  const socket = t.host.ReconnectingWebSocket.new(t.refused, {
    onRetry(socket, { errors }) {
      errors[0].message = "another";
      errors.length = 0;
      return false;
    },
  });
  const [{ errCode, message }] = (await socket.closed).errors;
  t.equal(errCode, ErrCode.notOpened);
  t.ok(message !== "another", message);
}

const HOUR = 3_600_000;
const fails = () => Promise.reject(new Error("nothing"));

/** Terminates the connection. Checks its status, and that no callback is called inside the call. */
function terminate(t, { socket, calls }, ...args) {
  const before = calls.length;
  t.equal(socket.terminate(...args), undefined);
  t.equal(calls.length, before, "the number of calls inside of terminate()");
  t.equal(socket.status, "Closing");
  t.throws(() => socket.send("late"), ErrCode.notOpen);
  socket.terminate(4999, "ignored");
}

/** Waits for the end. Checks the sequence, the code and that no source was asked meanwhile. */
async function stops(t, journal, sequence, code = 1006) {
  const stop = await journal.stopped;
  t.equal(journal.sequence(), sequence);
  t.equal(stop.code, code);
  return stop;
}

export async function terminate_before_the_source_is_asked(t) {
  let asked = 0;
  const journal = t.reconnect(() => {
    asked += 1;
    return fails();
  });
  terminate(t, journal);
  const { attempts, unsent } = await stops(t, journal, "stop");
  t.deepEqual([asked, attempts, unsent], [0, 0, []]);
}

export async function terminate_while_the_source_is_asked(t) {
  const signals = [];
  const journal = t.reconnect((_, signal) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  await t.until(() => signals.length);
  terminate(t, journal);
  t.ok(signals[0].aborted, "the signal is aborted");
  t.equal((await stops(t, journal, "stop")).attempts, 1);
}

export async function terminate_in_the_source(t) {
  const url = t.url("/echo");
  const journal = t.reconnect((_, signal) => {
    terminate(t, journal);
    t.ok(signal.aborted, "the signal is aborted");
    return url;
  });
  await stops(t, journal, "stop");
}

export async function terminate_in_a_listener_of_the_source_s_signal(t) {
  const journal = t.reconnect(
    (_, signal) => {
      signal.addEventListener("abort", () => journal.socket.terminate());
      return new Promise(() => {});
    },
    { connectionTimeout: 1 },
  );
  t.equal((await stops(t, journal, "stop")).attempts, 1);
}

export async function terminate_while_a_connection_is_being_opened(t) {
  const journal = t.reconnect("/stall");
  await t.until(() => journal.socket.current);
  terminate(t, journal, 4000, "enough");
  await stops(t, journal, "terminate stop");
}

export async function terminate_on_an_open_connection(t) {
  const journal = t.reconnect("/echo");
  await journal.called("open");
  terminate(t, journal, 4000, "enough");
  t.equal((await stops(t, journal, "open terminate stop", 4000)).reason, "enough");
}

export async function terminate_in_each_callback(t) {
  const cases = [
    ["onOpen", "/echo", "open terminate stop", 1000],
    ["onMessage", "/text?data=x", "open message terminate stop", 1000],
    ["onError", "/status/503", "error terminate stop", 1006],
    ["onTerminate", "/close?code=4000", "open terminate stop", 4000],
    ["onRetry", "/close?code=4000", "open terminate retry stop", 4000],
  ];
  for (const [callback, path, sequence, code] of cases) {
    const journal = t.reconnect(path, {
      [callback]: () => {
        const before = journal.calls.length;
        journal.socket.terminate();
        t.equal(journal.calls.length, before, `the calls inside of terminate() in ${callback}`);
        // The call overrides the result of `onRetry`.
        return 0;
      },
    });
    await stops(t, journal, sequence, code);
  }
}

export async function terminate_in_on_stop_and_after_it_does_nothing(t) {
  const journal = t.reconnect(fails, { onRetry: () => false, onStop: (socket) => socket.terminate() });
  await stops(t, journal, "retry stop");
  journal.socket.terminate();
  t.throws(() => journal.socket.terminate(1001), ErrCode.closeCode);
  t.throws(() => journal.socket.send("late"), ErrCode.notOpen);
  await t.turn();
}

export async function terminate_where_the_server_does_not_answer(t) {
  const journal = t.reconnect("/silent", { closeTimeout: 20 });
  await journal.called("open");
  terminate(t, journal);
  await stops(t, journal, "open terminate stop");
}

export async function terminate_while_waiting(t) {
  const journal = t.reconnect(fails, { onRetry: () => HOUR });
  await journal.called("retry");
  await t.turn();
  terminate(t, journal);
  t.deepEqual((await stops(t, journal, "retry stop")).errors[0].errCode, ErrCode.source);
}

export async function terminate_while_waiting_for_the_network(t) {
  const surroundings = new Surroundings(t);
  surroundings.isOnline = false;
  const journal = t.reconnect(fails, { retry: { firstDelay: 0, maxDelay: HOUR } });
  await journal.called("retry");
  for (let turn = 0; turn < 20; turn++) await t.turn();
  terminate(t, journal);
  await stops(t, journal, "retry stop");
  t.equal(surroundings.listeners, 0);
}

export async function terminate_right_after_retry_now(t) {
  const journal = t.reconnect(fails, { onRetry: () => HOUR });
  await journal.called("retry");
  await t.turn();
  journal.socket.retryNow();
  terminate(t, journal);
  await stops(t, journal, "retry stop");
}

export async function terminate_checks_its_arguments(t) {
  const journal = t.reconnect("/echo");
  await journal.called("open");
  for (const code of [999, 1001, 2999, 5000, "1000", Number.NaN, null, {}]) {
    t.throws(() => journal.socket.terminate(code), ErrCode.closeCode);
  }
  for (const reason of [5, null, {}, "x".repeat(124), "ü".repeat(62)]) {
    t.throws(() => journal.socket.terminate(1000, reason), ErrCode.closeReason);
    t.throws(() => journal.socket.current.terminate(1000, reason), ErrCode.closeReason);
  }
  t.equal(journal.socket.status, "Connected");
}

export async function an_abort_of_the_handler_s_signal_is_terminate(t) {
  for (const source of ["/echo", fails]) {
    const controller = new AbortController();
    const journal = t.reconnect(source, { signal: controller.signal, onRetry: () => HOUR });
    await journal.called(source === fails ? "retry" : "open");
    controller.abort(new Error("enough"));
    t.equal(journal.socket.status, "Closing");
    await stops(t, journal, source === fails ? "retry stop" : "open terminate stop", source === fails ? 1006 : 1000);
  }
}

export async function the_handler_s_signal_has_no_listener_after_the_stop(t) {
  const listeners = new Set();
  const signal = {
    aborted: false,
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
  };
  const journal = t.reconnect(inTurn(t.url("/close?code=1000"), t.url("/echo")), {
    signal,
    onStop: () => t.equal(listeners.size, 0, "the listeners in onStop"),
  });
  await journal.called("open", 2);
  t.equal(listeners.size, 1);
  journal.socket.terminate();
  await journal.stopped;
}

export async function the_next_connection_starts_after_the_end_of_the_last(t) {
  const order = [];
  const journal = t.reconnect(
    async (attempt) => {
      order.push(`source ${attempt}`);
      return attempt < 2 ? t.url("/close?code=1000") : t.url("/echo");
    },
    {
      onOpen: () => order.push("open"),
      onTerminate: () => order.push("terminate"),
      onRetry: () => void order.push("retry"),
    },
  );
  await journal.called("open", 3);
  t.equal(order.join(), "source 0,open,terminate,retry,source 1,open,terminate,retry,source 2,open");
}

export async function a_thousand_at_once_leave_nothing_behind(t) {
  // The timer that limits the case is set before this.
  await t.turn();
  const surroundings = new Surroundings(t);
  const sources = [fails, () => new Promise(() => {}), "ws://double.test/", "ws://double.test/"];
  const doubles = [];
  class Host extends EventTarget {
    readyState = 0;
    bufferedAmount = 0;
    protocol = "";
    constructor() {
      super();
      doubles.push(this);
    }
    send() {}
    close() {
      this.readyState = 3;
    }
  }
  t.replaceHostClass(Host);
  const timers = new Map();
  const { setTimeout, clearTimeout } = globalThis;
  const own = {
    setTimeout: (callback, milliseconds) => {
      const id = setTimeout(() => timers.delete(id) && callback(), milliseconds);
      timers.set(id, milliseconds);
      return id;
    },
    clearTimeout: (id) => {
      timers.delete(id);
      clearTimeout(id);
    },
  };
  const before = { setTimeout, clearTimeout };
  Object.assign(globalThis, own);
  t.atTheEnd(() => Object.assign(globalThis, before));
  const stops = [];
  const refs = Array.from({ length: 1000 }, (_, at) => {
    const socket = t.host.ReconnectingWebSocket.new(sources[at % 4], {
      onRetry: () => HOUR,
      onStop: (_, event) => stops.push(event),
    });
    if (at % 4 === 3) socket.send(`message ${at}`);
    return socket;
  });
  await t.until(() => doubles.length === 500 && surroundings.listeners === 250 * 3);
  t.ok(timers.size >= 1000, `each waits: ${timers.size} timers`);
  for (const socket of refs) socket.terminate();
  await t.until(() => stops.length === 1000);
  t.equal(surroundings.listeners, 0);
  // The timers without a delay belong to this wait itself.
  t.deepEqual(
    [...timers.values()].filter((milliseconds) => milliseconds > 0),
    [],
    "the timers that are left",
  );
  t.equal(stops.filter(({ unsent }) => unsent.length === 1).length, 250);
}

export async function after_the_stop_the_object_and_the_handler_are_collected(t) {
  const url = t.url("/echo");
  const refs = await new Promise((resolve) => {
    const handler = {
      onOpen: () => socket.terminate(),
      onStop(socket) {
        resolve([new WeakRef(socket), new WeakRef(this), new WeakRef(source)]);
      },
    };
    const source = () => url;
    const socket = t.host.ReconnectingWebSocket.new(source, handler);
  });
  await t.collected(refs, "the object, the handler and the source");
}
after_the_stop_the_object_and_the_handler_are_collected.needs = ["reconnecting", "gc"];

// When a connection comes back: the delays, what ends them early, and what `onRetry` returns.

import { replaceGlobals } from "../lib/clock.js";
import { ErrCode } from "../lib/errcode.js";
import { inTurn } from "../lib/journal.js";
import { Surroundings } from "../lib/network.js";

/** The facts that every case here needs. */
export const needs = ["reconnecting"];

const HOUR = 3_600_000;
const fails = () => Promise.reject(new Error("nothing"));

/** A connection that comes back after an hour, and its first event of `onRetry`. */
async function waiting(t, members = {}, source = fails) {
  const journal = t.reconnect(source, { onRetry: () => HOUR, ...members });
  await journal.called("retry");
  await t.turn();
  t.equal(journal.socket.status, "Waiting");
  return journal;
}

/** Replaces `Math.random` until the case is over. */
function withRandom(t, number) {
  const { random } = Math;
  Math.random = () => number;
  t.atTheEnd(() => {
    Math.random = random;
  });
}

export async function a_delay_is_random_below_a_limit_that_doubles(t) {
  withRandom(t, 0.5);
  const delays = [];
  const journal = t.reconnect(fails, {
    retry: { firstDelay: 100, maxDelay: 1000 },
    onRetry: (_, { attempt, delay }) => {
      delays.push([attempt, delay]);
      return attempt < 7 ? 0 : false;
    },
  });
  await journal.stopped;
  t.deepEqual(delays, [
    [1, 50],
    [2, 100],
    [3, 200],
    [4, 400],
    [5, 500],
    [6, 500],
    [7, 500],
  ]);
}

export async function the_defaults_are_3_s_and_60_s(t) {
  withRandom(t, 0.5);
  const delays = [];
  const journal = t.reconnect(fails, {
    retry: undefined,
    onRetry: (_, { attempt, delay }) => {
      delays.push(delay);
      return attempt < 7 ? 0 : false;
    },
  });
  await journal.stopped;
  t.deepEqual(delays, [1500, 3000, 6000, 12_000, 24_000, 30_000, 30_000]);
}

export async function on_retry_may_stop_it(t) {
  const journal = t.reconnect(inTurn(t.url("/close?code=4000"), t.url("/close?code=4401&reason=token")), {
    onRetry: (_, { code }) => (code === 4401 ? false : undefined),
  });
  const { code, reason, attempts } = await journal.stopped;
  t.equal(journal.sequence(), "open terminate retry open terminate retry stop");
  t.deepEqual([code, reason, attempts], [4401, "token", 2]);
}

export async function on_retry_may_choose_the_delay(t) {
  const timers = [];
  const journal = t.reconnect(fails, { retry: { firstDelay: HOUR }, onRetry: (_, { attempt }) => [7, 0][attempt - 1] });
  const { setTimeout } = globalThis;
  const restore = replaceGlobals({
    setTimeout: (callback, milliseconds, ...rest) => {
      timers.push(milliseconds);
      return setTimeout(callback, milliseconds, ...rest);
    },
  });
  await journal.called("retry", 3);
  restore();
  t.ok(timers.includes(7), `a timer of 7 ms among ${timers}`);
  journal.socket.terminate();
  await journal.stopped;
}

export async function another_value_is_reported_and_the_delay_holds(t) {
  t.expectUncaught();
  const wrong = [true, -1, Number.NaN, 2_147_483_648, "5", null, Promise.resolve(false), {}];
  const journal = t.reconnect(fails, {
    onRetry: (_, { attempt }) => (attempt > wrong.length ? false : wrong[attempt - 1]),
  });
  await journal.stopped;
  t.equal(journal.events("retry").length, wrong.length + 1);
  await t.until(() => t.uncaught.length === wrong.length);
  for (const error of t.uncaught) if (error?.errCode) t.equal(error.errCode, ErrCode.retry);
}

export async function retry_now_ends_a_delay(t) {
  const asked = [];
  const journal = await waiting(t, {}, (attempt) => {
    asked.push(attempt);
    return fails();
  });
  t.equal(journal.socket.retryNow(), undefined);
  t.deepEqual(asked, [0], "the source is not called inside the call");
  t.equal(journal.socket.status, "Connecting");
  await journal.called("retry", 2);
  t.deepEqual(asked, [0, 1]);
}

export async function retry_now_in_on_retry_is_no_delay(t) {
  const journal = t.reconnect(fails, {
    onRetry: (socket, { attempt }) => {
      if (attempt > 2) return false;
      socket.retryNow();
      return attempt === 1 ? HOUR : false;
    },
  });
  await journal.stopped;
  t.equal(journal.sequence(), "retry retry retry stop");
}

export async function retry_now_in_on_retry_lets_other_tasks_run(t) {
  let hasRun = false;
  setTimeout(() => (hasRun = true));
  const journal = t.reconnect(() => Promise.reject(new Error("nothing")), {
    onRetry(socket, { attempt }) {
      if (hasRun || attempt > 10_000) return false;
      socket.retryNow();
    },
  });
  await journal.stopped;
  t.ok(hasRun, "a timer of 0 fired between the attempts");
}

export async function retry_now_does_nothing_at_other_times(t) {
  let asked = 0;
  const url = t.url("/echo");
  const journal = t.reconnect(
    (_, signal) => {
      asked += 1;
      journal.socket.retryNow();
      t.equal(signal.aborted, false);
      return url;
    },
    { onOpen: () => journal.socket.retryNow(), onTerminate: () => journal.socket.retryNow(), onRetry: () => HOUR },
  );
  journal.socket.retryNow();
  await journal.called("open");
  journal.socket.current.terminate();
  await journal.called("retry");
  t.equal(asked, 1);
  journal.socket.terminate();
  journal.socket.retryNow();
  await journal.stopped;
  journal.socket.retryNow();
  t.equal(asked, 1);
}

export async function a_retry_waits_for_the_network(t) {
  const surroundings = new Surroundings(t);
  surroundings.isOnline = false;
  withRandom(t, 0);
  const asked = [];
  const journal = t.reconnect(
    (attempt) => {
      asked.push(attempt);
      return fails();
    },
    { retry: { firstDelay: 0, maxDelay: HOUR } },
  );
  await journal.called("retry");
  // A delay of zero would end within these turns. The first attempt does not ask for the network.
  for (let turn = 0; turn < 20; turn++) await t.turn();
  t.deepEqual(asked, [0]);
  t.ok(surroundings.listeners > 0, "it listens while it waits");
  surroundings.comeBack();
  await journal.called("retry", 2);
  surroundings.isOnline = true;
  journal.socket.terminate();
  await journal.stopped;
  t.equal(surroundings.listeners, 0);
}

export async function a_retry_waits_for_the_network_for_a_limited_time(t) {
  new Surroundings(t).isOnline = false;
  const journal = t.reconnect(fails, { retry: { firstDelay: 0, maxDelay: 10, maxAttempts: 2 } });
  await journal.stopped;
}

export async function this_machine_needs_no_network(t) {
  new Surroundings(t).isOnline = false;
  const journal = t.reconnect(t.refused, { retry: { firstDelay: 0, maxDelay: HOUR, maxAttempts: 2 } });
  await journal.stopped;
}

export async function retry_now_does_not_ask_for_the_network(t) {
  new Surroundings(t).isOnline = false;
  const journal = await waiting(t);
  journal.socket.retryNow();
  await journal.called("retry", 2);
}

export async function a_returning_network_ends_a_delay_soon(t) {
  const surroundings = new Surroundings(t);
  withRandom(t, 0);
  const journal = await waiting(t);
  surroundings.comeBack();
  await journal.called("retry", 2);
}

export async function a_page_that_becomes_visible_ends_a_delay_soon(t) {
  const surroundings = new Surroundings(t);
  withRandom(t, 0);
  const journal = await waiting(t);
  surroundings.dispatch("visibilitychange");
  for (let turn = 0; turn < 20; turn++) await t.turn();
  t.equal(journal.events("retry").length, 1, "a page that becomes hidden does not");
  surroundings.visibilityState = "visible";
  surroundings.dispatch("visibilitychange");
  await journal.called("retry", 2);
}

export async function a_restored_page_ends_a_delay_soon(t) {
  const surroundings = new Surroundings(t);
  withRandom(t, 0);
  const journal = await waiting(t);
  surroundings.dispatch("pageshow", { persisted: false });
  for (let turn = 0; turn < 20; turn++) await t.turn();
  t.equal(journal.events("retry").length, 1, "a page that was loaded does not");
  surroundings.dispatch("pageshow", { persisted: true });
  await journal.called("retry", 2);
}

export async function the_rest_of_a_delay_after_an_event_is_random_below_1_s(t) {
  const surroundings = new Surroundings(t);
  const journal = await waiting(t);
  withRandom(t, 0.25);
  const timers = [];
  const { setTimeout } = globalThis;
  const restore = replaceGlobals({
    setTimeout: (callback, milliseconds) => timers.push(milliseconds) && setTimeout(callback),
  });
  surroundings.comeBack();
  restore();
  t.deepEqual(timers, [250]);
  await journal.called("retry", 2);
}

export async function nothing_listens_unless_it_waits(t) {
  const surroundings = new Surroundings(t);
  const journal = t.reconnect(inTurn(t.url("/close?code=1000"), t.url("/echo")));
  t.equal(surroundings.listeners, 0);
  await journal.called("open", 2);
  t.equal(surroundings.listeners, 0);
  journal.socket.terminate();
  await journal.stopped;
  t.equal(surroundings.listeners, 0);
}

// All the ways a connection dies, at every byte of a short talk: the server's proxy (paths.txt) cuts, half-closes, resets,
// stalls or slices what the server says. A failure names its offset or seed, and how to run that one alone.

import { Failed } from "./assert.js";
import { asked, served } from "./exchange.js";
import { within } from "./trial.js";

export const limit = 120_000;

/** How long one connection may take, in milliseconds: less than any host's own limits. */
const PATIENCE = 10_000;
const CLOSE_TIMEOUT = 150;
const SEEDS = 300;

/** Runs one connection for every number (an offset or a seed), many at once. */
async function each(t, numbers, run) {
  const chosen = t.only === undefined ? numbers : [Number(t.only)];
  await t.inBatches(chosen, async (number) => {
    const words = (what) => `${what}; this one alone: --suite faults --filter ${t.name}#${number}`;
    const late = () => `${number}: not done after ${PATIENCE / 1000} s`;
    await within(PATIENCE, run(number), late).catch((error) => {
      throw error instanceof Failed ? new Failed(words(error.message)) : error;
    });
  });
}

/** The ways in which the server's bytes end. */
const ending = (exchangeOf, deed) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets, async (at) => {
    const connection = exchange.open(t, `do=${deed}&at=${at}`);
    await ends(t, exchange, connection, { do: deed, at });
  });
};

const stalling = (exchangeOf) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets, async (at) => {
    // Before the connection is open its end does not wait: else it would take longer than it may.
    const closeTimeout = exchange.isOpenAt(at) ? CLOSE_TIMEOUT : 2 * PATIENCE;
    const connection = exchange.open(t, `do=stall&at=${at}`, { closeTimeout });
    await stalls(t, exchange, connection, { do: "stall", at });
  });
};

const slicing = (exchangeOf) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets, async (slice) => {
    const connection = exchange.open(t, `slice=${slice}`);
    await connection.terminated;
    exchange.checkWhole(t, connection);
  });
};

/** Waits for the end of a connection whose bytes end, and checks it. */
async function ends(t, exchange, connection, plan) {
  const mayBeSilent = plan.at < exchange.head && !t.host.tellsBrokenHandshake;
  if (mayBeSilent) {
    await t.reached(connection);
    connection.ws.terminate();
  }
  await connection.terminated;
  exchange.checkBroken(t, connection, plan, mayBeSilent && connection.event("error") === undefined);
}

/** Waits until all has come that will, ends the connection, and checks its end. */
async function stalls(t, exchange, connection, plan) {
  await t.reached(connection);
  const due = exchange.messagesAt(plan.at);
  if (exchange.isOpenAt(plan.at)) {
    await connection.opened;
    await connection.received(due.length);
  }
  let since;
  if (!exchange.isAsked(connection)) {
    await t.turn();
    const calls = exchange.isOpenAt(plan.at) ? ["open", ...due.map(() => "message")] : [];
    t.equal(connection.sequence(), calls.join(" "), `the callbacks while ${exchange.words(plan)}`);
    since = performance.now();
    connection.ws.terminate();
  }
  await connection.terminated;
  if (since !== undefined && exchange.isOpenAt(plan.at) && !exchange.isWholeAt(plan.at)) {
    const took = performance.now() - since;
    t.ok(took >= CLOSE_TIMEOUT - 1, `${exchange.words(plan)}, terminate() took ${took} ms of ${CLOSE_TIMEOUT}`);
  }
  exchange.checkBroken(t, connection, plan, true);
}

export const a_cut_at_any_byte_ends_in_order = ending(served, "cut");

export const a_half_close_at_any_byte_ends_in_order = ending(served, "fin");

export const a_reset_at_any_byte_ends_in_order = ending(served, "rst");

export const a_stall_at_any_byte_is_ended_by_terminate = stalling(served);

export const bytes_that_come_one_by_one_are_the_same_talk = slicing(served);

export const a_cut_at_any_byte_around_terminate_ends_in_order = ending(asked, "cut");

export const a_half_close_at_any_byte_around_terminate_ends_in_order = ending(asked, "fin");

export const a_reset_at_any_byte_around_terminate_ends_in_order = ending(asked, "rst");

export const a_stall_at_any_byte_around_terminate_is_ended_by_it = stalling(asked);

export const bytes_that_come_one_by_one_are_the_same_talk_around_terminate = slicing(asked);

export async function a_stall_never_ends_by_itself(t) {
  const exchange = await served(t).measure(t);
  const stall = (at, closeTimeout) => exchange.open(t, `do=stall&at=${at}`, { closeTimeout });
  const offsets = [0, 1, exchange.head - 1, exchange.head, exchange.head + 1, exchange.length - 1];
  const connections = offsets.map((at) => stall(at, 10));
  await Promise.all(connections.map((connection) => t.reached(connection)));
  // The end of another one is the time they are given.
  const clock = stall(exchange.head, 500);
  await clock.opened;
  clock.ws.terminate();
  await clock.terminated;
  connections.forEach((connection, index) => t.ok(!connection.hasEnded, `at ${offsets[index]}: ${connection}`));
}

/** Odd seeds have the client end the talk. */
export async function a_fault_that_a_seed_chooses_ends_in_order(t) {
  const exchanges = [await served(t).measure(t), await asked(t).measure(t)];
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
  await each(t, seeds, async (seed) => {
    const exchange = exchanges[seed % 2];
    const query = `seed=${seed}&within=${exchange.length}`;
    const connection = exchange.open(t, query, { closeTimeout: CLOSE_TIMEOUT });
    const { proxy } = await t.reached(connection);
    if (proxy.do === "stall") return stalls(t, exchange, connection, proxy);
    if (proxy.do !== null) return ends(t, exchange, connection, proxy);
    await connection.terminated;
    exchange.checkWhole(t, connection);
  });
}

// Failures at every byte of a short exchange. The server's proxy (paths.txt) cuts, half-closes, resets, stalls or
// slices the server's bytes. A failed case names its offset or seed, and the filter that runs only that one.

import { Failed } from "../lib/assert.js";
import { asked, served } from "../lib/exchange.js";
import { inTurn } from "../lib/journal.js";
import { within } from "../lib/trial.js";

export const limit = 120_000;

/** The limit for one connection in milliseconds, below the limits of all hosts. */
const PATIENCE = 10_000;
const CLOSE_TIMEOUT = 150;
/** Settings that detect a silent server. The times are longer than the whole exchange takes on a busy machine. */
const WATCH = { connectionTimeout: 1500, heartbeat: { message: "?", interval: 500, timeout: 400 } };
const SEEDS = { many: 300, few: 40 };

/** Runs one connection for each number (an offset or a seed), several at a time if the host supports it. */
async function each(t, numbers, run) {
  const chosen = t.only === undefined ? numbers : [Number(t.only)];
  const runOne = async (number) => {
    const withFilter = (what) => `${what}; this one alone: --suite faults --filter ${t.name}#${number}`;
    const late = () => `${number}: not done after ${PATIENCE / 1000} s`;
    await within(PATIENCE, run(number), late).catch((error) => {
      throw error instanceof Failed ? new Failed(withFilter(error.message)) : error;
    });
  };
  if (t.host.takesMany) return t.inBatches(chosen, runOne);
  for (const number of chosen) await runOne(number);
}

const isStall = (plan) => plan.do === "stall";

/** Opens a connection, applies the planned fault, and checks its callbacks. */
async function breaks(t, exchange, plan, query = `do=${plan.do}&at=${plan.at}`) {
  const isOpen = exchange.isOpenAt(plan.at);
  const isWhole = exchange.isWholeAt(plan.at);
  const endsByItself = isStall(plan) ? isWhole && t.host.endsByCloseFrame : isOpen || t.host.tellsBrokenHandshake;
  const waits = isStall(plan) && isOpen && !endsByItself;
  // A close timeout that should not expire is longer than PATIENCE, so that a wait for it fails the case.
  const connection = exchange.open(t, query, { closeTimeout: waits ? CLOSE_TIMEOUT : 2 * PATIENCE });
  if (!endsByItself) await terminates(t, exchange, connection, plan);
  await connection.terminated;
  const wasTerminated = !endsByItself && (isStall(plan) || connection.event("error") === undefined);
  exchange.checkBroken(t, connection, plan, wasTerminated);
}

/** Waits until nothing more will arrive, and ends the connection. */
async function terminates(t, exchange, connection, plan) {
  await t.reached(connection);
  if (!isStall(plan)) return connection.ws.terminate();
  const due = exchange.messagesAt(plan.at);
  const isOpen = exchange.isOpenAt(plan.at);
  if (isOpen) {
    await connection.opened;
    await connection.received(due.length);
  }
  if (exchange.isEnded(connection)) return;
  await t.turn();
  const context = `while ${exchange.describe(plan)}`;
  const calls = isOpen ? ["open", ...due.map(() => "message")] : [];
  t.equal(connection.sequence(), calls.join(" "), `${context}: the callbacks`);
  const status = isOpen ? "Connected" : "Connecting";
  if (!exchange.isWholeAt(plan.at)) t.equal(connection.ws.status, status, `${context}: the status`);
  const since = performance.now();
  connection.ws.terminate();
  await connection.terminated;
  const took = performance.now() - since;
  if (isOpen) t.ok(took >= CLOSE_TIMEOUT - 1, `${context}: the end came after ${took} ms, not ${CLOSE_TIMEOUT}`);
}

const breaking = (exchangeOf, action) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets(t.host), (at) => breaks(t, exchange, { do: action, at }));
};

/** The connection timeout ends a connection that does not open, the heartbeat an open one. Nothing else does. */
const noticing = (exchangeOf) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets(t.host), async (at) => {
    // Some hosts end a connection by themselves, after a time of their own, once they have received the close frame.
    const isEnded = exchange.isWholeAt(at) && t.host.endsByCloseFrame;
    const settings = isEnded ? {} : { ...WATCH, closeTimeout: CLOSE_TIMEOUT };
    const connection = exchange.open(t, `do=stall&at=${at}`, settings);
    await connection.terminated;
    exchange.checkBroken(t, connection, { do: "stall", at, isWatched: true }, false);
  });
};

const slicing = (exchangeOf) => async (t) => {
  const exchange = await exchangeOf(t).measure(t);
  await each(t, exchange.offsets(t.host), async (slice) => {
    const connection = exchange.open(t, `slice=${slice}`);
    await connection.terminated;
    exchange.checkWhole(t, connection, `sliced from ${slice}`);
  });
};

/** After a fault at any byte of a connection, the next one follows and gets what waited. */
const comingBack = (action) => {
  const run = async (t) => {
    const exchange = await served(t).measure(t);
    await each(t, exchange.offsets(t.host), async (at) => {
      const faulty = t.url(`/proxy?path=${encodeURIComponent(exchange.path)}&do=${action}&at=${at}`);
      const journal = t.reconnect(inTurn(faulty, t.url("/echo")), {
        ...WATCH,
        onRetry: (socket, { attempt }) => (attempt === 1 ? socket.send("next") : undefined),
      });
      await t.until(() => journal.events("message").some(({ data }) => data === "next"));
      t.equal(journal.connections.length, 2, `at ${at}: the number of connections`);
      journal.socket.terminate();
      t.deepEqual((await journal.stopped).unsent, [], `at ${at}: what was not sent`);
    });
  };
  return Object.assign(run, { needs: ["reconnecting"] });
};

export const a_cut_at_any_byte_ends_in_order = breaking(served, "cut");

export const a_half_close_at_any_byte_ends_in_order = breaking(served, "fin");

export const a_reset_at_any_byte_ends_in_order = breaking(served, "rst");

export const a_stall_at_any_byte_is_ended_by_terminate = breaking(served, "stall");

export const bytes_that_come_one_by_one_are_the_same_talk = slicing(served);

export const a_cut_at_any_byte_around_terminate_ends_in_order = breaking(asked, "cut");

export const a_half_close_at_any_byte_around_terminate_ends_in_order = breaking(asked, "fin");

export const a_reset_at_any_byte_around_terminate_ends_in_order = breaking(asked, "rst");

export const a_stall_at_any_byte_around_terminate_is_ended_by_it = breaking(asked, "stall");

export const a_stall_at_any_byte_is_noticed = noticing(served);

export const a_stall_at_any_byte_around_terminate_is_noticed = noticing(asked);

export const bytes_that_come_one_by_one_are_the_same_talk_around_terminate = slicing(asked);

export const a_comeback_follows_a_cut_at_any_byte = comingBack("cut");

export const a_comeback_follows_a_half_close_at_any_byte = comingBack("fin");

export const a_comeback_follows_a_reset_at_any_byte = comingBack("rst");

export const a_comeback_follows_a_stall_at_any_byte = comingBack("stall");

export async function a_stall_never_ends_by_itself(t) {
  const exchange = await served(t).measure(t);
  const stall = (at, closeTimeout) => exchange.open(t, `do=stall&at=${at}`, { closeTimeout });
  const offsets = [0, 1, exchange.head - 1, exchange.head, exchange.head + 1, exchange.length - 1];
  const connections = offsets.map((at) => stall(at, 10));
  await Promise.all(connections.map((connection) => t.reached(connection)));
  // The close timeout of another connection limits the wait.
  const clock = stall(exchange.head, 500);
  await clock.opened;
  clock.ws.terminate();
  await clock.terminated;
  connections.forEach((connection, index) => t.ok(!connection.hasEnded, `at ${offsets[index]}: ${connection}`));
}
a_stall_never_ends_by_itself.needs = ["takesMany"];

/** For odd seeds, the client ends the exchange. */
export async function a_fault_that_a_seed_chooses_ends_in_order(t) {
  const exchanges = [await served(t).measure(t), await asked(t).measure(t)];
  const seeds = Array.from({ length: t.host.takesMany ? SEEDS.many : SEEDS.few }, (_, seed) => seed);
  await each(t, seeds, async (seed) => {
    const exchange = exchanges[seed % 2];
    const plan = await t.plan(seed, exchange.length);
    const query = `seed=${seed}&within=${exchange.length}`;
    if (plan.do !== null) return breaks(t, exchange, plan, query);
    const connection = exchange.open(t, query);
    await connection.terminated;
    exchange.checkWhole(t, connection);
  });
}

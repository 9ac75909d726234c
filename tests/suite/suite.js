// Collects the cases and runs them, one after the other: some replace the host's class for a while.
//
// A new case is an exported function of the file of its noun; its name goes into `cases!` of tests/common/mod.rs too,
// in the order of `node tests/suite/node.js --list`. The law of every connection (law.js) is checked after each case.

import { Failed } from "./assert.js";
import { describeHost, onUncaught, reasonToSkip } from "./host.js";
import { Trial, within } from "./trial.js";

import * as cost from "./cost.js";
import * as data from "./received.js";
import * as double from "./double.js";
import * as errors from "./errors.js";
import * as exception from "./exception.js";
import * as failure from "./failure.js";
import * as handler from "./handler.js";
import * as headers from "./headers.js";
import * as lifetime from "./lifetime.js";
import * as opening from "./opening.js";
import * as properties from "./properties.js";
import * as protocols from "./protocols.js";
import * as sent from "./sent.js";
import * as sequence from "./sequence.js";
import * as subclass from "./subclass.js";
import * as terminate from "./terminate.js";

const LIMIT = 20_000;

const nouns = [
  opening,
  handler,
  headers,
  protocols,
  sequence,
  failure,
  data,
  sent,
  terminate,
  exception,
  errors,
  properties,
  subclass,
  double,
  lifetime,
  cost,
];

/** Every case: an exported function, whose name is the promise that it tests, and what it needs of a host. */
export const cases = nouns.flatMap(({ needs = [], ...noun }) =>
  Object.entries(noun).map(([name, run]) => ({ name, run, needs: run.needs ?? needs })),
);

/** Runs the cases with `filter` in their names. `report` gets each result, `finished` their number. */
export async function run({ WebSocket, server, host = describeHost(), filter = "", report, finished }) {
  const chosen = cases.filter(({ name }) => name.includes(filter));
  let done = 0;
  for (const one of chosen) {
    report(await runCase(one, { WebSocket, server, host }));
    done += 1;
  }
  finished?.({ done, exist: chosen.length, host: host.name, version: host.version });
}

/** The result of one case, by its name; a failure does not throw. */
export function runNamed(name, WebSocket, server, host = describeHost()) {
  const one = cases.find((any) => any.name === name);
  return one ? runCase(one, { WebSocket, server, host }) : { test: name, ok: false, error: "no such case" };
}

async function runCase({ name, run, needs }, world) {
  const skipped = reasonToSkip(needs, world.host);
  if (skipped) return { test: name, ok: true, ms: 0, skipped };
  const start = Date.now();
  const found = await faultsOf(run, new Trial(name, world));
  const result = { test: name, ok: found.length === 0, ms: Date.now() - start };
  return result.ok ? result : { ...result, error: found.join("; ") };
}

/** What the case states and does not hold, and what broke the law of every connection. */
async function faultsOf(run, trial) {
  const stop = onUncaught((error) => trial.uncaught.push(error));
  const found = [];
  const failed = (error) => found.push(error instanceof Failed ? error.message : `${error?.stack ?? error}`);
  const limit = () => `not done after ${LIMIT / 1000} s, with ${trial}`;
  await within(LIMIT, (async () => run(trial))(), limit).catch(failed);
  await trial.finish().then((breaches) => found.push(...breaches), failed);
  stop();
  return found;
}

// Collects the cases and runs them one after another, because some replace the host's class.
//
// A new case is an exported function in the file of its noun. The invariants of every connection (invariants.js) are
// checked after each case.

import * as autobahn from "../cases/autobahn.js";
import * as comeback from "../cases/comeback.js";
import * as cost from "../cases/cost.js";
import * as double from "../cases/double.js";
import * as errors from "../cases/errors.js";
import * as exception from "../cases/exception.js";
import * as failure from "../cases/failure.js";
import * as faults from "../cases/faults.js";
import * as globals from "../cases/globals.js";
import * as handler from "../cases/handler.js";
import * as headers from "../cases/headers.js";
import * as heartbeat from "../cases/heartbeat.js";
import * as inputs from "../cases/inputs.js";
import * as late from "../cases/late.js";
import * as lifetime from "../cases/lifetime.js";
import * as memory from "../cases/memory.js";
import * as messages from "../cases/messages.js";
import * as opening from "../cases/opening.js";
import * as programs from "../cases/programs.js";
import * as properties from "../cases/properties.js";
import * as protocols from "../cases/protocols.js";
import * as queue from "../cases/queue.js";
import * as data from "../cases/received.js";
import * as retry from "../cases/retry.js";
import * as sent from "../cases/sent.js";
import * as sequence from "../cases/sequence.js";
import { servers } from "../cases/servers.js";
import * as signal from "../cases/signal.js";
import * as source from "../cases/source.js";
import * as stop from "../cases/stop.js";
import * as subclass from "../cases/subclass.js";
import * as terminate from "../cases/terminate.js";
import * as timeout from "../cases/timeout.js";
import * as waiting from "../cases/waiting.js";
import * as wpt from "../cases/wpt.js";
import * as ws from "../cases/ws.js";
import { Failed } from "../lib/assert.js";
import { describeHost, onUncaught, reasonToSkip } from "../lib/capabilities.js";
import { Trial, within } from "../lib/trial.js";

const LIMIT = 20_000;

const contract = [
  opening,
  handler,
  headers,
  protocols,
  sequence,
  failure,
  data,
  sent,
  terminate,
  timeout,
  heartbeat,
  signal,
  waiting,
  messages,
  exception,
  errors,
  properties,
  subclass,
  double,
  globals,
  late,
  lifetime,
  cost,
  ws,
  wpt,
  comeback,
  source,
  retry,
  queue,
  stop,
];

/** The cases of a suite. A case is an exported function. Its name is the guarantee that it tests. `needs` are the facts
    that it requires, and `limit` is in milliseconds. */
const casesOf = (nouns) =>
  nouns.flatMap(({ needs = [], limit = LIMIT, ...noun }) =>
    Object.entries(noun).map(([name, run]) => ({ name, run, needs: run.needs ?? needs, limit: run.limit ?? limit })),
  );

export const cases = casesOf(contract);

/** The suites for `--suite` of `cargo xtask test`: their cases for a filter and a host. The crate runs those of the
    first. */
const suites = {
  package: () => cases,
  rust: () => cases,
  faults: () => casesOf([faults]),
  programs: (filter, host) => [...programs.cases(filter, host), ...casesOf([inputs])],
  memory: () => casesOf([memory]),
  autobahn: () => casesOf([autobahn]),
  servers: () => casesOf(servers),
};

/** Runs the cases of a suite with `filter` in their names. Each case interprets the rest of the filter after a "#" (an
    offset, a seed). `given` has the suite's further arguments. `unfit` returns the reason why a case does not apply to
    the class. `report` is called with each result, `finished` with their number. */
export async function run({ suite, WebSocket, server, given, host, filter = "", unfit, report, finished }) {
  if (!suites[suite]) throw new Error(`there is no suite "${suite}", only ${Object.keys(suites).join(", ")}`);
  const [part, only] = filter.split("#");
  const chosen = suites[suite](part, host).filter(({ name }) => name.includes(part));
  let done = 0;
  for (const one of chosen) {
    report(await runCase(one, { WebSocket, server, given, host, only, unfit }));
    done += 1;
  }
  finished?.({ done, exist: chosen.length, host: host.name, version: host.version });
}

/** The result of one case, by its name. A failure is returned, not thrown. */
export function runNamed(name, WebSocket, server, host = describeHost()) {
  const one = cases.find((any) => any.name === name);
  return one ? runCase(one, { WebSocket, server, host }) : { test: name, ok: false, error: "no such case" };
}

async function runCase({ name, run, needs, limit }, world) {
  const skipped = reasonToSkip(needs, world.host) ?? world.unfit?.(name);
  if (skipped) return { test: name, ok: true, ms: 0, skipped };
  const start = performance.now();
  const found = await faultsOf(run, limit, new Trial(name, world));
  const result = { test: name, ok: found.length === 0, ms: Math.round(performance.now() - start) };
  return result.ok ? result : { ...result, error: found.join("; ") };
}

/** The failed assertions of the case, and the violations of the invariants. */
async function faultsOf(run, limit, trial) {
  const stop = onUncaught((error) => trial.uncaught.push(error));
  const found = [];
  const failed = (error) => found.push(error instanceof Failed ? error.message : `${error?.stack ?? error}`);
  const late = () => `not done after ${limit / 1000} s, with ${trial}`;
  await within(limit, (async () => run(trial))(), late).catch(failed);
  await trial.finish().then((violations) => found.push(...violations), failed);
  stop();
  return found;
}

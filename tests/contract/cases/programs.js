// Random programs with many connections at once, compared with the package's own state machine.
//
// A seed determines the whole program. `scripted_1234` or `served_12` as the filter runs it again, on any host.

import { Failed } from "../lib/assert.js";
import { comeBack } from "../model/comeback.js";
import { loadModel } from "../model/model.js";
import { printed, scripted, served, smaller } from "../model/program.js";
import { play } from "../model/scripted.js";
import { playAll } from "../model/served.js";

/** The number of programs on doubles and on the real server, and the number per case. On a double, a seed behaves the
    same everywhere. One host runs all of them, and the others run enough to show that they do not differ. */
const SCRIPTED = { all: 3000, elsewhere: 1000, batch: 250 };
const SERVED = { all: 320, elsewhere: 160, batch: 20 };
const RECONNECTING = { all: 3000, elsewhere: 1000, batch: 500 };

/** The number of programs that run on the server at the same time. */
const AT_ONCE = 5;

/** The cases of the suite. If the filter names one seed, only its case. */
export function cases(filter, host) {
  const [, kind, seed] = /^(scripted|served|reconnecting)_(\d+)$/.exec(filter) ?? [];
  if (kind === "scripted") return [playingScripted(+seed, +seed)];
  if (kind === "served") return [playingServed(+seed, +seed)];
  if (kind === "reconnecting") return [playingReconnecting(+seed, +seed)];
  const playsAll = host.name === "Node" && Number.parseInt(host.version, 10) === 24;
  const batches = ({ all, elsewhere, batch }, playing) => {
    const length = (playsAll ? all : elsewhere) / batch;
    return Array.from({ length }, (_, index) => playing(index * batch, (index + 1) * batch - 1));
  };
  const reconnecting = batches(RECONNECTING, playingReconnecting);
  return [...batches(SCRIPTED, playingScripted), ...batches(SERVED, playingServed), ...reconnecting, reach];
}

/** Programs that do not reach a part of the state machine prove nothing about it. */
const reach = {
  name: "programs_reach_every_input_and_action",
  async run(t) {
    const world = { WebSocket: t.WebSocket, model: await loadModel(t.http) };
    const before = { ...world.model.counts };
    for (let seed = 0; seed < 2 * SCRIPTED.batch; seed++) await play(scripted(seed), world);
    const rare = Object.entries(world.model.counts).filter(([name, count]) => count - before[name] < 5);
    t.deepEqual(rare, [], "what was met less than five times");
  },
  needs: ["package"],
  limit: 60_000,
};

const named = (kind, first, last) => (first === last ? `${kind}_${first}` : `${kind}_${first}_to_${last}`);

/** The case of the seeds from `first` to `last`, on doubles. */
function playingScripted(first, last) {
  const run = async (t) => {
    const world = { WebSocket: t.WebSocket, model: await loadModel(t.http) };
    for (let seed = first; seed <= last; seed++) {
      const program = scripted(seed);
      const { fault } = await play(program, world);
      if (!fault) continue;
      const smallest = await cutDown(program, world);
      throw new Failed(report("scripted", smallest, fault, (await play(smallest, world)).log));
    }
  };
  return { name: named("scripted", first, last), run, needs: ["package"], limit: 60_000 };
}

/** The case of the seeds from `first` to `last`, on the host's own class and the real server. */
function playingServed(first, last) {
  const run = async (t) => {
    const model = await loadModel(t.http);
    for (let seed = first; seed <= last; seed += AT_ONCE) {
      const length = Math.min(AT_ONCE, last - seed + 1);
      const programs = Array.from({ length }, (_, at) => served(seed + at, t.host));
      for (const [at, { fault, log }] of (await playAll(programs, t, model)).entries()) {
        if (fault) throw new Failed(report("served", programs[at], fault, log));
      }
    }
  };
  return { name: named("served", first, last), run, needs: ["package"], limit: 60_000 };
}

/** The case of the seeds from `first` to `last`, on doubles of a connection that comes back. */
function playingReconnecting(first, last) {
  const run = async (t) => {
    const model = await loadModel(t.http);
    const before = { ...model.countsOfSupervisor };
    for (let seed = first; seed <= last; seed++) {
      const { fault, log } = await comeBack(seed, { t, model });
      if (fault) throw new Failed([`seed ${seed}: ${fault}`, ...log].join("\n"));
    }
    if (first === last) return;
    const rare = Object.entries(model.countsOfSupervisor).filter(([name, count]) => count - before[name] < 5);
    t.deepEqual(rare, [], "what was met less than five times");
  };
  return { name: named("reconnecting", first, last), run, needs: ["reconnecting"], limit: 60_000 };
}

/** The smallest program that still fails: nothing more can be left out. */
async function cutDown(program, world) {
  for (const candidate of smaller(program)) {
    if ((await play(candidate, world)).fault) return cutDown(candidate, world);
  }
  return program;
}

function report(kind, program, fault, log) {
  return [
    `seed ${program.seed}: ${fault}`,
    `again: --suite programs --filter ${kind}_${program.seed}`,
    "the program:",
    ...printed(program).map((line) => `  ${line}`),
    "what happened:",
    ...log.map((line) => `  ${line}`),
  ].join("\n");
}

// Programs nobody thought of, many connections at once, compared with the state machine that the package itself runs.
//
// A seed is the whole program: `scripted_1234` as the filter plays that one again, on any host.

import { Failed } from "./assert.js";
import { loadModel } from "./model.js";
import { printed, scripted, smaller } from "./program.js";
import { play } from "./scripted.js";

const BATCH = 250;

/** How many programs on doubles there are, and on the real server. */
const SCRIPTED = 2000;

/** The cases of the suite; of a filter that is one seed, only that. */
export function cases(filter) {
  const one = /^scripted_(\d+)$/.exec(filter);
  if (one) return [playing(+one[1], +one[1])];
  return Array.from({ length: SCRIPTED / BATCH }, (_, batch) => playing(batch * BATCH, (batch + 1) * BATCH - 1));
}

/** The case of the seeds from `first` to `last`. */
function playing(first, last) {
  const run = async (t) => {
    const world = { WebSocket: t.WebSocket, model: await loadModel(t.http) };
    for (let seed = first; seed <= last; seed++) {
      const program = scripted(seed);
      const { fault } = await play(program, world);
      if (fault) throw new Failed(await told(program, fault, world));
    }
  };
  const name = first === last ? `scripted_${first}` : `scripted_${first}_to_${last}`;
  return { name, run, needs: ["package"], limit: 60_000 };
}

/** A program that fails, cut down to what is needed for it. */
async function told(program, fault, world) {
  let smallest = program;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(smallest)) {
      if (!(await play(candidate, world)).fault) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  const { log } = await play(smallest, world);
  return [
    `seed ${program.seed}: ${fault}`,
    `again: --suite programs --filter scripted_${program.seed}`,
    "the program, without what it fails without as well:",
    ...printed(smallest).map((line) => `  ${line}`),
    "what happened:",
    ...log.map((line) => `  ${line}`),
  ].join("\n");
}

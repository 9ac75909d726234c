// Takes the samples, turn by turn: in each round every subject has its turn, a different one first.

import * as connections from "./runs/connections.js";
import * as delivery from "./runs/delivery.js";
import * as large from "./runs/large.js";
import * as memory from "./runs/memory.js";
import * as receive from "./runs/receive.js";
import * as send from "./runs/send.js";
import * as sending from "./runs/sending.js";
import * as startup from "./runs/startup.js";

import { start } from "./thread.js";

const runs = { delivery, sending, receive, send, connections, startup, memory, large };

/** How many messages a quick sample has. */
const QUICK = 5;

/** Seconds after which a message that did not come is lost. */
const patience = (quick) => (quick ? 20 : 120);

/** Only what the host has. */
const canRun = (subject, { kind, host, apps }) => {
  if (subject === "ws") return host === "node24";
  // It has no JSON of its own; without the apps nobody built it.
  if (subject === "gloo-net") return apps && kind !== "object";
  return true;
};

/** Runs the named parts on this host. `report` gets each sample; `quick` takes two of a few messages. */
export async function run({ names, quick, report, ...world }) {
  let done = 0;
  for (const name of names) {
    // Every kind and every size, not each with each.
    for (const one of runs[name].cases.filter((_, index) => !quick || index % 4 === 0)) {
      report({ run: name, case: one, samples: await samplesOf(runs[name], { ...one, ...world }, quick) });
      done += 1;
    }
  }
  report({ done });
}

async function samplesOf({ subjects, rounds, time, most, warmUps = 10, ...run }, given, quick) {
  const present = subjects.filter((subject) => canRun(subject, given));
  const threads = new Map();
  const takeInThread = (subject, count) => threads.get(subject).ask("sample", { count });
  const takeSample = async (subject, count) => {
    const sample = await inTime(patience(quick), (run.take ?? takeInThread)(subject, count, given)).catch((error) => {
      throw new Error(`${subject}, ${JSON.stringify(given)}: ${error.message}`);
    });
    const { messages, bytes, wanted } = sample;
    if (messages !== count || bytes !== wanted) {
      const got = `${messages} of ${count} messages with ${bytes} of ${wanted} bytes`;
      throw new Error(`${subject}, ${JSON.stringify(given)}: ${got}`);
    }
    return sample;
  };
  const samples = [];
  try {
    for (const subject of run.take ? [] : present) {
      threads.set(subject, start());
      await threads.get(subject).ask("prepare", { run: run.name, subject, given });
    }
    const count = quick ? Math.min(most, QUICK) : await calibrate();
    for (let round = 0; round < (quick ? Math.min(rounds, 2) : rounds); round++) {
      for (let turn = 0; turn < present.length; turn++) {
        const subject = present[(round + turn) % present.length];
        const { value, cpu } = await takeSample(subject, count);
        samples.push({ subject, round, count, value, cpu });
      }
    }
  } finally {
    for (const thread of threads.values()) thread.end();
  }
  return samples;

  /** How many messages take about as long as a sample is to take; each subject has become fast meanwhile. */
  async function calibrate() {
    let count = time ? 16 : most;
    for (let step = 0; time && step < warmUps; step++) {
      const { value } = await takeSample("bare", count);
      count = Math.max(4, Math.min(most, Math.round(count * Math.min(4, time / value))));
    }
    for (let step = 0; step < warmUps; step++) {
      for (const subject of present) await takeSample(subject, count);
    }
    return count;
  }
}

function inTime(seconds, sample) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not all messages came in ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([sample, late]).finally(() => clearTimeout(timer));
}

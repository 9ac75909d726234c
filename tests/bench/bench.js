// Takes the samples, turn by turn: in each round every subject has its turn, in random order. In a fixed
// order the one that is always before it, or was started before it, makes a subject slower or faster by a tenth.

import * as connections from "./runs/connections.js";
import * as delivery from "./runs/delivery.js";
import * as large from "./runs/large.js";
import * as memory from "./runs/memory.js";
import * as receive from "./runs/receive.js";
import * as rust from "./runs/rust.js";
import * as send from "./runs/send.js";
import * as sending from "./runs/sending.js";
import * as startup from "./runs/startup.js";

import { start } from "./thread.js";

const runs = { delivery, rust, sending, receive, send, connections, startup, memory, large };

/** How many messages a quick sample has. */
const QUICK = 5;

/** How many sets of threads share the rounds of a case. Some threads are slow or fast for as long as they live, whatever
    runs in them: where their memory came to lie is not the subject's. */
const SETS = 6;

/** Seconds after which a message that did not come is lost. */
const patience = (quick) => (quick ? 20 : 120);

/** The minimal app in Rust that a subject is, unless it is none. */
const apps = { unread: "fourd-websocket" };
for (const name of ["fourd-websocket", "gloo-net", "ws-stream"]) apps[name] = name;

/** Only what the host has, and what was built. */
const canRun = (subject, { kind, host, built }) => {
  if (subject === "ws") return host === "node24";
  // It has no JSON of its own.
  if (subject === "gloo-net" && kind === "object") return false;
  return !apps[subject] || built.includes(apps[subject]);
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

async function samplesOf({ subjects, rounds, time, warmUps = 10, roundsOfSet, ...run }, given, quick) {
  const most = run.mostOf?.(given) ?? run.most;
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
  const wanted = rounds[given.host] ?? rounds;
  const all = quick ? Math.min(wanted, 2) : wanted;
  const sets = Math.min(all, run.take ? 1 : roundsOfSet ? Math.ceil(all / roundsOfSet) : SETS);
  let count = quick && Math.min(most, QUICK);
  let round = 0;
  for (let set = 1; set <= sets; set++) {
    try {
      for (const subject of run.take ? [] : shuffled(present)) {
        threads.set(subject, start());
        await inTime(patience(quick), threads.get(subject).ask("prepare", { run: run.name, subject, given }));
      }
      count ||= await calibrate();
      for (let step = 0; step < (quick ? 0 : warmUps); step++) {
        for (const subject of shuffled(present)) await takeSample(subject, count);
      }
      for (; round < (all * set) / sets; round++) {
        for (const subject of shuffled(present)) {
          const { value, cpu, wasm } = await takeSample(subject, count);
          samples.push({ subject, round, count, value, cpu, wasm });
        }
      }
    } finally {
      for (const thread of threads.values()) thread.end();
    }
  }
  const place = ({ round, subject }) => round * present.length + present.indexOf(subject);
  return samples.sort((one, other) => place(one) - place(other));

  /** How many messages take about as long as a sample is to take. */
  async function calibrate() {
    let count = time ? 16 : most;
    for (let step = 0; time && step < warmUps; step++) {
      const { value } = await takeSample("bare", count);
      count = Math.max(4, Math.min(most, Math.round(count * Math.min(4, time / value))));
    }
    return count;
  }
}

function shuffled(list) {
  const places = new Map(list.map((one) => [one, Math.random()]));
  return [...list].sort((one, other) => places.get(one) - places.get(other));
}

function inTime(seconds, sample) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([sample, late]).finally(() => clearTimeout(timer));
}

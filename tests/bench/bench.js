// Takes the samples in rounds. In each round, every subject has one turn, in random order. In a fixed order, the
// subject that always runs or starts before makes the next one slower or faster by a tenth.

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

/** The number of messages in a quick sample. */
const QUICK = 5;

/** The number of sets of threads that share the rounds of a case. Some threads are slow or fast for their whole life,
    whatever runs in them, because of the place of their memory. */
const SETS = 6;

/** Seconds after which a missing message is lost. */
const patience = (quick) => (quick ? 20 : 120);

/** The minimal app in Rust of each subject that has one. */
const apps = { unread: "fourd-websocket" };
for (const name of ["fourd-websocket", "gloo-net", "ws-stream"]) apps[name] = name;

/** `true` if the host has the subject, and it was built. */
const canRun = (subject, { kind, host, built }) => {
  if (subject === "ws") return host === "node24";
  // gloo-net has no JSON.
  if (subject === "gloo-net" && kind === "object") return false;
  return !apps[subject] || built.includes(apps[subject]);
};

/** Runs the named parts on this host. `report` is called with each case. `quick` takes two small samples. */
export async function run({ names, quick, report, ...world }) {
  let done = 0;
  for (const name of names) {
    // Every kind and every size, but not every combination.
    for (const one of runs[name].cases.filter((_, index) => !quick || index % 4 === 0)) {
      report({ run: name, case: one, samples: await samplesOf(runs[name], { ...one, ...world }, quick) });
      done += 1;
    }
  }
  report({ done });
}

async function samplesOf({ subjects, rounds, time, warmUps = 10, roundsOfSet, ...run }, parameters, quick) {
  const most = run.mostOf?.(parameters) ?? run.most;
  const present = subjects.filter((subject) => canRun(subject, parameters));
  const threads = new Map();
  const takeInThread = (subject, count) => threads.get(subject).ask("sample", { count });
  const takeSample = async (subject, count) => {
    const sample = await inTime(patience(quick), (run.take ?? takeInThread)(subject, count, parameters)).catch(
      (error) => {
        throw new Error(`${subject}, ${JSON.stringify(parameters)}: ${error.message}`);
      },
    );
    const { messages, bytes, wanted } = sample;
    if (messages !== count || bytes !== wanted) {
      const got = `${messages} of ${count} messages with ${bytes} of ${wanted} bytes`;
      throw new Error(`${subject}, ${JSON.stringify(parameters)}: ${got}`);
    }
    return sample;
  };
  const samples = [];
  const wanted = rounds[parameters.host] ?? rounds;
  const all = quick ? Math.min(wanted, 2) : wanted;
  const sets = Math.min(all, run.take ? 1 : roundsOfSet ? Math.ceil(all / roundsOfSet) : SETS);
  let count = quick && Math.min(most, QUICK);
  let round = 0;
  for (let set = 1; set <= sets; set++) {
    try {
      for (const subject of run.take ? [] : shuffled(present)) {
        threads.set(subject, start());
        await inTime(patience(quick), threads.get(subject).ask("prepare", { run: run.name, subject, parameters }));
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

  /** The number of messages that take about as long as a sample should. */
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

// The imports in pages: a browser for each round, which has nothing compiled before; each subject once cold, and once more.

import { open } from "../browser/driver.js";
import { given } from "../harness/given.js";

const { browser, site, reports, quick } = given;

/** The subjects of an import, and how often each is imported. */
const SUBJECTS = ["partysocket", "package"];
const ROUNDS = quick ? 1 : 41;

/** Imported first, uncounted: what a new browser does once falls on it, not on the subject whose turn is first. */
const FIRST = "bare";

/** How long an import may take, in milliseconds. */
const PATIENCE = 30_000;

const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const samples = { cold: [], warm: [] };

for (let round = 0; round < ROUNDS; round += 1) {
  const { driver, close } = await open(browser, PATIENCE);
  await measure(driver, FIRST);
  for (let turn = 0; turn < SUBJECTS.length; turn += 1) {
    const subject = SUBJECTS[(round + turn) % SUBJECTS.length];
    for (const taken of Object.values(samples)) {
      taken.push({ subject, round, count: 1, value: await measure(driver, subject) });
    }
  }
  await close();
}
for (const [cache, taken] of Object.entries(samples)) write({ run: "startup", case: { cache }, samples: taken });
write({ done: Object.keys(samples).length });

/** The milliseconds that an import takes. */
async function measure(driver, subject) {
  const key = `bench-import-${process.pid}`;
  await driver.get(`${site}/starts/page.html?key=${key}&subject=${subject}`);
  const answer = await fetch(`${reports}?key=${key}&wait=${PATIENCE}`);
  if (answer.status !== 200) throw new Error(`the import of ${subject} was not done within ${PATIENCE} ms`);
  const { value, error } = await answer.json();
  if (typeof value !== "number") throw new Error(`the import of ${subject}: ${error}`);
  return value;
}

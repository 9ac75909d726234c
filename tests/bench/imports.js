// The imports in pages. Each round has a new browser without compiled code, which imports each subject cold and then
// once more.

import { open } from "../browser/driver.js";
import { given } from "../harness/given.js";

const { browser, site, reports, quick } = given;

/** The subjects of an import, and the number of rounds. */
const SUBJECTS = ["partysocket", "package"];
const ROUNDS = quick ? 1 : 41;

/** This subject is imported first and not counted, so that the start of a browser does not affect the first
    measurement. */
const FIRST = "bare";

/** The limit for an import, in milliseconds. */
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

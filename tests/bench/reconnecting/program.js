// Runs one package in one situation: `node program.js SUBJECT SITUATION`. Prints the cell of the table when nothing is
// left that could happen.

import { createServer } from "node:net";

import { given } from "../../harness/given.js";
import { situations } from "./situations.js";
import { subjects } from "./subjects.js";

const [subject, situation] = process.argv.slice(2);
const at = (path) => new URL(path, given.server.replace("http", "ws")).href;
let isUnhandled = false;
process.on("unhandledRejection", () => (isUnhandled = true));

/** An address where nobody listens. */
async function refusing() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}/`;
}

const world = { at, echo: at("/echo"), refused: await refusing(), unhandled: () => isUnhandled };
const cell = situations[situation].run(subjects[subject], world);
process.once("beforeExit", () => console.log(cell()));

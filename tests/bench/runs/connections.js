// Connections that are opened, and closed immediately. They are opened one after another, because Chromium delays
// connections by seconds that are opened together.

import { stopwatch } from "../stopwatch.js";

export const name = "connections";
export const subjects = ["bare", "package", "again"];
export const cases = [{}];
/** Chromium takes 9 ms for each, most of them idle. */
export const rounds = { node24: 36, chromium: 12 };
/** 1,000 in each thread. A sample of few would mostly measure how cold the thread was at its turn. */
export const roundsOfSet = 4;
export const most = 250;
export const warmUps = 1;

export async function prepare(subject, { server }) {
  return async (count) => {
    let closed = 0;
    const stop = stopwatch();
    while (closed < count) {
      const connection = await subject.open(`${server}/echo`, { onMessage() {} });
      await connection.close();
      closed += 1;
    }
    return { ...stop(), messages: closed };
  };
}

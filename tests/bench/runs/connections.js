// Connections that are opened, and closed at once when they are open; one after the other, for Chromium makes those wait
// for seconds that are opened together.

import { stopwatch } from "../stopwatch.js";

export const name = "connections";
export const subjects = ["bare", "package", "again"];
export const cases = [{}];
/** Chromium takes 9 ms for each, most of them waiting. */
export const rounds = { node24: 36, chromium: 12 };
/** 1,000 in each thread. In a sample of few, what counts is how cold the thread was when its turn came. */
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

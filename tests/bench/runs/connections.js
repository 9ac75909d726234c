// Connections that are opened, and closed at once when they are open.

import { stopwatch } from "../stopwatch.js";

export const name = "connections";
export const subjects = ["bare", "package"];
export const cases = [{}];
export const rounds = 20;
/** All at once: 1,000 of each subject in all rounds. */
export const most = 50;
export const warmUps = 1;

export async function prepare(subject, { server }) {
  const openAndClose = async () => {
    const connection = await subject.open(`${server}/echo`, { onMessage() {} });
    await connection.close();
  };
  return async (count) => {
    const stop = stopwatch();
    const ends = await Promise.all(Array.from({ length: count }, openAndClose));
    return { ...stop(), messages: ends.length };
  };
}

// The memory of each open connection. Each subject has a process that keeps thousands of them open.

import { take as takeInProcess } from "../process.js";

export const name = "memory";
export const subjects = ["bare", "package"];
export const cases = [{}];
export const rounds = 3;
export const most = 10_000;
export const warmUps = 0;

export const take = (subject, count, { server }) => takeInProcess("memory.js", [subject, server, count]);

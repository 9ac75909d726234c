// The time from an import until a connection can be made, each in a process of its own: without anything compiled
// before, and with what V8 kept of that.

import { take as takeInProcess } from "../process.js";

export const name = "startup";
export const subjects = ["partysocket", "package"];
export const cases = [{ cache: "cold" }, { cache: "warm" }];
export const rounds = 21;
export const most = 1;
export const warmUps = 1;

export const take = (subject, count, { cache }) => takeInProcess("startup.js", [subject, cache]);

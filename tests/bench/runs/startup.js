// The time from an import to the first connection, each in a process of its own: without compiled code, and with V8's
// cache of it.

import { take as takeInProcess } from "../process.js";

export const name = "startup";
export const subjects = ["partysocket", "package"];
export const cases = [{ cache: "cold" }, { cache: "warm" }];
export const rounds = 21;
export const most = 1;
export const warmUps = 1;

export const take = (subject, count, { cache }) => takeInProcess("startup.js", [subject, cache]);

// The invariants of the contract that every connection keeps, in every case.

import { show } from "./assert.js";

const SEQUENCE = /^(open( message)* )?(error )?terminate$/;
const STATUSES = ["Connecting", "Connected", "Closing", "Closed"];
const ALLOWED = {
  open: ["Connected"],
  message: ["Connected", "Closing"],
  error: ["Closing", "Closed"],
  terminate: ["Closed"],
};

/** The violations of the invariants by a recorded connection that has ended. */
export function violations(recording) {
  const found = [...recording.faults];
  const sequence = recording.sequence();
  if (!SEQUENCE.test(sequence)) found.push(`the callbacks came as "${sequence}"`);
  let latest = 0;
  for (const { name, event, status } of recording.calls) {
    if (!ALLOWED[name].includes(status)) found.push(`the status is ${show(status)} in the callback for ${name}`);
    const step = STATUSES.indexOf(status);
    if (step < latest) found.push(`the status went back from ${STATUSES[latest]} to ${status}`);
    latest = Math.max(latest, step);
    const wrong = problemOf[name](event);
    if (wrong) found.push(`${wrong}: ${show(event)}`);
    if (event?.type !== name) found.push(`the event for ${name} has the type ${show(event?.type)}`);
  }
  if (recording.ws.status !== "Closed") found.push(`the status is ${show(recording.ws.status)} after the end`);
  return found;
}

export const problemOf = {
  open: (event) => !hasKeys(event, ["type"]) && "an open event has other members",
  message: (event) => !hasKeys(event, ["data", "type"]) && "a message event has other members",
  error(event) {
    if (!hasKeys(event, ["errors", "type"])) return "an error event has other members";
    if (!Array.isArray(event.errors) || event.errors.length === 0) return "an error event has no errors";
    if (!event.errors.every(isEntry)) return "an entry of an error event is wrong";
  },
  terminate(event) {
    if (!hasKeys(event, ["code", "reason", "type", "wasClean"])) return "a terminate event has other members";
    if (!Object.isFrozen(event)) return "a terminate event is not frozen";
    if (!Number.isInteger(event.code) || event.code < 1000 || event.code > 4999) return "a code is none";
    if (typeof event.reason !== "string" || typeof event.wasClean !== "boolean") return "a terminate event is wrong";
    if ((event.code === 1006) === event.wasClean) return "1006 says that there was no closing handshake";
    if (!event.wasClean && event.reason !== "") return "a reason without a closing handshake";
  },
};

export function isEntry(entry) {
  return (
    hasKeys(entry, ["componentSignature", "errCode", "message"]) &&
    Number.isInteger(entry.errCode) &&
    (entry.errCode < 1000 || entry.errCode > 4999) &&
    [entry.message, entry.componentSignature].every((text) => typeof text === "string" && text !== "")
  );
}

export function hasKeys(object, keys) {
  return typeof object === "object" && object !== null && Object.keys(object).sort().join() === keys.join();
}

// A handler of a connection that comes back, which records its calls and checks the invariants of the sequence.

import { Failed, show } from "./assert.js";
import { hasKeys, isEntry, problemOf } from "./invariants.js";

const CALLBACKS = {
  onOpen: "open",
  onMessage: "message",
  onError: "error",
  onTerminate: "terminate",
  onRetry: "retry",
  onStop: "stop",
};
const CONNECTION = "(?:(?:open(?: message)* )?(?:error )?terminate )";
const SEQUENCE = new RegExp(`^(?:${CONNECTION}?retry )*${CONNECTION}?stop$`);
const STATUSES = ["Connecting", "Connected", "Waiting", "Closing", "Closed"];
const ENDS = ["code", "errors", "reason", "type", "wasClean"];

/** A source that returns these answers in turn, and then always the last. */
export function inTurn(...answers) {
  let asked = 0;
  return async () => answers[Math.min(asked++, answers.length - 1)];
}

/** The calls of the handler. */
export class Journal {
  /** The object that `new` returned. */
  socket;
  /** The name, the first argument, the event, and the status of the socket at that time, in order. */
  calls = [];
  #faults = [];
  #waiting = [];

  /** A callback in `members` is called after its call was recorded. Other members become members of the handler. */
  constructor(members, onLate) {
    this.members = members;
    this.handler = { ...members };
    const journal = this;
    for (const [callback, name] of Object.entries(CALLBACKS)) {
      this.handler[callback] = function (...args) {
        if (journal.hasStopped) onLate(`the callback for ${name} came after onStop`);
        journal.#note(name, this, args);
        return members[callback]?.apply(this, args);
      };
    }
  }

  sequence() {
    return this.calls.map(({ name }) => name).join(" ");
  }

  get hasStopped() {
    return this.calls.at(-1)?.name === "stop";
  }

  /** The events of a callback so far. */
  events(name) {
    return this.calls.filter((call) => call.name === name).map(({ event }) => event);
  }

  /** The connections so far. */
  get connections() {
    return [...new Set(this.calls.filter(({ name }) => !isOfSocket(name)).map(({ target }) => target))];
  }

  /** The event of `onStop`. */
  get stopped() {
    return this.called("stop");
  }

  /** The event of the `count`th call of a callback. */
  called(name, count = 1) {
    return new Promise((resolve, reject) => {
      const isStillWaiting = () => {
        const found = this.events(name);
        if (found.length >= count) resolve(found[count - 1]);
        else if (this.hasStopped) reject(new Failed(`no ${count}. ${name}, but ${this}`));
        else return true;
      };
      if (isStillWaiting()) this.#waiting.push(isStillWaiting);
    });
  }

  #note(name, self, args) {
    const [target, event] = args;
    const { socket } = this;
    if (socket === undefined) this.#faults.push(`the callback for ${name} came before new returned`);
    if (self !== this.handler) this.#faults.push(`this is not the handler, in the callback for ${name}`);
    if (args.length !== 2) this.#faults.push(`the callback for ${name} has ${args.length} arguments`);
    const expected = isOfSocket(name) ? null : target;
    if (socket?.current !== expected) this.#faults.push(`current is another connection in the callback for ${name}`);
    if (isOfSocket(name) && target !== socket) this.#faults.push(`the callback for ${name} got another object`);
    if (!isOfSocket(name) && target?.handler !== this.handler) this.#faults.push("ws.handler is another one");
    this.calls.push({
      name,
      target,
      event,
      status: socket?.status,
      ofConnection: isOfSocket(name) ? "" : target.status,
    });
    this.#waiting = this.#waiting.filter((isStillWaiting) => isStillWaiting());
  }

  /** The violations of the invariants, once it has stopped. */
  violations() {
    const found = [...this.#faults];
    const sequence = this.sequence();
    if (!SEQUENCE.test(sequence)) found.push(`the callbacks came as "${sequence}"`);
    for (const { name, event, status, ofConnection } of this.calls) {
      const wrong = (problemOf[name] ?? problemOfSocket[name])(event);
      if (wrong) found.push(`${wrong}: ${show(event)}`);
      if (event?.type !== name) found.push(`the event for ${name} has the type ${show(event?.type)}`);
      if (!STATUSES.includes(status)) found.push(`there is no status ${show(status)}`);
      if (name === "open" && status !== "Connected") found.push(`the status is ${status} in onOpen`);
      if (name === "retry" && status !== "Waiting") found.push(`the status is ${status} in onRetry`);
      if ((name === "stop") !== (status === "Closed"))
        found.push(`the status is ${status} in the callback for ${name}`);
      if (name === "terminate" && ofConnection !== "Closed") found.push(`the connection is ${ofConnection} at its end`);
    }
    found.push(...problemsOfOrder(this.calls));
    const { status, current, bufferedAmount } = this.socket;
    if (status !== "Closed" || current !== null || bufferedAmount !== 0) {
      found.push(`after onStop there is ${show({ status, current: `${current}`, bufferedAmount })}`);
    }
    return found;
  }

  toString() {
    return `"${this.sequence()}" ${this.socket?.status}`;
  }
}

const isOfSocket = (name) => name === "retry" || name === "stop";

const problemOfSocket = {
  retry(event) {
    if (!hasKeys(event, [...ENDS, "attempt", "delay", "waiting"].sort())) return "a retry event has other members";
    if (!Number.isInteger(event.attempt) || event.attempt < 1) return "an attempt is none";
    if (!(event.delay >= 0) || !Number.isInteger(event.waiting)) return "a retry event is wrong";
    return problemOfEnd(event);
  },
  stop(event) {
    if (!hasKeys(event, [...ENDS, "attempts", "unsent"].sort())) return "a stop event has other members";
    if (!Number.isInteger(event.attempts) || !Array.isArray(event.unsent)) return "a stop event is wrong";
    return problemOfEnd(event);
  },
};

function problemOfEnd({ code, reason, wasClean, errors }) {
  if (!Number.isInteger(code) || typeof reason !== "string" || typeof wasClean !== "boolean") return "an end is wrong";
  if ((code === 1006) === wasClean) return "1006 says that there was no closing handshake";
  if (!Array.isArray(errors) || !errors.every(isEntry)) return "an entry of an event is wrong";
}

/** The end of a connection is that of the event that follows it, and no connection has calls among those of another. */
function* problemsOfOrder(calls) {
  const ended = new Set();
  for (const [at, { name, target, event }] of calls.entries()) {
    if (isOfSocket(name)) continue;
    if (ended.has(target)) yield `a connection that has ended called back for ${name}`;
    const next = calls[at + 1];
    if (name !== "terminate" && next?.target !== target) yield `a connection called back beside another`;
    if (name !== "terminate") continue;
    ended.add(target);
    if (["code", "reason", "wasClean"].some((member) => event[member] !== next?.event[member])) {
      yield `the end ${show(event)} is followed by ${show(next?.event)}`;
    }
  }
}

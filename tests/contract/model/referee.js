// Follows the events of connections, and compares each step with the reference.

import { show } from "../lib/assert.js";

/** The nested events of the moment, each with the steps that are due in it. */
export class Referee {
  /** The first difference. Nothing is compared after it. */
  fault;
  /** All events, in readable lines. */
  log = [];
  #frames = [];
  #turns = [];
  #now;
  #connections;

  /** `now` returns the time, `connections` all connections. */
  constructor(now, connections) {
    this.#now = now;
    this.#connections = connections;
  }

  /** An event of a connection. `run` runs it, and `course` is the reference's generator for it. Returns the result or
      the exception of `run`, and the result of the generator. A timer without a heartbeat has no generator, but
      connections that may be given up. */
  happens(connection, what, course, run, mayGiveUp) {
    this.#settle();
    const frame = { connection, what, course, next: course?.next(), mayGiveUp };
    this.note(connection, what);
    this.#frames.push(frame);
    const outcome = {};
    try {
      outcome.value = run();
    } catch (error) {
      outcome.error = error;
    }
    if (frame.mayGiveUp && !frame.course) {
      const silent = frame.mayGiveUp.find((any) => this.#hasGivenUp(any));
      if (silent) this.#giveUp(frame, silent);
    }
    if (frame.next && !frame.next.done) this.fail(`${what}: ${described(frame.next.value)} did not come`);
    this.#frames.splice(this.#frames.indexOf(frame));
    return { ...outcome, expected: frame.next?.value };
  }

  /** An observed step of the package. `run` answers it. */
  sees(connection, seen, run) {
    this.note(connection, `→ ${described(seen)}`);
    if (this.fault) return run();
    const frame = this.#frameOf(connection, seen);
    if (!frame) return run();
    const wrong = difference(frame.next.value, seen);
    if (wrong) this.fail(`${connection.name}: ${wrong}`);
    frame.isAnswering = true;
    let answer;
    try {
      answer = run();
    } finally {
      frame.isAnswering = false;
      if (!this.fault) frame.next = frame.course.next(answer);
    }
    return answer;
  }

  /** The connections that the package may be running for, `undefined` while it waits for a call. */
  get running() {
    const frame = this.#frames.at(-1);
    // The end of an implied event is not observable.
    if (!frame || frame.isAnswering || (frame.isImplied && frame.next.done)) return;
    return frame.connection ? [frame.connection] : (frame.mayGiveUp ?? this.#connections());
  }

  /** The number of microtasks that are due. */
  get turns() {
    return this.#turns.length;
  }

  // --- Microtasks ---

  /** The reference handles an input in a microtask of its own. */
  soon(reference, input, event) {
    this.#turns.push({ reference, input, event });
  }

  /** An exception has to be reported as uncaught. */
  throws(error) {
    this.#turns.push({ error });
  }

  /** An exception of the package has to be reported as uncaught, with one of these numbers. */
  surfaces(numbers) {
    this.#turns.push({ numbers });
  }

  /** Runs a microtask that the package has queued. */
  turn(callback) {
    const { reference, input, event, error, numbers } = this.#turns.shift() ?? {};
    if (numbers) {
      const thrown = this.happens(undefined, "an exception surfaces", undefined, callback).error;
      if (!numbers.includes(thrown?.errCode)) this.fail(`${show(thrown)} surfaced, not ${numbers.join(" or ")}`);
      return;
    }
    if (error) {
      const thrown = this.happens(undefined, "an exception surfaces", undefined, callback).error;
      if (thrown !== error) this.fail(`${show(thrown)} surfaced, not ${show(error)}`);
      return;
    }
    if (!reference) this.fail("a turn came that nothing asked for");
    const course = this.fault ? undefined : reference.turn(input, event);
    const thrown = this.happens(undefined, `a turn for "${input}"`, course, callback).error;
    if (thrown) this.fail(`${show(thrown)} thrown in a turn`);
  }

  /** A timer of the package fires. If it gives up one of the connections, that shows in the next steps, and the time is
      checked. */
  tick(connections, callback) {
    const connection = connections.length === 1 ? connections[0] : undefined;
    const beats = !this.fault && connection?.reference?.hasHeartbeat;
    const course = beats ? connection.reference.beat() : undefined;
    const thrown = this.happens(connection, "a timer", course, callback, beats ? undefined : connections).error;
    if (thrown) this.fail(`${show(thrown)} thrown in a timer`);
  }

  /** Every microtask has run, and every Blob that was read was reported. */
  atRest() {
    this.#settle();
    if (this.fault) return;
    if (this.#turns.length > 0) this.fail(`${this.#turns.length} turns did not come`);
    for (const connection of this.#connections()) if (connection.settled) this.#frameOf(connection);
    this.#settle();
  }

  // --- Faults ---

  note(connection, what) {
    this.log.push(`${"  ".repeat(this.#frames.length)}${connection ? `${connection.name}: ` : ""}${what}`);
  }

  fail(what) {
    if (this.fault) return;
    this.fault = what;
    this.log.push(`*** ${what}`);
  }

  // --- Due steps ---

  /** The event in which the package takes a step. If there is none, it may be a Blob that was read, which is not
      observable. */
  #frameOf(connection, seen) {
    let frame = this.#frames.at(-1);
    if (frame?.isImplied && frame.next.done) {
      this.#settle();
      frame = undefined;
    }
    if (!frame && connection.settled) {
      const { bytes, fault } = connection.settled;
      connection.settled = undefined;
      const course = connection.reference.read(bytes, fault);
      frame = { connection, what: "a Blob was read", course, next: course.next(), isImplied: true };
      this.#frames.push(frame);
    }
    if (frame?.mayGiveUp?.includes(connection) && !frame.course && !frame.isAnswering) this.#giveUp(frame, connection);
    if (!seen) return;
    if (frame?.course && !frame.isAnswering && !frame.next.done) return frame;
    this.fail(`${connection.name}: ${described(seen)} came, and nothing was due`);
  }

  /** Ends an implied event, whose end only shows in the steps that follow. */
  #settle() {
    const frame = this.#frames.at(-1);
    if (!frame?.isImplied || frame.isAnswering) return;
    if (!frame.next.done) this.fail(`${frame.what}: ${described(frame.next.value)} did not come`);
    this.#frames.pop();
  }

  #hasGivenUp({ ws, reference }) {
    return !this.fault && reference?.hasEnded === false && ws?.status === "Closed";
  }

  #giveUp(frame, { reference, name }) {
    const { deadline } = reference;
    if (!deadline) this.fail(`${name}: it is given up, and waited for nothing`);
    else {
      const left = deadline.since + deadline.milliseconds - this.#now();
      // Hosts round their clocks.
      if (left > 2) this.fail(`${name}: it is given up ${left} ms too early`);
    }
    frame.course = reference.elapsed();
    frame.next = frame.course.next();
  }
}

/** The difference between an observed step and the due one, `undefined` if they are equal. */
function difference(due, seen) {
  const isSame = due.see === seen.see && due.callback === seen.callback;
  if (!isSame || !isAlike[due.see](due, seen)) return `${described(seen)} came, due was ${described(due)}`;
}

const isAlike = {
  send: ({ data }, seen) => sameData(data, seen.data),
  close: ({ code, reason }, seen) => code === seen.code && reason === seen.reason,
  read: ({ blob }, seen) => blob === seen.blob,
  toJSON: ({ message }, seen) => message === seen.message,
  callback: (due, { event }) => isEvent[due.callback](due, event),
};

const isEvent = {
  open: () => true,
  message({ data, dataType }, event) {
    if (dataType === "text") return data === event.data;
    if (dataType === "object") return JSON.stringify(data) === JSON.stringify(event.data);
    const isBlob = event.data instanceof Blob;
    return isBlob && (data instanceof Blob ? data === event.data : event.data.size === bytesOf(data).length);
  },
  error({ errCode, unsent, hostEvent }, { errors: [first, second] }) {
    const count = /(\d+) messages? w(?:as|ere) not sent/.exec(first.message)?.[1] ?? 0;
    const message = hostEvent && [hostEvent.message, hostEvent.reason, hostEvent.error?.message].find((text) => text);
    return first.errCode === errCode && +count === unsent && (!message || second?.message === message);
  },
  terminate: ({ code, reason, wasClean }, event) =>
    code === event.code && reason === event.reason && wasClean === event.wasClean,
};

function sameData(a, b) {
  if (typeof a === "string" || typeof b === "string") return a === b;
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

export function bytesOf(data) {
  if (typeof data === "string") return new TextEncoder().encode(data);
  return new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength);
}

/** A step as text. */
function described(what) {
  if (!what) return "nothing";
  const { see, callback, event, errCode, unsent, data, code, reason, dataType } = what;
  if (callback === "error" && errCode) return `onError with ${errCode}${unsent ? ` and ${unsent} unsent` : ""}`;
  if (callback === "error") return `onError with ${show(event.errors)}`;
  if (callback === "terminate") return `onTerminate with ${(event ?? what).code} ${show((event ?? what).reason)}`;
  if (callback === "message")
    return `onMessage with ${describedData((event ?? what).data)}${dataType ? ` as ${dataType}` : ""}`;
  if (callback) return "onOpen";
  if (see === "send") return `the host's send(${describedData(data)})`;
  if (see === "close") return `the host's close(${code}, ${show(reason)})`;
  return { read: "a Blob is read", toJSON: "toJSON is called" }[see];
}

function describedData(data) {
  if (data instanceof Blob) return `a Blob of ${data.size} bytes`;
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return `bytes ${bytesOf(data).slice(0, 40).join(" ")}`;
  return show(data);
}

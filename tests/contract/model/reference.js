// A second implementation of a connection, written from the contract around the model's machine.
//
// Everything that happens to a connection (an event of the host, a call of the application, a microtask or a timer) is
// a generator here. It yields each step that has to be observed next: a callback, a call of the host, the read of a
// Blob, or the call of a `toJSON`. It is resumed when that step has returned, even if other events of the connection
// happened meanwhile.

import { ErrCode } from "../lib/errcode.js";

const FAULTS = {
  "error not opened": ErrCode.notOpened,
  "error lost": ErrCode.lost,
  "error unsent": ErrCode.unsent,
  "error undecodable": ErrCode.undecodable,
  "error unsendable": ErrCode.unsendable,
  "error late": ErrCode.late,
  "error silent": ErrCode.silent,
  "error overrun": ErrCode.overrun,
};

/** The heartbeat message of programs. */
export const HEARTBEAT = "still there?";

/** The time between a host's `error` event and its `close` event, in milliseconds. */
const VERDICT = 50;

export class Reference {
  /** The program has received its object. */
  isReturned = false;
  hasEnded = false;
  protocol = "";
  /** The time at which the connection is given up. */
  deadline;
  #machine;
  #plan;
  #socket;
  #world;
  #outbox = [];
  #reading;
  #closing;
  #requested;
  #hostEvent;
  /** The heartbeat of an open connection, and the time of the last message since the timer was set. */
  #pulse;
  #lastReceived = NaN;
  /** The number of messages that each iteration can still queue. */
  #rooms = [];

  /** `socket` returns the host's connection. `world` has the clock and queues microtasks. */
  constructor(machine, plan, socket, world) {
    this.#machine = machine;
    this.#plan = plan;
    this.#socket = socket;
    this.#world = world;
    if (plan.connectionTimeout) this.#await(plan.connectionTimeout);
  }

  /** `true` if the timer of this connection is for its heartbeat. */
  get hasHeartbeat() {
    return this.#pulse !== undefined && this.#machine.status() === "Connected";
  }

  get status() {
    const status = this.#machine.status();
    return status === "Connected" && this.#socket().readyState > 1 ? "Closing" : status;
  }

  get bufferedAmount() {
    if (this.hasEnded) return 0;
    return this.#outbox.reduce((sum, { size }) => sum + size, this.#socket().bufferedAmount);
  }

  // --- The host's events ---

  *opened(event) {
    if (this.#machine.status() === "Closed") return;
    const { protocol } = this.#socket();
    const isOffered = !protocol || (this.#plan.protocols ?? []).includes(protocol);
    this.protocol = isOffered ? protocol : "";
    yield* this.#handle(isOffered ? "opened" : "failed", event);
  }

  *received(event) {
    this.#lastReceived = this.#world.now();
    yield* this.#handle("received", event);
  }

  *failed(event) {
    yield* this.#handle("failed", event);
  }

  *ended(event) {
    const { code } = event;
    const isClean = code >= 1000 && code < 5000 && code !== 1006 && code !== 1015;
    yield* this.#handle(this.#withUnsent(isClean ? "ended" : "lost"), event);
  }

  // --- The application's calls. Their results are the numbers of the exception, of which one is due ---

  *send(message) {
    const early = this.#machine.status();
    if (early === "Closing" || early === "Closed") {
      return message.kind === "invalid" ? [ErrCode.notOpen, ErrCode.message] : [ErrCode.notOpen];
    }
    const waits = early === "Connecting" || this.#outbox.length > 0;
    if (message.kind === "json" && !(yield { see: "toJSON", message })) return [ErrCode.message];
    if (message.kind === "invalid") return [ErrCode.message];
    if (waits || message.kind === "blob") {
      if (this.status === "Closing" || this.status === "Closed") return [ErrCode.notOpen];
      this.#outbox.push({ ...message });
      if (!waits) yield* this.#flush();
      return [];
    }
    if (this.#socket().readyState !== 1) return [ErrCode.notOpen];
    const refusal = yield { see: "send", data: message.sent };
    return refusal ? [ErrCode.sendRefused] : [];
  }

  *terminate({ code, reason, isValid }) {
    if (!isValid) return [ErrCode.closeCode, ErrCode.closeReason];
    if (["Connecting", "Connected"].includes(this.#machine.status())) this.#requested = { code, reason };
    yield* this.#handle("terminate");
    return [];
  }

  /** An iteration whose messages are never taken. */
  iterate(limit) {
    if (!this.hasEnded) this.#rooms.push(limit);
  }

  // --- Microtasks and timers ---

  *turn(input, event) {
    yield* this.#handle(input, event);
  }

  /** A Blob was read, or could not be read. */
  *read(bytes, fault) {
    const frame = this.#reading;
    this.#reading = undefined;
    if (this.hasEnded) return;
    if (fault) return yield* this.#handle("unsendable", fault);
    Object.assign(frame, { kind: "bytes", sent: bytes });
    yield* this.#flush();
  }

  *beat() {
    const received = this.#lastReceived;
    this.#lastReceived = NaN;
    const beat = this.#pulse.next(received, this.bufferedAmount, this.#world.now());
    if (beat === "gone") return yield* this.elapsed();
    if (beat === "wait") return;
    const heartbeat = { kind: "text", sent: HEARTBEAT, size: HEARTBEAT.length };
    // A host that is closing sends nothing more.
    const refusals = this.#socket().readyState > 1 ? [] : yield* this.send(heartbeat);
    if (refusals.length > 0) this.#world.surfaces(refusals);
    this.#pulse.sent(refusals.length === 0, this.bufferedAmount, this.#world.now());
  }

  *elapsed() {
    yield* this.#handle(this.#withUnsent("elapsed"));
  }

  // --- Actions of the machine ---

  #withUnsent(input) {
    return this.#outbox.length > 0 ? `${input} unsent` : input;
  }

  *#handle(input, event) {
    if (!this.isReturned) return this.#world.soon(this, input, event);
    for (const action of this.#machine.step(input)) yield* this.#perform(action, event);
  }

  *#perform(action, event) {
    switch (action) {
      case "flush":
        yield* this.#flush();
        return yield* this.#handle("flushed", event);
      case "open":
        this.deadline = undefined;
        this.#lastReceived = NaN;
        if (this.#plan.heartbeat) {
          const { interval, timeout } = this.#plan.heartbeat;
          this.#pulse = this.#machine.pulse(interval, timeout, this.#world.now());
        }
        return yield* this.#call({ callback: "open" });
      case "message":
        return yield* this.#deliver(event);
      case "receive":
        return yield* this.#handle("received", event);
      case "terminate clean":
        return yield* this.#end({ code: event.code, reason: event.reason, wasClean: true });
      case "terminate abnormal":
        return yield* this.#end({ code: 1006, reason: "", wasClean: false });
      case "close for terminate":
        this.#closing = this.#requested ?? { code: 1000, reason: "" };
        return yield* this.#flush();
      case "close for undecodable":
        this.#closing = { code: 4007, reason: "" };
        return yield* this.#flush();
      case "close for overrun":
        this.#closing = { code: 4009, reason: "" };
        return yield* this.#flush();
      case "close for unsendable":
        this.#closing = { code: 4008, reason: "" };
        return yield* this.#flush();
      case "abandon":
        this.#world.soon(this, "abandoned");
        return yield* this.#close(this.#requested);
      case "await close":
        return this.#await(this.#plan.closeTimeout ?? 5000, this.bufferedAmount);
      case "await verdict":
        this.#hostEvent = event;
        return this.#await(VERDICT);
      default:
        return yield* this.#fail(FAULTS[action], event);
    }
  }

  /** `buffered` is the number of bytes left to be sent. When it falls, the time starts again. */
  #await(milliseconds, buffered) {
    this.deadline = { since: this.#world.now(), milliseconds, buffered };
  }

  *#call(call) {
    if (this.#plan.hasHandler) yield { see: "callback", ...call };
  }

  *#deliver(event) {
    const { dataType } = this.#plan;
    let { data } = event;
    if (dataType !== "blob") {
      try {
        if (typeof data !== "string") data = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
        if (dataType === "object") data = JSON.parse(data);
      } catch {
        return yield* this.#handle("undecodable");
      }
    }
    if (this.#rooms.includes(0)) return yield* this.#handle("overrun", event);
    const rooms = this.#rooms;
    this.#rooms = rooms.map((room) => room - 1);
    yield* this.#call({ callback: "message", data, dataType });
  }

  *#fail(errCode, event) {
    const unsent = this.#outbox.length;
    this.#outbox = [];
    const hostEvent = this.#hostEvent ?? event;
    this.#hostEvent = undefined;
    yield* this.#call({ callback: "error", errCode, unsent, hostEvent });
  }

  *#end(members) {
    this.hasEnded = true;
    this.deadline = undefined;
    // A connection that is given up is closed, too.
    yield* this.#close({ code: 1000, reason: "" });
    yield* this.#call({ callback: "terminate", ...members });
  }

  /** A call while the host is closing has no effect, and is not observed. */
  *#close({ code, reason }) {
    if (this.#socket().readyState < 2) yield { see: "close", code, reason };
  }

  /** Sends the queue up to the first message that cannot be read. */
  *#flush() {
    while (this.#outbox.length > 0) {
      const all = this.#outbox;
      const frame = all[0];
      if (frame.kind === "blob") return yield* this.#read(frame);
      if (this.#socket().readyState !== 1) return;
      all.shift();
      const refusal = yield { see: "send", data: frame.sent };
      if (!refusal) continue;
      // The queue may have been discarded meanwhile.
      if (all === this.#outbox) all.unshift(frame);
      return yield* this.#handle("unsendable", refusal);
    }
    const closing = this.#closing;
    this.#closing = undefined;
    if (closing) yield* this.#close(closing);
  }

  *#read(frame) {
    if (this.#reading) return;
    this.#reading = frame;
    yield { see: "read", blob: frame.blob };
  }
}

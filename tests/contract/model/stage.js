// The stage of programs: connections whose callbacks, calls and hosts a referee observes.

import { show } from "../lib/assert.js";
import { violations } from "../lib/invariants.js";
import { Recording } from "../lib/recording.js";
import { describedStep, NO_MESSAGES } from "./program.js";
import { bytesOf } from "./referee.js";
import { HEARTBEAT, Reference } from "./reference.js";

/** One connection of a program. */
class Actor {
  /** The object under test. */
  ws;
  /** The host's connection. */
  socket;
  reference;
  recording;
  /** Blobs that are being read, and the one whose end has not reached the package yet. */
  reading = [];
  settled;
  /** The status and the code of the first effective `terminate()`. */
  terminatedAs;
  closeCode;
  /** The number of messages that `send()` accepted, and those that the host received. */
  taken = 0;
  forwarded = [];
  #counts = {};
  #reactions;

  constructor(on, plan, reactions) {
    this.on = on;
    this.name = `ws${on}`;
    this.plan = plan;
    this.#reactions = reactions;
  }

  /** The application drops the object. Only the host and the package keep it. */
  drop() {
    const [ws, socket] = [new WeakRef(this.ws), new WeakRef(this.socket)];
    this.ws = undefined;
    this.regain = () => (this.ws = ws.deref());
    Object.defineProperty(this, "socket", { get: () => socket.deref() });
    // Connections without an owner have ended.
    Object.defineProperty(this.recording, "ws", { get: () => ws.deref() ?? { status: "Closed" } });
  }

  /** The object, if it was not collected. */
  regain() {
    return this.ws;
  }

  /** The steps and the exception of this call. */
  reaction(at) {
    const nth = (this.#counts[at] = (this.#counts[at] ?? -1) + 1);
    const all = this.#reactions.filter((any) => any.on === this.on && any.at === at && any.nth === nth);
    return { steps: all.flatMap(({ steps }) => steps), throws: all.some(({ throws }) => throws) };
  }
}

export class Stage {
  actors;
  /** The time of the last check. */
  #checked = -Infinity;
  #world;
  #referee;
  #model;
  #WebSocket;

  /** `world` has the clock, the addresses and the host's class. */
  constructor({ program, referee, model, WebSocket, world }) {
    this.#world = world;
    this.#referee = referee;
    this.#model = model;
    this.#WebSocket = WebSocket;
    this.actors = program.connections.map((plan, on) => new Actor(on, plan, program.reactions));
  }

  /** Runs a step, unless its connection does not exist. */
  perform(step) {
    const actor = this.actors[step.on];
    if (step.do === "make") return actor.reference ? undefined : this.#make(actor);
    if (!actor.ws) return;
    if (step.do === "send") this.#send(actor, step.message);
    else if (step.do === "terminate") this.#terminate(actor, step);
    else if (step.do === "iterate") this.#iterate(actor, step);
    else this.#world.perform(actor, step);
    this.check();
  }

  /** Compares all properties of the connections with the reference. */
  check() {
    if (this.#referee.fault) return;
    for (const { ws, name, reference } of this.actors) {
      if (!ws) continue;
      for (const property of ["status", "bufferedAmount", "protocol"]) {
        const [found, due] = [ws[property], reference[property]];
        if (found !== due) this.#referee.fail(`${name}.${property} is ${show(found)}, not ${show(due)}`);
      }
      this.#countDown(reference);
    }
    this.#checked = this.#world.now();
  }

  /** The violations of the invariants, which are independent of the model. */
  violations() {
    const recorded = this.actors.filter(({ recording, plan }) => recording && plan.hasHandler);
    return recorded.flatMap((actor) =>
      [...violations(actor.recording), ...dropped(actor)].map((what) => `${actor.name}: ${what}`),
    );
  }

  /**
   * When the number of bytes left to be sent falls, the close timeout starts again: after the last check at the
   * earliest. The package may have noticed it then, however long the machine was busy with other things.
   */
  #countDown({ deadline, bufferedAmount }) {
    if (deadline?.buffered === undefined) return;
    if (bufferedAmount < deadline.buffered) deadline.since = Math.max(deadline.since, this.#checked);
    // A host may count its close frame for a moment. The package need not notice it.
    deadline.buffered = Math.min(deadline.buffered, bufferedAmount);
  }

  // --- The application ---

  #make(actor) {
    const { plan } = actor;
    actor.reference = new Reference(this.#model.make(), plan, () => actor.socket, this.#world);
    const { dataType, closeTimeout, connectionTimeout, protocols } = plan;
    const heartbeat = plan.heartbeat && { message: HEARTBEAT, ...plan.heartbeat };
    const members = { dataType, closeTimeout, connectionTimeout, heartbeat, protocols };
    for (const [member, name] of [
      ["onOpen", "open"],
      ["onMessage", "message"],
      ["onError", "error"],
      ["onTerminate", "terminate"],
    ]) {
      members[member] = (ws, event) => this.#called(actor, name, event);
    }
    actor.recording = new Recording(members, (what) => this.#referee.fail(`${actor.name}: ${what}`));
    const make = () =>
      this.#world.connect(actor, (url) => this.#WebSocket.new(url, plan.hasHandler ? actor.recording.handler : null));
    const { value, error } = this.#referee.happens(actor, "new", nothing(), make);
    if (error) return this.#referee.fail(`${actor.name}: new threw ${show(error)}`);
    actor.reference.isReturned = true;
    actor.ws = actor.recording.ws = value;
    this.check();
  }

  #called(actor, callback, event) {
    if (callback === "message" && actor.terminatedAs) this.#referee.fail(`${actor.name}: a message after terminate()`);
    const error = this.#referee.sees(actor, { see: "callback", callback, event }, () => {
      this.check();
      return this.#react(actor, callback);
    });
    if (!error) return;
    this.#referee.throws(error);
    throw error;
  }

  /** Runs the steps of a call. Returns the exception to throw. */
  #react(actor, at) {
    const { steps, throws } = actor.reaction(at);
    for (const step of steps) this.perform(step);
    return throws ? new Error(`thrown in ${at} of ${actor.name}`) : undefined;
  }

  #send(actor, plan) {
    const { message, known, used } = this.#message(actor, plan);
    const { expected, error } = this.#referee.happens(
      actor,
      `${describedStep({ do: "send", on: actor.on, message: plan })}`,
      this.#referee.fault ? undefined : actor.reference.send(known),
      () => actor.ws.send(message),
    );
    used?.();
    if (error === undefined) actor.taken += 1;
    this.#isThrown(actor, "send", error, expected);
  }

  /** An iteration whose messages are never taken. */
  #iterate(actor, step) {
    this.#referee.happens(actor, describedStep(step), undefined, () => actor.ws.messages({ limit: step.limit }));
    actor.reference.iterate(step.limit);
  }

  #terminate(actor, step) {
    const { code, reason = "", isValid, isDispose } = step;
    if (isValid && !actor.terminatedAs && ["Connecting", "Connected"].includes(actor.ws.status)) {
      Object.assign(actor, { terminatedAs: actor.ws.status, closeCode: code ?? 1000 });
    }
    const call = () => {
      if (isDispose) actor.ws[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
      else actor.ws.terminate(code, step.reason);
    };
    const course = this.#referee.fault ? undefined : actor.reference.terminate({ code: code ?? 1000, reason, isValid });
    const { expected, error } = this.#referee.happens(actor, describedStep(step), course, call);
    this.#isThrown(actor, "terminate", error, expected);
  }

  /** Checks that `error` is one of those that are due, or `undefined` if none is due. */
  #isThrown(actor, what, error, due) {
    if (this.#referee.fault) return;
    const isRight =
      error === undefined ? due.length === 0 : error?.name === "WebSocketError" && due.includes(error.errCode);
    if (isRight) return;
    const found = error === undefined ? "nothing" : `${show(error)} (${error?.errCode})`;
    this.#referee.fail(`${actor.name}.${what} threw ${found}, due was ${due.join(" or ") || "nothing"}`);
  }

  /** A planned message: the message, its description for the reference, and a function to call after it was sent. */
  #message(actor, plan) {
    const { kind, text, bytes, value } = plan;
    if (kind === "text" || kind === "plain") {
      const sent = kind === "text" ? text : JSON.stringify(value);
      return { message: kind === "text" ? text : structuredClone(value), known: known("text", sent) };
    }
    if (kind === "bytes") {
      const message = formed(plan);
      // `send()` takes a snapshot: a later change has no effect.
      return { message, known: known("bytes", new Uint8Array(bytes)), used: () => bytesOf(message).fill(0x2a) };
    }
    if (kind === "blob") {
      const blob = this.#world.blob(actor, plan, (read) => this.#referee.sees(actor, { see: "read", blob }, read));
      return { message: blob, known: { kind, blob, size: bytes.length } };
    }
    if (kind === "invalid") return { message: NO_MESSAGES[plan.which], known: { kind } };
    const sent = known("json", JSON.stringify(value));
    return { message: { toJSON: () => this.#toJSON(actor, plan, sent) }, known: sent };
  }

  #toJSON(actor, { steps, result, value }, message) {
    this.#referee.sees(actor, { see: "toJSON", message }, () => {
      for (const step of steps) this.perform(step);
      return result === "value";
    });
    if (result === "throws") throw new Error("thrown in toJSON");
    return result === "value" ? value : undefined;
  }

  // --- The host ---

  /** An event of the host. `dispatch` dispatches it to the package. */
  event(actor, type, event, dispatch) {
    const course = this.#referee.fault || actor.reference.hasEnded ? nothing() : courses[type](actor.reference, event);
    const { error } = this.#referee.happens(actor, `the host's ${type}`, course, dispatch);
    if (error) this.#referee.fail(`${actor.name}: a listener for ${type} threw ${show(error)}`);
    this.check();
  }

  /** A call of the host by the package. `take` does the host's part. Returns the exception that the host throws. */
  call(actor, seen, take) {
    if (seen.see === "send")
      actor.forwarded.push(typeof seen.data === "string" ? seen.data : bytesOf(seen.data).slice());
    return this.#referee.sees(actor, seen, () => {
      const refusal = take();
      return this.#react(actor, seen.see) ?? refusal;
    });
  }

  /** The package adds a listener. */
  listens(actor) {
    this.#react(actor, "listen");
  }
}

const courses = {
  open: (reference, event) => reference.opened(event),
  message: (reference, event) => reference.received(event),
  error: (reference, event) => reference.failed(event),
  close: (reference, event) => reference.ended(event),
};

function* nothing() {}

/** Messages that were dropped silently. While a connection is being opened, `terminate()` discards them. */
function dropped({ taken, forwarded, terminatedAs, recording }) {
  if (terminatedAs === "Connecting") return [];
  const [first] = recording.event("error")?.errors ?? [];
  const reported = +(/(\d+) messages? w(?:as|ere) not sent/.exec(first?.message)?.[1] ?? 0);
  const left = taken - forwarded.length - reported;
  return left > 0 ? [`${left} messages were dropped in silence`] : [];
}

const known = (kind, sent) => ({ kind, sent, size: bytesOf(sent).length });

/** Bytes in a planned form. */
export function formed({ form, bytes }) {
  if (form === "buffer") return new Uint8Array(bytes).buffer;
  if (form === "view") return new Uint8Array(bytes);
  const longer = new Uint8Array([1, 2, ...bytes, 3]).buffer;
  return form === "part" ? new Uint8Array(longer, 2, bytes.length) : new DataView(longer, 2, bytes.length);
}

// Programs on the host's own class and the real server. The events of the host are observed, and the steps of the
// package compared.

import { deepEqual } from "../lib/assert.js";
import { queueMicrotask, replaceGlobals, takeTurns } from "../lib/clock.js";
import { bytesOf, Referee } from "./referee.js";
import { Stage } from "./stage.js";

/** Longer than any wait of a program, and than a host takes to report an end. */
const LIMIT = 12_000;

// The host's own functions, even while they are replaced.
const { setTimeout } = globalThis;
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Paths that read every message before they answer a close frame. */
const READS_ALL = /^\/(echo|sink|text|mixed|fragmented|late|slow-close|size|flood(?!.*close))/;

/** Runs programs at the same time. Returns the fault and the log of each. */
export async function playAll(programs, t, model) {
  const shows = [];
  const restore = follow(shows);
  try {
    const HostClass = globalThis.WebSocket ?? (await import("ws")).default;
    shows.push(...programs.map((program) => new Show(program, t, model, HostClass)));
    await Promise.all(shows.map((show) => show.play()));
    return shows.map(({ referee }) => ({ fault: referee.fault, log: referee.log }));
  } finally {
    restore();
  }
}

/** Observes the microtasks and timers of the package. All others are unchanged. */
function follow(shows) {
  const undoTurns = takeTurns((callback) => {
    const asked = shows.find((show) => show.expectsTurn);
    if (!asked) return queueMicrotask(callback);
    asked.pending += 1;
    queueMicrotask(() => {
      asked.pending -= 1;
      asked.referee.turn(callback);
    });
  });
  const undoGlobals = replaceGlobals({
    setTimeout(callback, milliseconds, ...args) {
      if (isAside) return setTimeout(callback, milliseconds, ...args);
      // For a Blob that was read, the connection is unknown.
      const asked = shows.find(({ referee }) => referee.running) ?? shows.find((show) => show.hasSettled);
      if (!asked) return setTimeout(callback, milliseconds, ...args);
      const actors = asked.referee.running ?? asked.actors;
      return setTimeout(() => asked.tick(actors, callback), milliseconds);
    },
  });
  return () => {
    undoGlobals();
    undoTurns();
  };
}

let isAside = false;

/** Runs the host's own code, whose timers are not the package's. */
function aside(run) {
  const before = isAside;
  isAside = true;
  try {
    return run();
  } finally {
    isAside = before;
  }
}

class Show {
  referee = new Referee(
    () => performance.now(),
    () => this.actors,
  );
  /** Microtasks that the package has queued and that have not run. */
  pending = 0;
  #stage;
  #program;
  #trial;
  #HostClass;

  constructor(program, trial, model, HostClass) {
    this.#program = program;
    this.#trial = trial;
    this.#HostClass = HostClass;
    this.#stage = new Stage({ program, referee: this.referee, model, WebSocket: trial.WebSocket, world: this });
  }

  get actors() {
    return this.#stage.actors;
  }

  get expectsTurn() {
    return this.referee.turns > this.pending;
  }

  /** A Blob was read that a connection waits for. One that has ended ignores it. */
  get hasSettled() {
    return this.actors.some(({ settled, reference }) => settled && !reference.hasEnded);
  }

  tick(actors, callback) {
    this.referee.tick(actors, callback);
    this.#stage.check();
  }

  async play() {
    for (const steps of this.#program.turns) {
      for (const step of steps) {
        if (this.referee.fault) break;
        if (step.do === "pause") await (step.by === undefined ? undefined : sleep(step.by));
        else this.#stage.perform(step);
      }
    }
    await this.#endAll();
    for (const breach of this.#stage.violations()) this.referee.fail(breach);
    for (const actor of this.actors)
      await this.#compareArrived(actor).catch(({ message }) => this.referee.fail(message));
  }

  // --- The world of the stage ---

  now() {
    return performance.now();
  }

  soon(...turn) {
    this.referee.soon(...turn);
  }

  connect(actor, make) {
    const [stage, HostClass] = [this.#stage, this.#HostClass];
    class Host extends Seen {
      constructor(...args) {
        super(
          actor,
          stage,
          aside(() => new HostClass(...args)),
        );
      }
    }
    const restore = replaceGlobals({ WebSocket: Host });
    const { path } = actor.plan;
    try {
      return make(path === "refused" ? this.#trial.refused : (actor.url = this.#trial.url(path)));
    } finally {
      restore();
    }
  }

  perform(actor, step) {
    if (step.do === "drop") actor.drop();
    else globalThis.gc?.();
  }

  blob(actor, { bytes, fails }, sees) {
    const blob = new Blob([new Uint8Array(bytes)]);
    const read = fails
      ? () => Promise.reject(new Error("the file is gone"))
      : () => Blob.prototype.arrayBuffer.call(blob);
    blob.arrayBuffer = async () => {
      sees(() => {});
      try {
        const buffer = await read();
        actor.settled = { bytes: buffer };
        return buffer;
      } catch (fault) {
        actor.settled = { fault };
        throw fault;
      }
    };
    return blob;
  }

  // --- The end ---

  /** Ends all open connections, and waits for their ends. */
  async #endAll() {
    const isRunning = ({ recording }) => recording && !recording.hasEnded;
    for (const actor of this.actors.filter(isRunning)) {
      if (actor.regain()) this.#stage.perform({ do: "terminate", on: actor.on, isValid: true });
      else this.referee.fail(`${actor.name} was collected while it was open`);
    }
    const deadline = performance.now() + LIMIT;
    while (this.actors.some(isRunning) && performance.now() < deadline) await sleep(5);
    if (!this.referee.fault) this.referee.atRest();
    for (const actor of this.actors.filter(isRunning))
      this.referee.fail(`${actor.name} (${actor.plan.path}) does not end`);
  }

  /** Checks that the server received every message of a regularly ended connection, in order. */
  async #compareArrived({ name, plan, url, forwarded, recording, terminatedAs, closeCode }) {
    if (this.referee.fault || !recording) return;
    const end = recording.event("terminate");
    // The server has answered the close frame.
    const isWhole = terminatedAs === "Connected" && end.code === closeCode && !recording.event("error");
    if (!isWhole || !READS_ALL.test(plan.path)) return;
    const key = new URL(url).searchParams.get("key");
    const due = forwarded.map((data) => (typeof data === "string" ? wellFormed(data) : { hex: hex(data) }));
    deepEqual(await this.#trial.arrived(key), due, `${name}: what arrived at ${plan.path}`);
  }
}

const hex = (data) => Array.from(bytesOf(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
const wellFormed = (text) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** The host's own connection, observed from both sides. */
class Seen {
  #actor;
  #stage;
  #socket;
  #listeners = new Map();

  constructor(actor, stage, socket) {
    this.#actor = actor;
    this.#stage = stage;
    this.#socket = socket;
    if (socket.terminate) this.terminate = () => aside(() => socket.terminate());
    actor.socket = this;
  }

  get readyState() {
    return this.#socket.readyState;
  }

  get bufferedAmount() {
    return this.#socket.bufferedAmount;
  }

  get protocol() {
    return this.#socket.protocol;
  }

  get binaryType() {
    return this.#socket.binaryType;
  }

  set binaryType(value) {
    this.#socket.binaryType = value;
  }

  addEventListener(type, listener) {
    const [actor, stage] = [this.#actor, this.#stage];
    const observed = (event) => stage.event(actor, type, event, () => listener(event));
    this.#listeners.set(listener, observed);
    this.#socket.addEventListener(type, observed);
  }

  removeEventListener(type, listener) {
    this.#socket.removeEventListener(type, this.#listeners.get(listener));
    this.#listeners.delete(listener);
  }

  send(data) {
    const refusal = this.#stage.call(this.#actor, { see: "send", data }, () => thrownBy(() => this.#socket.send(data)));
    if (refusal) throw refusal;
  }

  close(code, reason) {
    const close = () => thrownBy(() => this.#socket.close(code, reason));
    const refusal =
      this.readyState >= 2 ? close() : this.#stage.call(this.#actor, { see: "close", code, reason }, close);
    if (refusal) throw refusal;
  }
}

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
}

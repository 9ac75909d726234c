// Programs on doubles. The doubles do everything that a program requests, in any order. The program controls the clock.
// A seed has the same result on every host, to the last step.

import { show } from "../lib/assert.js";
import { Clock, replaceGlobals } from "../lib/clock.js";
import { Referee } from "./referee.js";
import { formed, Stage } from "./stage.js";

/** The number of microtasks of the host until a promise is reported. */
const PROMISE = 5;
/** Longer than any wait of a program. */
const FOR_EVER = 60_000;

/** Runs a program. Returns its fault, and its log. */
export async function play(program, { WebSocket, model }) {
  const script = new Script(program, WebSocket, model);
  const restore = script.clock.setUp();
  try {
    await script.play();
  } finally {
    restore();
  }
  return { fault: script.referee.fault, log: script.referee.log };
}

class Script {
  clock = new Clock(() => this.referee.running ?? this.#stage.actors);
  referee = new Referee(
    () => this.clock.now,
    () => this.#stage.actors,
  );
  #stage;
  #program;

  constructor(program, WebSocket, model) {
    this.#program = program;
    this.#stage = new Stage({ program, referee: this.referee, model, WebSocket, world: this });
  }

  async play() {
    for (const [at, steps] of this.#program.turns.entries()) {
      this.referee.note(undefined, `turn ${at}`);
      for (const step of steps) {
        if (step.do === "advance") await this.#advance(step.by, step.isJump);
        else this.#stage.perform(step);
      }
      await this.#rest();
      if (this.referee.fault) return;
    }
    await this.#endAll();
    for (const breach of this.#stage.violations()) this.referee.fail(breach);
  }

  // --- The world of the stage ---

  now() {
    return this.clock.now;
  }

  soon(...turn) {
    this.referee.soon(...turn);
  }

  surfaces(numbers) {
    this.referee.surfaces(numbers);
  }

  connect(actor, make) {
    const stage = this.#stage;
    class Host extends Double {
      constructor() {
        super(actor, stage);
      }
    }
    const restore = replaceGlobals({ WebSocket: Host });
    try {
      return make("ws://double.test/");
    } finally {
      restore();
    }
  }

  perform(actor, step) {
    const { socket } = actor;
    switch (step.do) {
      case "open":
        return socket.dispatch("open", {}, 1);
      case "message":
        return socket.dispatch("message", { data: this.#data(actor, step.data) });
      case "error":
        return socket.dispatch("error", { message: step.text });
      case "close":
        return socket.dispatch("close", { code: step.code, reason: step.reason, wasClean: step.code !== 1006 }, 3);
      case "closing":
        if (actor.reference.status === "Connected") socket.readyState = 2;
        return;
      case "buffered":
        // A host that accepts no more data has no more to write.
        socket.bufferedAmount = Math.min(step.bytes, actor.reference.deadline ? socket.bufferedAmount : Infinity);
        return;
      case "settle":
        return actor.reading.shift()?.();
    }
  }

  blob(actor, { bytes, fails }, sees) {
    return Object.assign(new Blob([new Uint8Array(bytes)]), {
      arrayBuffer: () => {
        sees(() => {});
        return new Promise((resolve, reject) => {
          actor.reading.push(() => {
            const [buffer, fault] = [new Uint8Array(bytes).buffer, new Error("the file is gone")];
            actor.settled = fails ? { fault } : { bytes: buffer };
            if (fails) reject(fault);
            else resolve(buffer);
          });
        });
      },
    });
  }

  /** A message in the host's type. */
  #data({ socket }, data) {
    if (data.kind === "text") return data.text;
    return socket.binaryType === "blob" ? new Blob([new Uint8Array(data.bytes)]) : formed(data);
  }

  // --- Time ---

  /** Runs all microtasks. */
  async #rest() {
    do {
      while (this.clock.turns.length > 0) {
        this.referee.turn(this.clock.turns.shift());
        this.#stage.check();
      }
      if (this.#stage.actors.some(({ settled }) => settled)) {
        for (let turn = 0; turn < PROMISE; turn++) await undefined;
      }
      if (this.clock.turns.length === 0) this.referee.atRest();
    } while (this.clock.turns.length > 0 && !this.referee.fault);
    this.#stage.check();
    const hasEnded = ({ reference }) => reference?.hasEnded ?? true;
    const late = this.clock.timers.find(({ owners }) => owners.every(hasEnded));
    if (late) this.referee.fail(`${late.owners.map(({ name }) => name)}: a timer goes on after the end`);
  }

  async #advance(by, isJump) {
    await this.#rest();
    const time = this.clock.now + by;
    // The machine slept: every timer is late.
    if (isJump) this.clock.now = time;
    for (let timer; (timer = this.clock.next(time)) && !this.referee.fault; ) {
      this.#stage.check();
      this.referee.tick(timer.owners, timer.callback);
      this.#stage.check();
      await this.#rest();
    }
    this.#stage.check();
  }

  /** `terminate()` and time end every connection, even if the host omits events. */
  async #endAll() {
    this.referee.note(undefined, "the end of the program");
    for (const { on, ws } of this.#stage.actors) {
      if (ws) this.#stage.perform({ do: "terminate", on, isValid: true });
    }
    await this.#rest();
    const { now } = this.clock;
    await this.#advance(FOR_EVER, false);
    if (this.referee.fault) return;
    for (const { name, ws } of this.#stage.actors) {
      if (ws && ws.status !== "Closed") this.referee.fail(`${name} is ${show(ws.status)} for ever, from ${now} ms on`);
    }
  }
}

/** A host's connection that follows a program. */
class Double {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  #listeners = { open: new Set(), message: new Set(), error: new Set(), close: new Set() };
  #actor;
  #stage;

  constructor(actor, stage) {
    this.#actor = actor;
    this.#stage = stage;
    this.protocol = actor.plan.protocol;
    actor.socket = this;
  }

  addEventListener(type, listener) {
    this.#listeners[type].add(listener);
    if (type === "close") this.#stage.listens(this.#actor);
  }

  removeEventListener(type, listener) {
    this.#listeners[type].delete(listener);
  }

  /** Dispatches an event to the listeners, in a state. */
  dispatch(type, event, readyState = 0) {
    this.readyState = Math.max(this.readyState, readyState);
    this.#stage.event(this.#actor, type, event, () => {
      for (const listener of [...this.#listeners[type]]) listener({ type, ...event });
    });
  }

  send(data) {
    const refusal = this.#stage.call(this.#actor, { see: "send", data }, () => {});
    if (refusal) throw refusal;
  }

  close(code, reason) {
    if (this.readyState >= 2) return;
    const refusal = this.#stage.call(this.#actor, { see: "close", code, reason }, () => {
      this.readyState = 2;
    });
    if (refusal) throw refusal;
  }
}

// Random programs on one connection that comes back: the source, the host's connections, the timers, the network and
// the application do what a seed determines. Each step is compared with the package's own state machine.

import { replaceGlobals, takeTurns, queueMicrotask as turn } from "../lib/clock.js";
import { Surroundings } from "../lib/network.js";
import { Random } from "./random.js";

const URL = "ws://double.test/";

/** The durations of the handler, by which a timer is recognised. The machine ignores those of a connection. */
const STABLE = 7001;
const TIMEOUT = 7002;
const CLOSING = 7003;
const OF_CONNECTION = [CLOSING, 50];

/** The frequencies of the next steps. */
const STEPS = {
  answer: 8,
  reject: 3,
  invalid: 0.2,
  open: 8,
  message: 2,
  end: 5,
  fail: 2,
  timer: 8,
  send: 4,
  retryNow: 2,
  restart: 1,
  online: 1.5,
  visible: 1.5,
  terminate: 0.4,
};

/** The actions of the application in a callback, and in its source. */
const REACTIONS = { nothing: 20, send: 3, retryNow: 1, restart: 1, terminate: 0.3 };
const DECISIONS = { nothing: 8, delay: 3, stop: 0.3 };

/** Plays the program of a seed. Returns the first difference, `undefined` if there is none, and what happened. */
export async function comeBack(seed, world) {
  const play = new Play(seed, world);
  await play.run();
  return { fault: play.fault, log: play.log };
}

class Host extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";

  constructor(play) {
    super();
    this.play = play;
    play.see("open");
    play.host = this;
  }

  emit(type, members = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }

  send(data) {
    const due = this.play.leaving.shift();
    if (due !== data) this.play.fail(`the host got ${data}, due was ${due}`);
  }

  close() {
    this.readyState = 2;
  }
}

class Play {
  fault;
  log = [];
  /** The actions of the machine that have to show next. */
  due = [];
  /** The host's connection of the current attempt, and its object. */
  host;
  /** The messages that wait, and those that have to reach the host now. */
  queue = [];
  leaving = [];
  #random;
  #machine;
  #t;
  #sourceCall;
  #timers = [];
  #now = 0;
  #ids = 0;
  #sent = 0;

  constructor(seed, { t, model }) {
    this.#random = new Random(seed);
    this.#t = t;
    this.maxAttempts = this.#random.pick([1, 2, 3, 5, 20]);
    this.#machine = model.makeSupervisor(this.maxAttempts);
  }

  async run() {
    const { random } = Math;
    const play = this;
    const undo = [];
    this.surroundings = new Surroundings({ atTheEnd: (restore) => undo.push(restore) });
    undo.push(
      this.#t.replaceHostClass(
        class extends Host {
          constructor() {
            super(play);
          }
        },
      ),
      replaceGlobals({
        setTimeout: (callback, milliseconds) => this.#start(callback, milliseconds),
        clearTimeout: (id) => (this.#timers = this.#timers.filter((timer) => timer.id !== id)),
        performance: { now: () => this.#now },
      }),
      takeTurns((callback) => {
        turn(() => {
          // Only the supervisor's own turns mean anything to the machine. While one is due, there is no other.
          this.#input("turn");
          callback();
        });
      }),
      () => (Math.random = random),
    );
    Math.random = () => this.#random.next();
    try {
      this.#begin();
      for (let step = 0; step < 60 && !this.fault && !this.isOver; step++) await this.#step();
      for (let step = 0; step < 30 && !this.fault && !this.isOver; step++) await this.#finish();
      if (!this.isOver) this.fail("it does not stop");
      this.#checkRest();
    } catch (error) {
      this.fail(`${error?.stack ?? error}`);
    } finally {
      for (const restore of undo.reverse()) restore();
      if (!this.isOver) this.socket?.terminate();
    }
  }

  #begin() {
    const retry = { firstDelay: 3000, maxDelay: 9000, stableAfter: STABLE, maxAttempts: this.maxAttempts };
    const callback = (name) => (target, event) => this.#called(name, target, event);
    const handler = { retry, closeTimeout: CLOSING, connectionTimeout: TIMEOUT };
    for (const name of ["onOpen", "onMessage", "onError", "onTerminate", "onRetry", "onStop"])
      handler[name] = callback(name);
    const source = (attempt, signal) => this.#source(attempt, signal);
    this.socket = this.#t.host.ReconnectingWebSocket.new(source, handler);
    this.note("new");
  }

  // --- The application ---

  #source(attempt, signal) {
    this.see("ask");
    this.note(`source ${attempt}`);
    if (attempt !== this.#machine.attempt()) this.fail(`the source got ${attempt}`);
    this.host = undefined;
    const sourceCall = { signal, isPending: true };
    this.#sourceCall = sourceCall;
    signal.addEventListener("abort", () => {
      this.see("abort");
      sourceCall.isPending = false;
    });
    const answer = new Promise((resolve, reject) => Object.assign(sourceCall, { resolve, reject }));
    this.#react();
    return answer;
  }

  #called(name, target, event) {
    this.note(`→ ${name} ${JSON.stringify({ ...event, data: undefined })}`);
    if (name === "onRetry" || name === "onStop") return this.#socketCallback(name, event);
    this.ws = target;
    if (name === "onOpen") {
      this.#input("connection opened");
      if (this.leaving.length > 0) this.fail(`${this.leaving} did not leave before onOpen`);
    }
    this.#check(name);
    this.#react();
    if (name === "onTerminate") {
      this.ws = undefined;
      this.host = undefined;
      this.#hasEnded = true;
    }
  }

  #socketCallback(name, event) {
    if (name === "onStop") {
      this.see("stop");
      this.isOver = true;
      if (event.attempts !== this.#machine.failed()) this.fail(`${event.attempts} attempts in onStop`);
      if (event.unsent.join() !== this.queue.join()) this.fail(`unsent is ${event.unsent}, not ${this.queue}`);
      this.queue = [];
      this.#check(name);
      return;
    }
    this.see("retry");
    if (event.attempt !== this.#machine.attempt()) this.fail(`attempt ${event.attempt} in onRetry`);
    if (event.waiting !== this.queue.length) this.fail(`${event.waiting} messages wait, not ${this.queue.length}`);
    this.#check(name);
    this.#react();
    const decision = this.#random.weighted(DECISIONS);
    this.#input(decision === "stop" ? "decided to stop" : "decided");
    return { nothing: undefined, delay: 1234, stop: false }[decision];
  }

  #react() {
    const reaction = this.#random.weighted(REACTIONS);
    if (reaction !== "nothing" && this.socket) this.#do[reaction]();
  }

  #do = {
    send: () => {
      const message = `m${++this.#sent}`;
      const isOpen = this.host?.readyState === 1 && this.ws?.status === "Connected" && !this.#isEnding();
      this.note(`send ${message}${isOpen ? " at once" : ""}`);
      if (isOpen) this.leaving.push(message);
      let error;
      try {
        this.socket.send(message);
      } catch (thrown) {
        error = thrown;
      }
      if ((error !== undefined) !== this.#isEnding()) this.fail(`send threw ${error}`);
      if (!error && !isOpen) this.queue.push(message);
    },
    retryNow: () => {
      this.note("retryNow()");
      this.#input("retry now");
      this.socket.retryNow();
    },
    terminate: () => {
      this.note("terminate()");
      this.#input("terminate");
      this.due = this.due.filter((action) => action !== "end");
      this.socket.terminate();
    },
    restart: () => {
      if (!this.socket.current) return;
      this.note("terminate() of the connection");
      this.socket.current.terminate();
    },
  };

  #isEnding() {
    return ["Closing", "Closed"].includes(this.#machine.status());
  }

  // --- What happens ---

  async #step() {
    const state = this.host?.readyState;
    const isPending = this.#sourceCall?.isPending === true;
    const possible = {
      answer: isPending,
      reject: isPending,
      invalid: isPending,
      open: state === 0,
      message: state === 1,
      end: state < 3,
      fail: state < 3,
      timer: this.#timers.length > 0,
    };
    const weights = Object.entries(STEPS).filter(([name]) => possible[name] ?? true);
    await this.#perform(this.#random.weighted(Object.fromEntries(weights)));
  }

  /** Lets everything end. */
  async #finish() {
    await this.#perform("terminate");
    if (this.host && this.host.readyState < 3) await this.#perform("end");
    if (this.#timers.length > 0) await this.#perform("timer");
  }

  async #perform(name) {
    this.note(`# ${name}`);
    if (this.#do[name]) this.#do[name]();
    else this[`_${name}`]();
    await this.#settle();
    if (this.due.length > 0) this.fail(`${this.due} did not come`);
    if (!this.isOver) this.#check(name);
  }

  _answer() {
    this.#sourceCall.isPending = false;
    this.#input("answered");
    this.#sourceCall.resolve(URL);
  }

  _reject() {
    this.#sourceCall.isPending = false;
    this.#sourceCall.reject(new Error("no ticket"));
    this.#input("source failed");
  }

  _invalid() {
    this.#sourceCall.isPending = false;
    this.#input("answered");
    this.due = [];
    this.#sourceCall.resolve("http://no.test/");
    this.#input("refused");
  }

  _open() {
    this.host.readyState = 1;
    // The connection may be closing already.
    if (this.socket.current?.status === "Connecting") this.leaving.push(...this.queue.splice(0));
    this.host.emit("open");
  }

  _message() {
    this.host.emit("message", { data: "hello" });
  }

  _end() {
    const { host } = this;
    host.readyState = 3;
    const code = this.#random.pick([1000, 1001, 1005, 1006, 4000]);
    host.emit("close", { code, reason: "", wasClean: code !== 1006 });
  }

  _fail() {
    const { host } = this;
    host.readyState = 3;
    host.emit("error", { message: "broken" });
    host.emit("close", { code: 1006, reason: "", wasClean: false });
  }

  _timer() {
    const timer = this.#timers.shift();
    this.#now = Math.max(this.#now, timer.due);
    const isOfConnection = OF_CONNECTION.includes(timer.milliseconds) || timer.isOfConnection;
    const isClosing = this.socket.current && this.socket.current.status !== "Connected";
    if (!isOfConnection && !isClosing) this.#input(this.surroundings.isOnline ? "elapsed" : "elapsed offline");
    timer.callback();
  }

  _online() {
    if (this.surroundings.isOnline) this.surroundings.isOnline = false;
    else {
      const listens = this.surroundings.listeners > 0;
      if (listens) this.#input("online");
      this.surroundings.comeBack();
    }
  }

  _visible() {
    this.surroundings.visibilityState = "visible";
    if (this.surroundings.listeners > 0) this.#input("visible");
    this.surroundings.dispatch("visibilitychange");
  }

  /** Lets all promises and microtasks run. None of them needs a timer. */
  async #settle() {
    for (let round = 0; round < 20; round++) await undefined;
  }

  #start(callback, milliseconds) {
    const isOfConnection = milliseconds === TIMEOUT && this.host !== undefined;
    const timer = { id: ++this.#ids, callback, milliseconds, due: this.#now + milliseconds, isOfConnection };
    const after = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer);
    return timer.id;
  }

  // --- The comparison ---

  /** Steps the machine. Its actions have to show, except those that cannot be seen. */
  #input(name) {
    this.#resume();
    if (this.fault) return;
    const actions = this.#machine.step(name);
    if (actions.length > 0) this.note(`  ${name}: ${actions.join(", ")}`);
    for (const action of actions) {
      if (action === "fail") this.#failsLater = true;
      else if (VISIBLE.includes(action)) this.due.push(action);
    }
  }

  /** An action of the machine shows. */
  see(action) {
    this.#resume();
    this.note(`→ ${action}`);
    if (this.fault) return;
    const due = this.due.shift();
    if (due !== action) this.fail(`${action} came, due was ${due ?? "nothing"}`);
    // The source has failed when its signal is aborted.
    if (action === "abort" && this.#failsLater) {
      this.#failsLater = false;
      this.#input("source failed");
    }
  }

  #failsLater = false;
  /** The callback for the end of the connection is returning. The machine continues after it. */
  #hasEnded = false;

  #resume() {
    if (!this.#hasEnded) return;
    this.#hasEnded = false;
    this.#input("connection ended");
  }

  #check(where) {
    if (this.fault) return;
    const { socket } = this;
    const expected = this.#machine.status(socket.current?.status);
    if (socket.status !== expected) this.fail(`the status is ${socket.status} after ${where}, not ${expected}`);
  }

  #checkRest() {
    if (this.fault) return;
    const own = this.#timers.filter(({ milliseconds }) => !OF_CONNECTION.includes(milliseconds));
    if (own.length > 0) this.fail(`${own.length} timers are left`);
    if (this.surroundings.listeners > 0) this.fail(`${this.surroundings.listeners} listeners are left`);
  }

  fail(what) {
    if (this.fault) return;
    this.fault = what;
    this.log.push(`*** ${what}`);
  }

  note(what) {
    this.log.push(what);
  }
}

/** The actions that can be seen. */
const VISIBLE = ["ask", "abort", "open", "retry", "stop"];

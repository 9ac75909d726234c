// The `t` of every case: the server, connections, and replacements of the host's globals.

import * as assertions from "./assert.js";
import { violations } from "./invariants.js";
import { Journal } from "./journal.js";
import { Recording } from "./recording.js";

/** Waits for a macrotask. Pending events of the host are dispatched before it. */
export const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Awaits `promise`, and fails after a time limit. */
export async function within(milliseconds, promise, message) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new assertions.Failed(message())), milliseconds);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

let keys = 0;

/** One run of one case. */
export class Trial {
  /** Uncaught exceptions, in order. */
  uncaught = [];
  #allowsUncaught = false;
  #recordings = [];
  #journals = [];
  #late = [];
  #endings = [];
  #server;

  constructor(name, { WebSocket, server, given, host, only }) {
    this.name = name;
    /** The number of the variant that the case runs. */
    this.only = only;
    this.WebSocket = WebSocket;
    this.given = given;
    this.host = host;
    this.#server = server.replace(/\/$/, "");
    Object.assign(this, assertions);
  }

  // --- The server ---

  /** The address of the server's files. */
  get http() {
    return this.#server;
  }

  /** The address of a path of the test server, with a unique key. */
  url(path) {
    const url = new URL(path, this.#server.replace(/^http/, "ws"));
    const random = Math.random().toString(36).slice(2);
    url.searchParams.append("key", `${random}-${++keys}`);
    return url.href;
  }

  /** The path that sends the frames of a script, see paths.txt. */
  script(...frames) {
    return `/script?frames=${encodeURIComponent(JSON.stringify(frames))}`;
  }

  /** The server's record of a connection that has ended, by its key or recording. */
  async seen(connection, wait = 15_000) {
    const response = await fetch(`${this.#server}/seen?key=${connection.key ?? connection}&wait=${wait}`);
    return response.json();
  }

  /** The action of the server's proxy on a connection, once it is done or the connection has ended. */
  async reached({ key }) {
    const response = await fetch(`${this.#server}/seen?key=${key}&reached`);
    return response.json();
  }

  /** The action of the server's proxy for a seed, at an offset up to `within`. */
  async plan(seed, within) {
    const response = await fetch(`${this.#server}/plan?seed=${seed}&within=${within}`);
    return response.json();
  }

  /** The messages that the server received: texts as strings, binary messages as `{ hex }`. */
  async arrived(connection) {
    const { frames } = await this.seen(connection);
    return frames
      .filter(({ opcode }) => opcode === "text" || opcode === "binary")
      .map(({ opcode, data, hex }) => (opcode === "text" ? data : { hex }));
  }

  /** An address of this machine without a listener. Its port is outside the range of ephemeral ports. */
  get refused() {
    return "ws://127.0.0.1:20777/";
  }

  // --- Connections ---

  /** Opens a connection to a path of the server, or a `ws:` address, with a handler that records everything. */
  open(path, members = {}, Class = this.WebSocket) {
    const recording = this.record(members);
    recording.ws = Class.new(this.#address(path), recording.handler);
    return recording;
  }

  /** A recording for a connection that the case opens. The case sets it as `ws`. */
  record(members = {}) {
    const recording = new Recording(members, (what) => this.#isLate(what));
    this.#recordings.push(recording);
    return recording;
  }

  /** A connection that comes back, with a handler that records everything. The source is a path, an address, or a
      function. By default, there is no delay before a retry. */
  reconnect(source, members = {}, Class = this.host.ReconnectingWebSocket) {
    const journal = this.journal(members);
    journal.socket = Class.new(typeof source === "function" ? source : this.#address(source), journal.handler);
    return journal;
  }

  /** A recording for a connection that comes back, which the case opens. The case sets it as `socket`. */
  journal(members = {}) {
    const journal = new Journal({ retry: { firstDelay: 0 }, ...members }, (what) => this.#isLate(what));
    this.#journals.push(journal);
    return journal;
  }

  #address(path) {
    return /^wss?:/.test(path) ? path : this.url(path);
  }

  /** Opens a connection that fails before it is open, and checks the invariants of such failures. */
  async failsToOpen(path, members) {
    const connection = this.open(path, members);
    const { code, reason } = await connection.terminated;
    this.equal(connection.sequence(), "error terminate", "the sequence");
    this.equal(code, 1006, "the code");
    this.equal(reason, "", "the reason");
    return connection;
  }

  /** Waits for the end of a connection and checks its callbacks and code. */
  async ends(connection, sequence, code) {
    const event = await connection.terminated;
    this.equal(connection.sequence(), sequence, "the sequence");
    this.equal(event.code, code, "the code");
    return event;
  }

  /** WeakRefs of the object and the handler of an ended connection, and its code. Nothing else refers to them. */
  ended(path, callbacks = {}, setUp = () => {}) {
    return new Promise((resolve) => {
      const handler = {
        ...callbacks,
        onTerminate(ws, { code }) {
          resolve({ refs: [new WeakRef(ws), new WeakRef(this)], code });
        },
      };
      setUp(this.WebSocket.new(/^ws:/.test(path) ? path : this.url(path), handler), handler);
    });
  }

  /** Opens and awaits as many connections at a time as the host supports. */
  async inBatches(items, run, size = this.host.takesMany ? 64 : 8) {
    for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(run));
  }

  // --- Globals of the host ---

  /** Replaces the host's class until the case is over. */
  replaceHostClass(double) {
    const original = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    Object.defineProperty(globalThis, "WebSocket", { value: double, configurable: true, writable: true });
    const restore = () => {
      if (original) Object.defineProperty(globalThis, "WebSocket", original);
      else delete globalThis.WebSocket;
    };
    this.#endings.push(restore);
    return restore;
  }

  /** Calls a function when the case is over. */
  atTheEnd(restore) {
    this.#endings.push(restore);
  }

  /** Allows uncaught exceptions in this case. They fail other cases. */
  expectUncaught() {
    this.#allowsUncaught = true;
  }

  /** Waits until `condition` holds. The limit of the case is the limit of the wait. */
  async until(condition) {
    for (;;) {
      const value = await condition();
      if (value) return value;
      await turn();
    }
  }

  turn() {
    return turn();
  }

  sleep(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  /** Collects garbage until every one of the WeakRefs is empty, or fails. */
  async collected(refs, what = "the object") {
    let left = refs;
    for (let round = 0; round < 50; round++) {
      await turn();
      globalThis.gc();
      left = left.filter((ref) => ref.deref() !== undefined);
      if (left.length === 0) return;
    }
    this.equal(left.length, 0, `the number of ${refs.length} (${what}) that are left`);
  }

  /** The bytes of a Blob, buffer or view in hexadecimal. */
  async hex(data) {
    const buffer = typeof data.arrayBuffer === "function" ? await data.arrayBuffer() : data;
    return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // --- After the case ---

  /** Ends open connections and restores replaced globals. Returns the violations of the invariants. */
  async finish() {
    const opened = this.#recordings.filter(({ ws }) => ws !== undefined);
    const started = this.#journals.filter(({ socket }) => socket !== undefined);
    const found = await this.#endAll(opened, started).catch((error) => [error.message]);
    for (const undo of this.#endings.reverse()) undo();
    // A callback after the end would be called during this wait.
    await turn();
    await turn();
    found.push(...opened.filter(({ hasEnded }) => hasEnded).flatMap(violations), ...this.#late);
    found.push(...started.filter(({ hasStopped }) => hasStopped).flatMap((journal) => journal.violations()));
    if (!this.#allowsUncaught) found.push(...this.uncaught.map((error) => `uncaught ${assertions.show(error)}`));
    return [...new Set(found)];
  }

  async #endAll(opened, started) {
    for (const { ws, hasEnded } of opened) if (!hasEnded) ws.terminate();
    for (const { socket, hasStopped } of started) if (!hasStopped) socket.terminate();
    const ends = Promise.all([...opened.map(({ terminated }) => terminated), ...started.map(({ stopped }) => stopped)]);
    await within(15_000, ends, () => `a connection goes on 15 s after terminate(): ${this}`);
    return [];
  }

  /** Also throws: a callback after the end of its case fails the case that runs then. */
  #isLate(what) {
    this.#late.push(what);
    throw new assertions.Failed(`${this.name}: ${what}`);
  }

  toString() {
    return [...this.#recordings, ...this.#journals].map(String).join("; ") || "nothing";
  }
}

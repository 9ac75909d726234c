// What a case is given to work with: the `t` of every case.

import * as assertions from "./assert.js";
import { breaches } from "./law.js";
import { Recording } from "./recording.js";

/** A macrotask turn: whatever the host has ready comes before it. */
export const turn = () => new Promise((resolve) => setTimeout(resolve));

/** What `promise` gives, or a failure if it takes longer. */
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
  /** What was thrown and nobody caught, in order. */
  uncaught = [];
  #allowsUncaught = false;
  #recordings = [];
  #late = [];
  #endings = [];
  #server;

  constructor(name, { WebSocket, server, given, host, only }) {
    this.name = name;
    /** The one of its numbers that a case is to run. */
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

  /** The address of a path of the test server, with a key of its own. */
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

  /** What the server saw of a connection, by its key or recording, once that has ended. */
  async seen(connection, wait = 15_000) {
    const response = await fetch(`${this.#server}/seen?key=${connection.key ?? connection}&wait=${wait}`);
    return response.json();
  }

  /** What the server's proxy does to a connection, once it has done it or the connection has ended. */
  async reached({ key }) {
    const response = await fetch(`${this.#server}/seen?key=${key}&reached`);
    return response.json();
  }

  /** What the server's proxy does for a seed, at an offset up to `within`. */
  async plan(seed, within) {
    const response = await fetch(`${this.#server}/plan?seed=${seed}&within=${within}`);
    return response.json();
  }

  /** The messages the server got: a text as it is, a binary one as `{ hex }`. */
  async arrived(connection) {
    const { frames } = await this.seen(connection);
    return frames
      .filter(({ opcode }) => opcode === "text" || opcode === "binary")
      .map(({ opcode, data, hex }) => (opcode === "text" ? data : { hex }));
  }

  /** An address of this machine where nobody listens: outside of what systems give out by themselves. */
  get refused() {
    return "ws://127.0.0.1:20777/";
  }

  // --- Connections ---

  /** Opens a connection to a path of the server, or a `ws:` address, with a handler that notes everything. */
  open(path, members = {}, Class = this.WebSocket) {
    const recording = this.record(members);
    recording.ws = Class.new(/^wss?:/.test(path) ? path : this.url(path), recording.handler);
    return recording;
  }

  /** A recording whose connection the case opens itself, and then sets as its `ws`. */
  record(members = {}) {
    const recording = new Recording(members, (what) => this.#isLate(what));
    this.#recordings.push(recording);
    return recording;
  }

  /** Opens a connection that is to fail before it is open, and checks what every such failure has in common. */
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

  /** WeakRefs of the object and the handler of a connection that has ended, of which nothing else is kept, and the
      code it ended with. */
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

  /** Opens and awaits as many connections at a time as the host takes. */
  async inBatches(items, run, size = this.host.takesMany ? 64 : 8) {
    for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(run));
  }

  // --- The world around ---

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

  /** The case means to have exceptions uncaught; without this they fail it. */
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

  /** Ends what is still open and undoes what was replaced, then gives what broke the law. */
  async finish() {
    const opened = this.#recordings.filter(({ ws }) => ws !== undefined);
    const found = await this.#endAll(opened).catch((error) => [error.message]);
    for (const undo of this.#endings) undo();
    // A callback after the end would come now.
    await turn();
    await turn();
    found.push(...opened.filter(({ hasEnded }) => hasEnded).flatMap(breaches), ...this.#late);
    if (!this.#allowsUncaught) found.push(...this.uncaught.map((error) => `uncaught ${assertions.show(error)}`));
    return [...new Set(found)];
  }

  async #endAll(opened) {
    for (const { ws, hasEnded } of opened) if (!hasEnded) ws.terminate();
    const ends = Promise.all(opened.map(({ terminated }) => terminated));
    await within(15_000, ends, () => `a connection goes on 15 s after terminate(): ${this}`);
    return [];
  }

  /** Thrown as well: a callback that comes when the case is long over fails the one that runs then. */
  #isLate(what) {
    this.#late.push(what);
    throw new assertions.Failed(`${this.name}: ${what}`);
  }

  toString() {
    return this.#recordings.map(String).join("; ") || "nothing";
  }
}

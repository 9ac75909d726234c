// A short exchange with the server through its proxy, and its expected end after a failure at any byte.

import { ErrCode } from "./errcode.js";

const encoder = new TextEncoder();

/** The length of a server's frame in bytes. */
function sizeOf({ text = "", close, reason = "" }) {
  const payload = encoder.encode(text + reason).length + (close ? 2 : 0);
  return payload + (payload > 125 ? 4 : 2);
}

/** The exchange, the same each time. Offsets count the server's bytes from the start of its handshake. */
export class Exchange {
  /** The length of the server's handshake, and of all its bytes. Set by `measure`. */
  head;
  length;

  /** `frames` are the frames that the server sends on `path`, `members` the handler's. `begin` is called with each new
      object, and sends `waiting` messages before the open. */
  constructor({ path, frames, endedBy, members = {}, begin = () => {}, waiting }) {
    Object.assign(this, { path, frames, endedBy, members, begin, waiting });
    this.messages = frames.filter(({ message }) => message !== undefined).map(({ message }) => message);
  }

  open(t, query = "", members = {}) {
    const path = `/proxy?path=${encodeURIComponent(this.path)}&${query}`;
    const connection = t.open(path, { ...this.members, ...members });
    this.begin(connection.ws);
    return connection;
  }

  /** Runs the exchange once, without a fault. */
  async measure(t) {
    const connection = this.open(t);
    await connection.terminated;
    this.checkWhole(t, connection);
    const { proxy } = await t.seen(connection);
    this.length = proxy.passed;
    this.head = this.length - this.frames.reduce((sum, frame) => sum + sizeOf(frame), 0);
    return this;
  }

  /** Every offset, including the end. On a slow host only some, and the first and last of each part. */
  offsets({ takesMany }) {
    const borders = [0, this.head - 1, this.head, this.length - 1, this.length];
    const offsets = Array.from({ length: this.length + 1 }, (_, offset) => offset);
    return takesMany ? offsets : offsets.filter((offset) => offset % 29 === 0 || borders.includes(offset));
  }

  isOpenAt(offset) {
    return offset >= this.head;
  }

  isWholeAt(offset) {
    return offset >= this.length;
  }

  /** The messages that are complete before an offset. */
  messagesAt(offset) {
    let end = this.head;
    const whole = this.frames.filter((frame) => (end += sizeOf(frame)) <= offset);
    return whole.filter(({ message }) => message !== undefined).map(({ message }) => message);
  }

  /** `true` if the client has ended the exchange. */
  isEnded({ data }) {
    return this.endedBy === "client" && data.length === this.messages.length;
  }

  describe({ do: action, at, slice }) {
    const sliced = slice === null || slice === undefined ? "" : `sliced from ${slice} and `;
    return `${sliced}${action} after ${at} of ${this.length} bytes, ${this.head} of them the handshake's`;
  }

  checkWhole(t, connection, context = "no fault") {
    const { close: code, reason } = this.frames.at(-1);
    t.deepEqual(connection.data, this.messages, `${context}: the messages`);
    const calls = ["open", ...this.messages.map(() => "message"), "terminate"];
    t.equal(connection.sequence(), calls.join(" "), `${context}: the sequence`);
    const end = { type: "terminate", code, reason, wasClean: true };
    t.deepEqual(connection.event("terminate"), end, `${context}: the end`);
  }

  /** The expected end after a failure at an offset. A reset may discard earlier bytes. */
  checkBroken(t, connection, plan, wasTerminated) {
    const mayLack = plan.do === "rst";
    const context = this.describe(plan);
    const { data } = connection;
    const due = this.messagesAt(plan.at);
    t.deepEqual(data, due.slice(0, mayLack ? data.length : due.length), `${context}: the messages`);
    const { type, ...end } = connection.event("terminate");
    if (this.isWholeAt(plan.at) && !(this.#mayBeLost(t.host, plan) && !end.reason)) {
      return this.checkWhole(t, connection, context);
    }
    const opened = connection.event("open") !== undefined;
    if (opened || !mayLack) t.equal(opened, this.isOpenAt(plan.at), `${context}: whether it was open`);
    const isError = !wasTerminated && !this.isEnded(connection);
    const calls = [opened && "open", ...data.map(() => "message"), isError && "error", "terminate"];
    t.equal(connection.sequence(), calls.filter(Boolean).join(" "), `${context}: the sequence`);
    const isAnswer = end.code === 1005 && this.isEnded(connection) && plan.do !== "stall" && !t.host.tellsNoAnswer;
    const lost = isAnswer ? { code: 1005, reason: "", wasClean: true } : { code: 1006, reason: "", wasClean: false };
    t.deepEqual(end, lost, `${context}: the end`);
    if (isError) {
      const [whenOpen, before] = plan.isWatched ? [ErrCode.silent, ErrCode.late] : [ErrCode.lost, ErrCode.notOpened];
      const errCode = opened ? whenOpen : before;
      const [first] = connection.event("error").errors;
      t.equal(first.errCode, errCode, `${context}: the first errCode`);
      if (this.waiting && !opened)
        t.contains(first.message, `${this.waiting} messages`, `${context}: the first message`);
    }
  }

  /** `true` if a complete exchange may end like one that was cut. */
  #mayBeLost(host, plan) {
    if (plan.do === "stall") return !host.endsByCloseFrame;
    return plan.do === "rst" || (plan.do === "cut" && !host.keepsCloseOfCut);
  }
}

/** An exchange that the server ends. It sends a text, a long message, a message in fragments around a ping, and a close
    frame. */
export function served(t) {
  const long = "long ".repeat(26);
  const frames = [
    { opcode: 1, text: "one", message: "one" },
    { opcode: 2, text: long, message: long },
    { opcode: 1, fin: false, text: "thr" },
    { opcode: 9, text: "?" },
    { opcode: 0, text: "ee €", message: "three €" },
    { close: 4001, reason: "done" },
  ];
  return new Exchange({ path: t.script(...frames.map(({ message, ...frame }) => frame)), frames, endedBy: "server" });
}

/** An exchange that the client ends. It sends two messages before the open, and calls `terminate()` when both were
    echoed. */
export function asked() {
  const frames = [
    { text: "one", message: "one" },
    { text: "two", message: "two" },
    { close: 4002, reason: "bye" },
  ];
  const begin = (ws) => {
    ws.send("one");
    ws.send(encoder.encode("two"));
  };
  const onMessage = (ws, { data }) => {
    if (data === "two") ws.terminate(4002, "bye");
  };
  return new Exchange({ path: "/echo", frames, endedBy: "client", members: { onMessage }, begin, waiting: 2 });
}

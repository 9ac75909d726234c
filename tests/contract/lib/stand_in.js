// A double that replaces the host's class while a case opens a connection.

import { Clock } from "./clock.js";

/** A host's connection that the case controls. */
export class Double extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  protocol = "";
  sent = [];
  closed = [];

  constructor(...args) {
    super();
    this.args = args;
  }

  emit(type, members) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }

  open() {
    this.readyState = 1;
    this.emit("open");
  }

  message(data) {
    this.emit("message", { data });
  }

  end(code = 1000, reason = "") {
    this.readyState = 3;
    this.emit("close", { code, reason, wasClean: code !== 1006 });
  }

  fail(members) {
    this.readyState = 3;
    this.emit("error", members);
  }

  send(data) {
    this.sent.push(data);
  }

  close(code, reason) {
    this.closed.push([code, reason]);
    this.readyState = 2;
  }
}

/** Calls `open` on a double with the methods of `behaviour`, whose class has the members of `ofClass`. Returns the
    result and the double. The host's class is restored immediately. */
export const onDouble = (t, behaviour, open, ofClass = {}) => {
  let host;
  class Behaving extends Double {
    constructor(...args) {
      super(...args);
      host = this;
    }
  }
  Object.assign(Behaving.prototype, behaviour);
  Object.assign(Behaving, ofClass);
  const restore = t.replaceHostClass(Behaving);
  const connection = open("ws://double.test/");
  restore();
  return { connection, host };
};

/** Calls `run` with a fake clock in the place of the host's. If `isStill`, only its timers go on. */
export const onClock = (run, isStill) => {
  const clock = new Clock(() => []);
  const restore = clock.setUp(isStill);
  try {
    run(clock);
  } finally {
    restore();
  }
};

export const connect = (t, behaviour = {}, members = {}) => onDouble(t, behaviour, (url) => t.open(url, members));

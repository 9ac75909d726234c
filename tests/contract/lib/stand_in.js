// A double that stands in for the host's class while a case opens a connection.

import { Clock } from "./clock.js";

/** A host's connection that does what a case tells it to do. */
export class Double extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  protocol = "";
  sent = [];
  closed = [];

  constructor(...given) {
    super();
    this.given = given;
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

/** What `open` gives on a double that has the methods of `behaviour`, and that double, whose class has those of `ofClass`.
    The host's class is back at once. */
export const onDouble = (t, behaviour, open, ofClass = {}) => {
  let host;
  class Behaving extends Double {
    constructor(...given) {
      super(...given);
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

/** Calls `run` with a clock of its own in the place of the host's; of that, in the place of what `names` says. */
export const onClock = (run, names) => {
  const clock = new Clock(() => []);
  const restore = clock.setUp(names);
  try {
    run(clock);
  } finally {
    restore();
  }
};

export const connect = (t, behaviour = {}, members = {}) => onDouble(t, behaviour, (url) => t.open(url, members));

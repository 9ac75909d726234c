// The iterator of `messages()`.

/** A promise with the functions that settle it. */
export function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** A queue whose `shift` takes the same time for any length: that of an array takes as long as the array. */
class Queue {
  #last = [];
  /** The first items, in reverse order. */
  #first = [];

  get length() {
    return this.#first.length + this.#last.length;
  }

  push(item) {
    this.#last.push(item);
  }

  shift() {
    if (this.#first.length === 0) [this.#first, this.#last] = [this.#last.reverse(), []];
    return this.#first.pop();
  }
}

/** An iteration over messages. `leave` is called when the program ends it. */
export class Iteration {
  #limit;
  #leave;
  #held = new Queue();
  #calls = new Queue();
  #isOver = false;
  #failure;

  constructor(limit, leave) {
    this.#limit = limit;
    this.#leave = leave;
  }

  /** `true` if another message would exceed the limit. */
  get isFull() {
    return this.#held.length >= this.#limit;
  }

  push(value) {
    if (this.#isOver) return;
    const call = this.#calls.shift();
    if (call) call.resolve({ value, done: false });
    else this.#held.push(value);
  }

  end(failure) {
    this.#isOver = true;
    this.#failure = failure;
    while (this.#calls.length > 0) this.#settle(this.#calls.shift());
  }

  next() {
    const call = deferred();
    if (this.#held.length > 0 || this.#isOver) this.#settle(call);
    else this.#calls.push(call);
    return call.promise;
  }

  #settle({ resolve, reject }) {
    if (this.#held.length > 0) return resolve({ value: this.#held.shift(), done: false });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) reject(failure);
    else resolve({ value: undefined, done: true });
  }

  return(value) {
    this.#leave();
    this.#held = new Queue();
    this.end();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

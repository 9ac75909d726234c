// The package's own state machine (src/lifecycle.rs), by itself: tests/model, as the test server serves it.

// The words for the numbers of tests/model/src/lib.rs, in its order.
const INPUTS = [
  "opened",
  "flushed",
  "received",
  "undecodable",
  "unsendable",
  "failed",
  "lost",
  "lost unsent",
  "ended",
  "ended unsent",
  "terminate",
  "abandoned",
  "elapsed",
  "elapsed unsent",
];
const ACTIONS = [
  "flush",
  "open",
  "message",
  "receive",
  "error not opened",
  "error lost",
  "error unsent",
  "error undecodable",
  "error unsendable",
  "terminate clean",
  "terminate abnormal",
  "close for terminate",
  "close for undecodable",
  "close for unsendable",
  "abandon",
  "await close",
  "await verdict",
];
const STATUSES = ["Connecting", "Connected", "Closing", "Closed"];

let loaded;

/** The model that the test server has. */
export function loadModel(server) {
  return (loaded ??= (async () => {
    const response = await fetch(`${server}/files/model/model.wasm`);
    if (!response.ok) throw new Error(`the test server answers ${response.status} for the model`);
    const { instance } = await WebAssembly.instantiate(await response.arrayBuffer());
    return new Model(instance.exports);
  })());
}

class Model {
  /** How often each input went in, and each action came out. */
  counts = Object.fromEntries([...INPUTS, ...ACTIONS].map((word) => [word, 0]));
  #exports;

  constructor(exports) {
    this.#exports = exports;
  }

  make() {
    const machine = this.#exports.make();
    return {
      /** Takes an input and gives the actions. */
      step: (input) => this.#step(machine, input),
      status: () => STATUSES[this.#exports.status(machine)],
    };
  }

  #step(machine, input) {
    if (!INPUTS.includes(input)) throw new Error(`the model has no input "${input}"`);
    const actions = [];
    for (let left = this.#exports.step(machine, INPUTS.indexOf(input)); left !== 0; left >>>= 8) {
      actions.push(ACTIONS[(left & 255) - 1]);
    }
    for (const word of [input, ...actions]) this.counts[word] += 1;
    return actions;
  }
}

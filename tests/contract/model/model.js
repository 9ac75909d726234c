// The package's own state machine (src/lifecycle.rs) without the rest: tests/machine, which the test server serves.

let loaded;

/** The model from the test server. */
export function loadModel(server) {
  return (loaded ??= (async () => {
    const response = await fetch(`${server}/files/machine/machine.wasm`);
    if (!response.ok) throw new Error(`the test server answers ${response.status} for the state machine`);
    const { instance } = await WebAssembly.instantiate(await response.arrayBuffer());
    return new Model(instance.exports);
  })());
}

class Model {
  /** How often each input was passed and each action was returned. */
  counts;
  #exports;
  #inputs;

  constructor(exports) {
    this.#exports = exports;
    this.#inputs = this.#lines(exports.inputs());
    this.counts = Object.fromEntries([...this.#inputs, ...this.#lines(exports.actions())].map((word) => [word, 0]));
  }

  make() {
    const machine = this.#exports.make();
    return {
      /** Passes an input. Returns the actions. */
      step: (input) => this.#step(machine, input),
      status: () => this.#lines(this.#exports.status(machine))[0],
      pulse: (...given) => this.#pulse(this.#exports.make_pulse(...given)),
    };
  }

  /** A heartbeat. */
  #pulse(pulse) {
    return {
      next: (...given) => this.#lines(this.#exports.next_of_pulse(pulse, ...given))[0],
      sent: (...given) => this.#exports.pulse_sent(pulse, ...given),
    };
  }

  #step(machine, input) {
    if (!this.#inputs.includes(input)) throw new Error(`the model has no input "${input}"`);
    const actions = this.#lines(this.#exports.step(machine, this.#inputs.indexOf(input)));
    for (const word of [input, ...actions]) this.counts[word] += 1;
    return actions;
  }

  /** The lines of a text that ends with a zero byte. */
  #lines(start) {
    const bytes = new Uint8Array(this.#exports.memory.buffer, start);
    const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    return text === "" ? [] : text.split("\n");
  }
}

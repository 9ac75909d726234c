// The package's own state machines (src/lifecycle.rs, src/supervisor.rs) without the rest: tests/machine, which the
// test server serves.

const STATUSES = ["Connecting", "Connected", "Closing", "Closed"];

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
  /** The number of times that each input was passed and each action was returned. */
  counts;
  #exports;
  #inputs;
  /** The same counts for the supervisor. */
  countsOfSupervisor;
  #inputsOfSupervisor;

  constructor(exports) {
    this.#exports = exports;
    const counts = (...texts) =>
      Object.fromEntries(texts.flatMap((text) => this.#lines(text)).map((name) => [name, 0]));
    this.#inputs = this.#lines(exports.inputs());
    this.counts = { ...counts(exports.inputs()), ...counts(exports.actions()) };
    this.#inputsOfSupervisor = this.#lines(exports.inputs_of_supervisor());
    this.countsOfSupervisor = {
      ...counts(exports.inputs_of_supervisor()),
      ...counts(exports.actions_of_supervisor()),
    };
  }

  /** The machine of a connection that comes back, until so many attempts in a row have failed. */
  makeSupervisor(maxAttempts) {
    const exports = this.#exports;
    const supervisor = exports.make_supervisor(maxAttempts);
    return {
      /** Passes an input. Returns the actions. */
      step: (input) => {
        const at = this.#inputsOfSupervisor.indexOf(input);
        if (at < 0) throw new Error(`the model has no input "${input}"`);
        const actions = this.#lines(exports.step_supervisor(supervisor, at));
        for (const name of [input, ...actions]) this.countsOfSupervisor[name] += 1;
        return actions;
      },
      /** The status, from that of the connection, if there is one. */
      status: (connection) => this.#lines(exports.status_of_supervisor(supervisor, STATUSES.indexOf(connection)))[0],
      attempt: () => exports.attempt_of_supervisor(supervisor),
      failed: () => exports.failed_of_supervisor(supervisor),
    };
  }

  make() {
    const machine = this.#exports.make();
    return {
      /** Passes an input. Returns the actions. */
      step: (input) => this.#step(machine, input),
      status: () => this.#lines(this.#exports.status(machine))[0],
      pulse: (...args) => this.#pulse(this.#exports.make_pulse(...args)),
    };
  }

  /** A heartbeat. */
  #pulse(pulse) {
    return {
      next: (...args) => this.#lines(this.#exports.next_of_pulse(pulse, ...args))[0],
      sent: (...args) => this.#exports.pulse_sent(pulse, ...args),
    };
  }

  #step(machine, input) {
    if (!this.#inputs.includes(input)) throw new Error(`the model has no input "${input}"`);
    const actions = this.#lines(this.#exports.step(machine, this.#inputs.indexOf(input)));
    for (const name of [input, ...actions]) this.counts[name] += 1;
    return actions;
  }

  /** The lines of a text that ends with a zero byte. */
  #lines(start) {
    const bytes = new Uint8Array(this.#exports.memory.buffer, start);
    const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    return text === "" ? [] : text.split("\n");
  }
}

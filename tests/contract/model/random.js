// Pseudorandom numbers that depend only on a seed, the same on every host.

export class Random {
  #state;

  constructor(seed) {
    // Consecutive seeds have distant states.
    this.#state = Math.imul(seed + 1, 0x9e3779b9) >>> 0;
  }

  /** A number from 0 up to but not including 1, by mulberry32. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to but not including `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of the names of `weights`, with the frequency of its weight. */
  weighted(weights) {
    let left = this.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return Object.entries(weights).find(([, weight]) => (left -= weight) < 0)[0];
  }

  /** From `least` to `most` results of `make`. */
  several(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

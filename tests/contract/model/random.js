// Numbers that look random, and that only a seed decides, on every host alike.

export class Random {
  #state;

  constructor(seed) {
    // Seeds that follow each other start far apart.
    this.#state = Math.imul(seed + 1, 0x9e3779b9) >>> 0;
  }

  /** From 0 up to but not including 1: mulberry32. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not including `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of the names of `weights`, each as often as its weight says. */
  weighted(weights) {
    let left = this.next() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return Object.entries(weights).find(([, weight]) => (left -= weight) < 0)[0];
  }

  /** From `least` to `most` things that `make` makes. */
  several(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

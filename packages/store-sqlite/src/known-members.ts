/** Members in the first filter, at least. */
const smallest = 65_536;
/** Bits for each member that a filter is made for, and how many of them one sets: one in four hundred is taken for known. */
const bitsEach = 16;
const marks = 4;

/** Members in all filters, about, beyond which every fingerprint is looked up again: 32 MB. */
const mostKnown = 2 ** 23;

/**
 * Which members the table may have, by their identity: a Bloom filter, so that a fingerprint that was never seen costs no
 * look at the table. It never denies one that was added; that some were deleted since costs a look.
 */
export class KnownMembers {
  /** Each twice as large as the one before; those before the last are full. None: too many to know. */
  #filters: Filter[];
  readonly #most: number;

  constructor(expected: number, most = mostKnown) {
    this.#most = most;
    this.#filters = 2 * expected > most ? [] : [new Filter(Math.max(smallest, 2 * expected))];
  }

  get isKnowing(): boolean {
    return this.#filters.length > 0;
  }

  add(identity: number): void {
    const last = this.#filters.at(-1);
    if (!last || this.mayHave(identity)) return;
    if (!last.isFull) last.add(identity);
    else if (2 * last.capacity > this.#most) this.#filters = [];
    else this.#filters.push(new Filter(2 * last.capacity, identity));
  }

  mayHave(identity: number): boolean {
    return !this.isKnowing || this.#filters.some((filter) => filter.mayHave(identity));
  }
}

class Filter {
  readonly capacity: number;
  readonly #bits: Uint32Array;
  /** Of the number of bits, which is a power of two. */
  readonly #mask: number;
  #count = 0;

  /** With its first member, if there is one already. */
  constructor(capacity: number, first?: number) {
    const bits = 2 ** Math.ceil(Math.log2(capacity * bitsEach));
    this.capacity = bits / bitsEach;
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
    if (first !== undefined) this.add(first);
  }

  get isFull(): boolean {
    return this.#count >= this.capacity;
  }

  add(identity: number): void {
    this.#count++;
    const step = stepOf(identity);
    let at = identity >>> 0;
    for (let mark = 0; mark < marks; mark++) {
      const bit = (at & this.#mask) >>> 0;
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] as number) | (1 << (bit & 31));
      at = (at + step) >>> 0;
    }
  }

  mayHave(identity: number): boolean {
    const step = stepOf(identity);
    let at = identity >>> 0;
    for (let mark = 0; mark < marks; mark++) {
      const bit = (at & this.#mask) >>> 0;
      if (((this.#bits[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
      at = (at + step) >>> 0;
    }
    return true;
  }
}

/** From the 21 bits above the 32 that the first mark comes from; odd, so that it reaches every place. */
function stepOf(identity: number): number {
  return (Math.imul(Math.floor(identity / 2 ** 32), 0x9e3779b1) >>> 0) | 1;
}

/**
 * How often which value came, in fixed memory: a High Dynamic Range histogram by Gil Tene's method (HdrHistogram), with
 * three significant digits. Slots are linear within a power of two and double in width with each, so that a value is
 * known to one part in 1,024 whatever its size.
 *
 * Percentiles are those of the crate `hdrhistogram`, which the native twin counts with; least, most and mean are exact.
 * Own code, as `hdr-histogram-js` brings a compressor and is slower to record with.
 *
 * @module
 */

import { checkNumber, wrongValue } from "../shared/arguments.ts";

/** An hour in nanoseconds. */
const HIGHEST = 3_600_000_000_000;
/** Slots of the first bucket: the smallest power of two over twice 10 to the digits. */
const FIRST = 2_048;
const HALF = FIRST / 2;
/** Bits of {@linkcode HALF}. */
const HALF_BITS = 10;
const TWO_32 = 2 ** 32;

/** Options of {@linkcode Histogram}. */
export interface HistogramOptions {
  /**
   * The largest value that is told apart; what is above counts as this in percentiles. Each doubling costs 8 KiB.
   * Default 3.6e12, an hour in nanoseconds, which is 264 KiB.
   */
  highest?: number | undefined;
}

/** A histogram of whole numbers from 0 on, of whatever unit. */
export class Histogram {
  readonly #counts: Float64Array<ArrayBuffer>;
  readonly #highest: number;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /**
   * Makes an empty one.
   *
   * @param options What it can hold.
   * @throws {TypeError | RangeError} If `highest` is not a whole number of at least 2.
   */
  constructor(options: HistogramOptions = {}) {
    const { highest = HIGHEST } = options;
    checkNumber(highest, "options.highest");
    if (!Number.isSafeInteger(highest) || highest < 2) {
      throw wrongValue("options.highest", "a whole number of at least 2", highest);
    }
    this.#highest = highest;
    this.#counts = new Float64Array(slotOf(highest) + 1);
  }

  /**
   * The histogram that another one was, by its slots and its exact figures.
   *
   * @param slots A value of each slot, and how many it held.
   * @param exact Least and greatest value, and the sum of all.
   */
  static restored(
    slots: Iterable<readonly [value: number, count: number]>,
    exact: { readonly min: number; readonly max: number; readonly sum: number },
  ): Histogram {
    const histogram = new Histogram();
    for (const [value, count] of slots) histogram.record(value, count);
    if (histogram.#count > 0) histogram.#min = exact.min;
    histogram.#max = exact.max;
    histogram.#sum = exact.sum;
    return histogram;
  }

  /** Values that were recorded. */
  get count(): number {
    return this.#count;
  }

  /** The least value, exact; 0 if there is none. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  /** The greatest value, exact; 0 if there is none. */
  get max(): number {
    return this.#max;
  }

  /** The mean, exact as far as a number is; 0 if there is no value. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /**
   * Records a value; a fraction is dropped.
   *
   * @param value From 0 on; above the highest it counts as that in percentiles.
   * @param count How often it came.
   * @throws {RangeError} If the value is negative or not finite, or the count not a whole number from 0 on.
   */
  record(value: number, count = 1): void {
    if (!(value >= 0 && value < Infinity)) throw wrongValue("value", "0 or above, finite", value);
    if (count !== 1) {
      if (!Number.isSafeInteger(count) || count < 0) {
        throw wrongValue("count", "a whole number from 0 on", count);
      }
      if (count === 0) return;
    }
    const whole = Math.floor(value);
    this.#counts[slotOf(Math.min(whole, this.#highest))]! += count;
    this.#count += count;
    this.#sum += whole * count;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  /**
   * The value that a share of all values does not exceed: the greatest that its slot may hold, but never above `max`.
   *
   * @param percent From 0 to 100.
   * @returns The value; 0 if there is none.
   * @throws {RangeError} If the percentage is not from 0 to 100.
   */
  percentile(percent: number): number {
    if (!(percent >= 0 && percent <= 100)) throw wrongValue("percent", "from 0 to 100", percent);
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil(percent / 100 * this.#count));
    let sum = 0;
    let slot = 0;
    while ((sum += this.#counts[slot]!) < wanted) slot++;
    const value = valueOf(slot);
    return percent === 0 ? value : Math.min(value + widthOf(slot) - 1, this.#max);
  }

  /**
   * Adds what another one has.
   *
   * @param other The other; its `highest` may differ.
   */
  merge(other: Histogram): void {
    const last = this.#counts.length - 1;
    other.#counts.forEach((count, slot) => {
      if (count > 0) this.#counts[Math.min(slot, last)]! += count;
    });
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0);
    this.#count = this.#sum = this.#max = 0;
    this.#min = Infinity;
  }

  /** The slots that hold something, ascending: least value, greatest value, how many. */
  *slots(): Generator<[from: number, to: number, count: number]> {
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const count = this.#counts[slot]!;
      if (count === 0) continue;
      const from = valueOf(slot);
      yield [from, from + widthOf(slot) - 1, count];
    }
  }
}

/** The slot of a whole number: the first 2,048 have one each, then each power of two has 1,024. */
function slotOf(value: number): number {
  if (value < FIRST) return value;
  // Math.clz32 knows 32 bits only.
  const bits = value < TWO_32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / TWO_32);
  const doublings = bits - HALF_BITS - 1;
  return doublings * HALF + Math.floor(value / 2 ** doublings);
}

/** By how many doublings a slot is wider than the first. */
function doublingsOf(slot: number): number {
  return slot < FIRST ? 0 : Math.floor(slot / HALF) - 1;
}

/** How many values a slot holds. */
function widthOf(slot: number): number {
  return 2 ** doublingsOf(slot);
}

/** The least value of a slot. */
function valueOf(slot: number): number {
  const doublings = doublingsOf(slot);
  return (slot - doublings * HALF) * 2 ** doublings;
}

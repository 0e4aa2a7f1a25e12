/**
 * Which jobs run here and under which locks, in memory that the event loop and the keeper of locks share: telling it of
 * each job by messages would cost as much as a tenth of the job itself.
 *
 * A place has a version, which is odd while it is being written and 0 while it is free.
 *
 * @module
 */

/** Places in one piece of memory. */
export const PLACES = 64;
const PLACE_BYTES = 512;
/** The version, and the lengths of both texts. */
const HEAD_BYTES = 8;
const MOST_UNITS = (PLACE_BYTES - HEAD_BYTES) / 2;

/** A job in its place, with the place's version. */
export interface HeldJob {
  readonly version: number;
  readonly id: string;
  readonly lock: string;
}

/** One piece. */
export class HeldJobs {
  readonly memory: SharedArrayBuffer;
  readonly #versions: Int32Array;
  readonly #units: Uint16Array;

  /** Makes a piece, or reads one that was made elsewhere. */
  constructor(
    memory: SharedArrayBuffer = new SharedArrayBuffer(PLACES * PLACE_BYTES),
  ) {
    this.memory = memory;
    this.#versions = new Int32Array(memory);
    this.#units = new Uint16Array(memory);
  }

  /** Puts a job into a place; false if its texts are too long for it. `version` is another whole number each time. */
  put(place: number, version: number, id: string, lock: string): boolean {
    if (id.length + lock.length > MOST_UNITS) return false;
    const at = place * PLACE_BYTES / 4;
    Atomics.store(this.#versions, at, version * 2 + 1);
    const units = this.#units;
    let unit = place * PLACE_BYTES / 2 + 2;
    units[unit++] = id.length;
    units[unit++] = lock.length;
    for (let i = 0; i < id.length; i++) units[unit++] = id.charCodeAt(i);
    for (let i = 0; i < lock.length; i++) units[unit++] = lock.charCodeAt(i);
    Atomics.store(this.#versions, at, version * 2 + 2);
    return true;
  }

  /** Frees a place. */
  clear(place: number): void {
    Atomics.store(this.#versions, place * PLACE_BYTES / 4, 0);
  }

  /** The job in a place; undefined if there is none, or if it is being written. */
  get(place: number): HeldJob | undefined {
    const at = place * PLACE_BYTES / 4;
    const version = Atomics.load(this.#versions, at);
    if (version === 0 || version % 2 !== 0) return undefined;
    const units = this.#units;
    const begin = place * PLACE_BYTES / 2 + 4;
    const middle = begin + units[begin - 2]!;
    const id = String.fromCharCode(...units.subarray(begin, middle));
    const lock = String.fromCharCode(...units.subarray(middle, middle + units[begin - 1]!));
    // Written anew meanwhile: what was read may be parts of two.
    if (Atomics.load(this.#versions, at) !== version) return undefined;
    return { version, id, lock };
  }
}

/**
 * Cuts a zstd body (RFC 8878) into its frames. The platform's decoder stops behind the first one and does not tell
 * whether it was whole, so that both have to be known here.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];

/** What comes next in the body. */
type State =
  | "magic"
  | "skip-size"
  | "skipped"
  | "descriptor"
  | "header"
  | "block"
  | "content"
  | "checksum";

/** A part of a frame; `ends` says that the frame is whole with it. */
export interface FramePart {
  readonly bytes: Bytes;
  readonly ends: boolean;
}

/** Follows the frames of a body. */
export class ZstdFrames {
  #state: State = "magic";
  /** Bytes of the state that are to come. */
  #left = 4;
  /** The first bytes of the state, lowest first. */
  #value = 0;
  #read = 0;
  #hasChecksum = false;
  #isLast = false;

  /** Whether the body may end here. */
  get isWhole(): boolean {
    return this.#state === "magic" && this.#read === 0;
  }

  /**
   * Takes more of the body.
   *
   * @returns The parts of frames in it; skippable frames are left out.
   * @throws {Error} If it is no zstd.
   */
  cut(bytes: Bytes): FramePart[] {
    const parts: FramePart[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length;) {
      const state = this.#state;
      if (
        state === "content" || state === "skipped" || state === "header" || state === "checksum"
      ) {
        const count = Math.min(this.#left, bytes.length - at);
        at += count;
        this.#left -= count;
      } else {
        this.#value += bytes[at++]! * 2 ** (8 * this.#read++);
        this.#left--;
      }
      while (this.#left === 0) {
        const before = this.#state;
        this.#next();
        if (this.#state !== "magic") continue;
        if (before !== "skipped" && before !== "skip-size") {
          parts.push({ bytes: bytes.slice(from, at), ends: true });
        }
        from = at;
        break;
      }
      // A magic number that turns out to be a skippable frame's is none of the decoder's.
      if (this.#state === "skip-size" || this.#state === "skipped") from = at;
    }
    const isOpen = this.#state !== "skip-size" && this.#state !== "skipped";
    if (isOpen && from < bytes.length) parts.push({ bytes: bytes.slice(from), ends: false });
    return parts;
  }

  /** The state is complete; goes to what follows it. */
  #next(): void {
    const value = this.#value;
    switch (this.#state) {
      case "magic":
        if (value === FRAME) return this.#enter("descriptor", 1);
        if (value - value % 16 === SKIPPABLE) return this.#enter("skip-size", 4);
        throw new Error("no frame of zstd begins here");
      case "skip-size":
        return value === 0 ? this.#enter("magic", 4) : this.#enter("skipped", value);
      case "descriptor": {
        const isSingle = (value & 32) !== 0;
        this.#hasChecksum = (value & 4) !== 0;
        const size = SIZE_BYTES[value >> 6]! || (isSingle ? 1 : 0);
        return this.#enter("header", (isSingle ? 0 : 1) + DICTIONARY_BYTES[value & 3]! + size);
      }
      case "header":
        return this.#enter("block", 3);
      case "block": {
        this.#isLast = (value & 1) !== 0;
        const kind = value >> 1 & 3;
        if (kind === 3) throw new Error("a block of zstd has a kind that there is not");
        return this.#enter("content", kind === 1 ? 1 : value >> 3);
      }
      case "content":
        if (!this.#isLast) return this.#enter("block", 3);
        return this.#hasChecksum ? this.#enter("checksum", 4) : this.#enter("magic", 4);
      case "skipped":
      case "checksum":
        return this.#enter("magic", 4);
    }
  }

  #enter(state: State, left: number): void {
    this.#state = state;
    this.#left = left;
    this.#value = 0;
    this.#read = 0;
  }
}

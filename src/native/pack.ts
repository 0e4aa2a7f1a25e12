/**
 * JavaScript strings to UTF-8 in reused buffers, one crossing's worth at a time.
 *
 * Lone surrogates become U+FFFD, as in every encoder of the platform.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";

const encoder = new TextEncoder();

/** Buffers are kept up to this size between calls. */
const KEPT_BYTES = 4 << 20;
/** Below this many characters a loop over char codes beats `encodeInto`. */
const SHORT = 40;
/** What a 32-bit length can say, less room for a separator. */
const MAX_BYTES = 0xffff_fff0;
/** Lists longer than this are encoded string by string: `join` would make too long a string. */
const MAX_JOINED = 1 << 28;

/** A buffer that is filled with one string and then read by one native call. */
export class Scratch {
  #bytes = new Uint8Array(256);

  /** The buffer; its first bytes are the last string encoded. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /**
   * Encodes a string into the buffer.
   *
   * @param text The string.
   * @returns Its length in UTF-8 bytes.
   * @throws {AgentError} `TOO_LARGE` above 4 GiB of UTF-8.
   */
  encode(text: string): number {
    const { length } = text;
    let bytes = this.#bytes;
    if (length < SHORT) {
      let at = 0;
      while (at < length) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        bytes[at++] = code;
      }
      if (at === length) return length;
    }
    if (bytes.length < length) bytes = this.#grow(0, length);
    let { read, written } = encoder.encodeInto(text, bytes);
    while (read < length) {
      bytes = this.#grow(written, written + (length - read) * 3);
      const more = encoder.encodeInto(text.slice(read), bytes.subarray(written));
      read += more.read;
      written += more.written;
    }
    return written;
  }

  /** Encodes strings one behind the other, a line feed after each but the last. */
  encodeAll(strings: readonly string[], units: number): number {
    if (units <= MAX_JOINED) return this.encode(strings.join("\n"));
    let at = 0;
    for (let index = 0; index < strings.length; index++) {
      const text = strings[index]!;
      const needed = at + text.length * 3 + 1;
      if (this.#bytes.length < needed) this.#grow(at, Math.max(needed, at + (units >> 2)));
      at += encoder.encodeInto(text, this.#bytes.subarray(at)).written;
      if (index < strings.length - 1) this.#bytes[at++] = 10;
    }
    return at;
  }

  /** Lets go of a large buffer, once its call is over. */
  release(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(256);
  }

  #grow(keep: number, size: number): Uint8Array<ArrayBuffer> {
    if (size > MAX_BYTES) {
      throw new AgentError(
        "TOO_LARGE",
        `The text needs ${size} bytes of UTF-8; one native call takes at most ${MAX_BYTES}`,
        { what: "text", size, limit: MAX_BYTES },
      );
    }
    const grown = new Uint8Array(Math.min(MAX_BYTES, Math.max(size, 1024)));
    grown.set(this.#bytes.subarray(0, keep));
    this.#bytes = grown;
    return grown;
  }
}

/** Many strings or byte arrays in one buffer, good until the same packer packs again. */
export interface Packed {
  /** Strings: the UTF-8 of all, a line feed between each two. Bytes: one behind the other. Longer than `byteLength`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are meant. */
  readonly byteLength: number;
  /** The length of each: strings in UTF-16 units, bytes in bytes. May be longer than `count`. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** How many there are. */
  readonly count: number;
}

/** The lengths of what is packed, in a buffer that is kept while it is small. */
class Lengths {
  #kept = new Uint32Array(256);

  room(count: number): Uint32Array<ArrayBuffer> {
    if (this.#kept.length < count) this.#kept = new Uint32Array(count);
    return this.#kept;
  }

  release(): void {
    if (this.#kept.length > KEPT_BYTES / 4) this.#kept = new Uint32Array(256);
  }
}

/**
 * Packs strings for one crossing: encoded once, with a separator that keeps a high surrogate at one
 * string's end from joining a low one at the next one's beginning. The native side splits them by
 * their UTF-16 lengths.
 */
export class StringPacker {
  readonly #scratch = new Scratch();
  readonly #lengths = new Lengths();

  /** Packs strings. */
  pack(strings: readonly string[]): Packed {
    const count = strings.length;
    const lengths = this.#lengths.room(count);
    let units = count;
    for (let index = 0; index < count; index++) {
      const { length } = strings[index]!;
      lengths[index] = length;
      units += length;
    }
    const byteLength = this.#scratch.encodeAll(strings, units);
    return { bytes: this.#scratch.bytes, byteLength, lengths, count };
  }

  /** Lets go of large buffers, once their call is over. */
  release(): void {
    this.#scratch.release();
    this.#lengths.release();
  }
}

/** Packs texts (as UTF-8) and bytes, one behind the other, their lengths in bytes. */
export class ContentPacker {
  #bytes = new Uint8Array(0);
  readonly #lengths = new Lengths();

  /** Packs texts and bytes. */
  pack(contents: readonly (string | Uint8Array)[]): Packed {
    const count = contents.length;
    let most = 0;
    for (let index = 0; index < count; index++) {
      const content = contents[index]!;
      most += typeof content === "string" ? content.length * 3 : content.length;
    }
    if (this.#bytes.length < most) this.#bytes = new Uint8Array(most);
    const bytes = this.#bytes;
    const lengths = this.#lengths.room(count);
    let at = 0;
    for (let index = 0; index < count; index++) {
      const content = contents[index]!;
      let { length } = content;
      if (typeof content === "string") {
        length = encoder.encodeInto(content, bytes.subarray(at)).written;
      } else bytes.set(content, at);
      lengths[index] = length;
      at += length;
    }
    return { bytes, byteLength: at, lengths, count };
  }

  /** Lets go of large buffers, once their call is over. */
  release(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(0);
    this.#lengths.release();
  }
}

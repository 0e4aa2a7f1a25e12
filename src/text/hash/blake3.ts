/**
 * BLAKE3-256 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020), without a key: chunks of 1,024 bytes, a binary tree over
 * them. Twin: the crate blake3. Written here because it is a fraction of
 * what a library of hashes costs a program at its start, and several times as fast.
 *
 * @module
 */

const CHUNK = 1024;
const BLOCK = 64;
/** The most subtrees that wait for their right neighbours. */
const DEEPEST = 54;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;

/** The first 32 bits of the fractional parts of the square roots of the first eight primes. */
const IV: readonly number[] = [
  0x6a09e667,
  0xbb67ae85 | 0,
  0x3c6ef372,
  0xa54ff53a | 0,
  0x510e527f,
  0x9b05688c | 0,
  0x1f83d9ab,
  0x5be0cd19,
];

/** What a hash works in; its calls never overlap. */
interface Memory {
  /** The chaining value. */
  readonly value: Int32Array;
  /** The words of a block. */
  readonly block: Int32Array;
  /** Values of whole subtrees whose right neighbours are to come; a larger one never follows a smaller. */
  readonly left: Int32Array;
}

let memory: Memory | undefined;

function turned(word: number, by: number): number {
  return word >>> by | word << 32 - by;
}

/** Mixes a block into the chaining value. */
function compress(
  value: Int32Array,
  block: Int32Array,
  counter: number,
  length: number,
  flags: number,
): void {
  let m0 = block[0]!;
  let m1 = block[1]!;
  let m2 = block[2]!;
  let m3 = block[3]!;
  let m4 = block[4]!;
  let m5 = block[5]!;
  let m6 = block[6]!;
  let m7 = block[7]!;
  let m8 = block[8]!;
  let m9 = block[9]!;
  let m10 = block[10]!;
  let m11 = block[11]!;
  let m12 = block[12]!;
  let m13 = block[13]!;
  let m14 = block[14]!;
  let m15 = block[15]!;
  let s0 = value[0]!;
  let s1 = value[1]!;
  let s2 = value[2]!;
  let s3 = value[3]!;
  let s4 = value[4]!;
  let s5 = value[5]!;
  let s6 = value[6]!;
  let s7 = value[7]!;
  let s8 = IV[0]!;
  let s9 = IV[1]!;
  let s10 = IV[2]!;
  let s11 = IV[3]!;
  let s12 = counter | 0;
  let s13 = counter / 2 ** 32 | 0;
  let s14 = length;
  let s15 = flags;
  for (let round = 0; round < 7; round++) {
    // The columns, then the diagonals: the message words two by two.
    s0 = s0 + s4 + m0 | 0;
    s12 = turned(s12 ^ s0, 16);
    s8 = s8 + s12 | 0;
    s4 = turned(s4 ^ s8, 12);
    s0 = s0 + s4 + m1 | 0;
    s12 = turned(s12 ^ s0, 8);
    s8 = s8 + s12 | 0;
    s4 = turned(s4 ^ s8, 7);
    s1 = s1 + s5 + m2 | 0;
    s13 = turned(s13 ^ s1, 16);
    s9 = s9 + s13 | 0;
    s5 = turned(s5 ^ s9, 12);
    s1 = s1 + s5 + m3 | 0;
    s13 = turned(s13 ^ s1, 8);
    s9 = s9 + s13 | 0;
    s5 = turned(s5 ^ s9, 7);
    s2 = s2 + s6 + m4 | 0;
    s14 = turned(s14 ^ s2, 16);
    s10 = s10 + s14 | 0;
    s6 = turned(s6 ^ s10, 12);
    s2 = s2 + s6 + m5 | 0;
    s14 = turned(s14 ^ s2, 8);
    s10 = s10 + s14 | 0;
    s6 = turned(s6 ^ s10, 7);
    s3 = s3 + s7 + m6 | 0;
    s15 = turned(s15 ^ s3, 16);
    s11 = s11 + s15 | 0;
    s7 = turned(s7 ^ s11, 12);
    s3 = s3 + s7 + m7 | 0;
    s15 = turned(s15 ^ s3, 8);
    s11 = s11 + s15 | 0;
    s7 = turned(s7 ^ s11, 7);
    s0 = s0 + s5 + m8 | 0;
    s15 = turned(s15 ^ s0, 16);
    s10 = s10 + s15 | 0;
    s5 = turned(s5 ^ s10, 12);
    s0 = s0 + s5 + m9 | 0;
    s15 = turned(s15 ^ s0, 8);
    s10 = s10 + s15 | 0;
    s5 = turned(s5 ^ s10, 7);
    s1 = s1 + s6 + m10 | 0;
    s12 = turned(s12 ^ s1, 16);
    s11 = s11 + s12 | 0;
    s6 = turned(s6 ^ s11, 12);
    s1 = s1 + s6 + m11 | 0;
    s12 = turned(s12 ^ s1, 8);
    s11 = s11 + s12 | 0;
    s6 = turned(s6 ^ s11, 7);
    s2 = s2 + s7 + m12 | 0;
    s13 = turned(s13 ^ s2, 16);
    s8 = s8 + s13 | 0;
    s7 = turned(s7 ^ s8, 12);
    s2 = s2 + s7 + m13 | 0;
    s13 = turned(s13 ^ s2, 8);
    s8 = s8 + s13 | 0;
    s7 = turned(s7 ^ s8, 7);
    s3 = s3 + s4 + m14 | 0;
    s14 = turned(s14 ^ s3, 16);
    s9 = s9 + s14 | 0;
    s4 = turned(s4 ^ s9, 12);
    s3 = s3 + s4 + m15 | 0;
    s14 = turned(s14 ^ s3, 8);
    s9 = s9 + s14 | 0;
    s4 = turned(s4 ^ s9, 7);
    // The words change places for the next round.
    const w0 = m0;
    m0 = m2;
    m2 = m3;
    m3 = m10;
    m10 = m12;
    m12 = m9;
    m9 = m11;
    m11 = m5;
    m5 = w0;
    const w1 = m1;
    m1 = m6;
    m6 = m4;
    m4 = m7;
    m7 = m13;
    m13 = m14;
    m14 = m15;
    m15 = m8;
    m8 = w1;
  }
  value[0] = s0 ^ s8;
  value[1] = s1 ^ s9;
  value[2] = s2 ^ s10;
  value[3] = s3 ^ s11;
  value[4] = s4 ^ s12;
  value[5] = s5 ^ s13;
  value[6] = s6 ^ s14;
  value[7] = s7 ^ s15;
}

/** Reads the words of a block from bytes; beyond their end there are zeros. */
function load(block: Int32Array, view: DataView, at: number, length: number): void {
  if (length === BLOCK) {
    for (let i = 0; i < 16; i++) block[i] = view.getInt32(at + 4 * i, true);
    return;
  }
  block.fill(0);
  for (let i = 0; i < length; i++) block[i >> 2]! |= view.getUint8(at + i) << 8 * (i & 3);
}

/** The chaining value of the chunk from `at` to `end`. */
function chunkValue(
  view: DataView,
  at: number,
  end: number,
  chunk: number,
  root: number,
  value: Int32Array,
  block: Int32Array,
): void {
  value.set(IV);
  let flags = CHUNK_START;
  do {
    const length = Math.min(BLOCK, end - at);
    load(block, view, at, length);
    if (at + length === end) flags |= CHUNK_END | root;
    compress(value, block, chunk, length, flags);
    flags = 0;
    at += length;
  } while (at < end);
}

/** The chaining value of two subtrees, the right one of which is in `value`, where the result goes. */
function parentValue(
  left: Int32Array,
  depth: number,
  root: number,
  value: Int32Array,
  block: Int32Array,
): void {
  block.set(left.subarray(8 * depth, 8 * depth + 8));
  block.set(value, 8);
  value.set(IV);
  compress(value, block, 0, BLOCK, PARENT | root);
}

function memoryOf(): Memory {
  return memory ??= {
    value: new Int32Array(8),
    block: new Int32Array(16),
    left: new Int32Array(8 * DEEPEST),
  };
}

function bytesOf(value: Int32Array): Uint8Array {
  const result = new Uint8Array(32);
  for (let i = 0; i < 32; i++) result[i] = value[i >> 2]! >>> 8 * (i & 3);
  return result;
}

/**
 * The hash of some bytes.
 *
 * @param bytes The bytes.
 * @returns 32 bytes.
 */
export function blake3(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = Math.max(1, Math.ceil(bytes.length / CHUNK));
  const { value, block, left } = memoryOf();
  let depth = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const last = chunk === chunks - 1;
    const end = last ? bytes.length : (chunk + 1) * CHUNK;
    chunkValue(view, chunk * CHUNK, end, chunk, chunks === 1 ? ROOT : 0, value, block);
    // As many subtrees end here as the number of chunks has zeros at its end; at the last chunk, all.
    for (let count = chunk + 1; depth > 0 && (last || count % 2 === 0); count /= 2) {
      depth--;
      parentValue(left, depth, last && depth === 0 ? ROOT : 0, value, block);
    }
    left.set(value, 8 * depth++);
  }
  return bytesOf(value);
}

/** A hash of bytes that come in parts. */
export class Blake3 {
  readonly #left = new Int32Array(8 * DEEPEST);
  #depth = 0;
  #chunks = 0;
  /** The last bytes: at least one, once there are any, since the last chunk is treated in a way of its own. */
  readonly #tail = new Uint8Array(CHUNK);
  #held = 0;

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length;) {
      if (this.#held === CHUNK) {
        this.#chunk(new DataView(this.#tail.buffer), 0);
        this.#held = 0;
      }
      if (this.#held === 0) {
        for (; bytes.length - at > CHUNK; at += CHUNK) this.#chunk(view, at);
      }
      const end = Math.min(bytes.length, at + CHUNK - this.#held);
      this.#tail.set(bytes.subarray(at, end), this.#held);
      this.#held += end - at;
      at = end;
    }
  }

  /** The hash of all that was added. */
  digest(): Uint8Array {
    const { value, block } = memoryOf();
    let depth = this.#depth;
    const root = depth === 0 ? ROOT : 0;
    chunkValue(new DataView(this.#tail.buffer), 0, this.#held, this.#chunks, root, value, block);
    while (depth > 0) {
      depth--;
      parentValue(this.#left, depth, depth === 0 ? ROOT : 0, value, block);
    }
    return bytesOf(value);
  }

  /** A whole chunk that is not the last. */
  #chunk(view: DataView, at: number): void {
    const { value, block } = memoryOf();
    chunkValue(view, at, at + CHUNK, this.#chunks++, 0, value, block);
    for (let count = this.#chunks; count % 2 === 0; count /= 2) {
      this.#depth--;
      parentValue(this.#left, this.#depth, 0, value, block);
    }
    this.#left.set(value, 8 * this.#depth++);
  }
}

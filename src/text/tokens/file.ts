/**
 * Reads a vocabulary file; the format is described in `data/README.md`. Twin:
 * `rust/agent-core-utils/src/tokens/file.rs`. A file of the package was checked against its checksum before, and
 * version 2 was made by this program, so nothing is checked here.
 *
 * @module
 */

import { type PieceScanner, Scanner } from "./scan.ts";
import { TableScanner } from "./table_scan.ts";

const MAGIC = "AGENTVOC";
const CODE_POINTS = 0x110000;

/** A vocabulary as it stands in its file. */
export interface VocabularyFile {
  /** How texts are cut. */
  scanner: PieceScanner;
  /** The bytes of all tokens, one behind the other. */
  arena: Uint8Array;
  /** Where each token begins in the arena, and the arena's end. */
  starts: Uint32Array;
  /** The first of the two tokens of each merge, in the order of ranks; -1 if there is none of this rank. */
  lefts: Int32Array;
  /** The second of them. */
  rights: Int32Array;
  /** What each merge gives. */
  merged: Int32Array;
  /** The token of each byte. */
  byteTokens: Int32Array;
  /** Which tokens can come of merging; undefined if all can. */
  plain?: Uint8Array;
  /** Whether a piece that is a token is that token, whatever merging would give. */
  wholeFirst: boolean;
}

/** Reads a file. */
export function readVocabulary(file: Uint8Array): VocabularyFile {
  let at = 0;
  const number = (): number => {
    let value = file[at++]!;
    if (value < 128) return value;
    value &= 127;
    for (let shift = 7;; shift += 7) {
      const byte = file[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const skip = (): void => {
    const length = number();
    at += length;
  };
  for (let i = 0; i < MAGIC.length; i++) {
    if (file[at++] !== MAGIC.charCodeAt(i)) {
      throw new Error("The file is no vocabulary of this version");
    }
  }
  if (file[at++] === 2) return readCompiled(file, at);
  skip();
  const family = file[at++]!;
  const digits = file[at++]!;
  for (let left = number(); left > 0; left--) {
    number();
    skip();
  }
  const classes = new Uint8Array(CODE_POINTS);
  for (let code = 0; code < CODE_POINTS;) {
    const run = number();
    if ((run & 7) !== 0) classes.fill(run & 7, code, code + (run >>> 3));
    code += run >>> 3;
  }

  const count = number();
  const starts = new Uint32Array(count + 1);
  const lefts = new Int32Array(count).fill(-1);
  const rights = new Int32Array(count).fill(-1);
  let arena = new Uint8Array(count * 8);
  let end = 0;
  for (let id = 0; id < count; id++) {
    if (end + 512 > arena.length) {
      const grown = new Uint8Array(2 * arena.length + 512);
      grown.set(arena);
      arena = grown;
    }
    const first = number();
    if (first === 0) {
      for (let left = number(); left > 0; left--) arena[end++] = file[at++]!;
    } else {
      const left = first - 1;
      const right = number();
      lefts[id] = left;
      rights[id] = right;
      for (let from = starts[left]!, to = starts[left + 1]!; from < to;) {
        arena[end++] = arena[from++]!;
      }
      for (let from = starts[right]!, to = starts[right + 1]!; from < to;) {
        arena[end++] = arena[from++]!;
      }
    }
    starts[id + 1] = end;
  }
  const byteTokens = new Int32Array(256);
  for (let id = 0; id < count; id++) {
    if (starts[id + 1]! - starts[id]! === 1) byteTokens[arena[starts[id]!]!] = id;
  }
  return {
    scanner: new Scanner(family, digits, classes),
    arena: arena.slice(0, end),
    starts,
    lefts,
    rights,
    // A token's rank is its id.
    merged: Int32Array.from({ length: count }, (_, id) => id),
    byteTokens,
    wholeFirst: true,
  };
}

/** Reads version 2, which `tokenizer/compile.ts` makes: everything behind the version. */
function readCompiled(file: Uint8Array, at: number): VocabularyFile {
  const number = (): number => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = file[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const raw = (length: number): Uint8Array => file.subarray(at, at += length);
  raw(number());
  const columns = number() + 1;
  const tables = Array.from({ length: number() }, () => {
    const steps = new Uint16Array(number() * columns);
    for (let i = 0; i < steps.length; i++) steps[i] = number();
    return steps;
  });
  const classes = new Uint8Array(CODE_POINTS);
  for (let code = 0; code < CODE_POINTS;) {
    const end = code + number();
    classes.fill(number(), code, end);
    code = end;
  }
  raw(128 * 128 / 8);
  for (let left = number(); left > 0; left--) {
    number();
    raw(number());
  }
  const wholeFirst = number() === 1;
  const count = number();
  const starts = new Uint32Array(count + 1);
  const plain = new Uint8Array(count);
  const arena = new Uint8Array(file.length - at);
  for (let id = 0; id < count; id++) {
    const header = number();
    plain[id] = header & 1;
    arena.set(raw(header >> 1), starts[id]!);
    starts[id + 1] = starts[id]! + (header >> 1);
  }
  const merges = number();
  const lefts = new Int32Array(merges);
  const rights = new Int32Array(merges);
  const merged = new Int32Array(merges);
  for (let rank = 0; rank < merges; rank++) {
    lefts[rank] = number();
    rights[rank] = number();
    merged[rank] = number();
  }
  const byteTokens = Int32Array.from({ length: 256 }, () => number() - 1);
  const scanner = new TableScanner(columns, tables, classes);
  return {
    scanner,
    arena: arena.slice(0, starts[count]),
    starts,
    lefts,
    rights,
    merged,
    byteTokens,
    plain,
    wholeFirst,
  };
}

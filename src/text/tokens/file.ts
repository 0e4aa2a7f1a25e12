/**
 * Reads a vocabulary file; the format is described in `data/README.md`. Twin:
 * `rust/agent-core-utils/src/tokens/file.rs`. The file's checksum has been verified before.
 *
 * @module
 */

const MAGIC = "AGENTVOC\x01";
const CODE_POINTS = 0x110000;

/** A vocabulary as it stands in its file. */
export interface VocabularyFile {
  /** How texts are cut: 1 as cl100k, 2 as o200k. */
  family: number;
  /** The most digits in one piece. */
  digits: number;
  /** The class of each code point; see `scan.ts`. */
  classes: Uint8Array;
  /** The bytes of all tokens, one behind the other. */
  arena: Uint8Array;
  /** Where each token begins in the arena, and the arena's end. */
  starts: Uint32Array;
  /** The first of the two tokens that each is merged from; -1 for a literal one. */
  lefts: Int32Array;
  /** The second of them. */
  rights: Int32Array;
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
  return { family, digits, classes, arena: arena.slice(0, end), starts, lefts, rights };
}

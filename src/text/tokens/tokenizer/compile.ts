/**
 * Makes of a tokenizer file what both twins read: the tables by which texts are cut, the bytes of the tokens, the merges
 * by number. The format is version 2 of the one in `data/README.md`, and never leaves memory.
 *
 * @module
 */

import { AgentError } from "../../../shared/errors.ts";
import { type Table, tablesOf } from "./automaton.ts";
import { PatternError } from "./pattern.ts";
import type { Plan } from "./plan.ts";
import { release } from "./sets.ts";

/** Longer tokens are refused. */
const LONGEST_TOKEN = 4096;
const encoder = new TextEncoder();

/** What was made of a file. */
export interface Compiled {
  /** What both twins read. */
  file: Uint8Array<ArrayBuffer>;
  /** How many ids there are of ordinary tokens, from 0. */
  tokens: number;
  /** Ids below that without a token. */
  holes: ReadonlySet<number>;
  /** Where texts may be cut: a bit for each two ASCII characters, at 128 times the first and the second. */
  cuts: Uint8Array;
}

/** Compiles a plan; `name` is what the process knows it by, `path` is for the errors. */
export function compile(plan: Plan, name: string, path: string): Compiled {
  const writer = new Writer();
  writer.raw(encoder.encode("AGENTVOC\x02"));
  writer.block(encoder.encode(name));
  const cuts = writeTables(writer, plan, path);
  const tokens = tokenBytes(plan, path);
  writeSpecials(writer, plan);
  writer.number(plan.ignoreMerges ? 1 : 0);
  writer.number(tokens.length);
  const holes = new Set<number>();
  tokens.forEach(({ bytes, isPlain }, id) => {
    if (bytes.length === 0) holes.add(id);
    writer.number(bytes.length * 2 + (isPlain ? 1 : 0));
    writer.raw(bytes);
  });
  writeMerges(writer, plan, tokens, path);
  return { file: writer.done(), tokens: tokens.length, holes, cuts };
}

function writeTables(writer: Writer, plan: Plan, path: string): Uint8Array {
  try {
    const { classes, count, tables } = tablesOf(plan.stages.map((stage) => stage.pattern));
    const columns = count + 1;
    plan.stages.forEach((stage, index) => {
      if (stage.onlyMatches && !coversAll(tables[index]!, columns)) {
        throw new PatternError("Split that removes what its pattern does not match");
      }
    });
    const cuts = cutsOf(tables, columns, classes);
    withoutAdded(cuts, plan);
    writer.number(count);
    writer.number(tables.length);
    for (const { states, steps } of tables) {
      writer.number(states);
      for (const step of steps) writer.number(step);
    }
    for (let start = 0, at = 1; at <= classes.length; at++) {
      if (at < classes.length && classes[at] === classes[start]) continue;
      writer.number(at - start);
      writer.number(classes[start]!);
      start = at;
    }
    writer.raw(cuts);
    return cuts;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AgentError(
      "UNSUPPORTED",
      `The tokenizer ${path} has ${error.message}, which is not supported`,
      { what: error.message },
    );
  } finally {
    release();
  }
}

/** Whether a match begins at a character of a class whatever follows. */
function begins({ steps }: Table, columns: number, column: number): boolean {
  const state = steps[columns + column]! >> 1;
  if (state === 0) return false;
  return steps.subarray(state * columns, (state + 1) * columns).every((step) => (step & 1) === 1);
}

/** Whether no character is left between matches. */
function coversAll(table: Table, columns: number): boolean {
  for (let column = 0; column < columns - 1; column++) {
    if (!begins(table, columns, column)) return false;
  }
  return true;
}

/**
 * Between which two ASCII characters a text may be cut, so that its parts have the tokens of the whole: at some stage a
 * piece always ends there, and at none before does a match go over the place or depend on what follows.
 */
function cutsOf(tables: readonly Table[], columns: number, classes: Uint8Array): Uint8Array {
  const cuts = new Uint8Array(128 * 128 / 8);
  const known = new Map<number, boolean>();
  for (let first = 0; first < 128; first++) {
    for (let second = 0; second < 128; second++) {
      const key = classes[first]! * 256 + classes[second]!;
      let safe = known.get(key);
      if (safe === undefined) {
        safe = isCut(tables, columns, classes[first]!, classes[second]!);
        known.set(key, safe);
      }
      const bit = first * 128 + second;
      if (safe) cuts[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return cuts;
}

function isCut(tables: readonly Table[], columns: number, first: number, second: number): boolean {
  for (const table of tables) {
    const { states, steps } = table;
    let always = true;
    for (let from = 1; from < states; from++) {
      const state = steps[from * columns + first]! >> 1;
      if (state === 0) continue;
      const step = steps[state * columns + second]!;
      const end = steps[state * columns + columns - 1]!;
      if (step >> 1 !== 0 || (step & 1) !== (end & 1)) return false;
      if ((step & 1) === 0) always = false;
    }
    if (begins(table, columns, second) || (always && begins(table, columns, first))) return true;
  }
  return false;
}

/** No cut inside a token that is found as it stands, or in the white space at it. */
function withoutAdded(cuts: Uint8Array, { added }: Plan): void {
  const forbid = (first: number, second: number): void => {
    if (first < 128 && second < 128) cuts[(first * 128 + second) >> 3]! &= ~(1 << (second & 7));
  };
  const blanks = [9, 10, 11, 12, 13, 32];
  for (const { text, left, right } of added) {
    for (let at = 1; at < text.length; at++) forbid(text.charCodeAt(at - 1), text.charCodeAt(at));
    if (!left && !right) continue;
    for (const blank of blanks) {
      if (left) forbid(blank, text.charCodeAt(0));
      if (right) forbid(text.charCodeAt(text.length - 1), blank);
      for (const other of blanks) forbid(blank, other);
    }
  }
}

/** GPT-2's letters for bytes: printable ones stand for themselves, the others follow from U+0100 on. */
function byteLetters(): Map<string, number> {
  const letters = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    letters.set(String.fromCharCode(isPrintable ? byte : next++), byte);
  }
  return letters;
}

/** A token: its bytes, and whether they can come of merging. */
interface TokenBytes {
  bytes: Uint8Array;
  isPlain: boolean;
}

/** The tokens by id; empty where there is no such id. */
function tokenBytes({ vocab }: Plan, path: string): TokenBytes[] {
  const letters = byteLetters();
  const tokens: TokenBytes[] = [];
  for (const [token, id] of vocab) {
    let bytes: Uint8Array = new Uint8Array(token.length);
    let isPlain = token.length > 0;
    for (let at = 0; at < token.length; at++) {
      const byte = letters.get(token[at]!);
      if (byte === undefined) isPlain = false;
      else bytes[at] = byte;
    }
    // What has other letters is no merge of bytes: it stands for its text.
    if (!isPlain) bytes = encoder.encode(token);
    if (bytes.length > LONGEST_TOKEN) {
      const what = `a token of ${bytes.length} bytes`;
      throw new AgentError(
        "UNSUPPORTED",
        `The tokenizer ${path} has ${what}, and the most is ${LONGEST_TOKEN}`,
        { what },
      );
    }
    tokens[id] = { bytes, isPlain };
  }
  for (let id = 0; id < tokens.length; id++) {
    tokens[id] ??= { bytes: new Uint8Array(0), isPlain: false };
  }
  return tokens;
}

/** Tokens that are found as they stand, and those that stand for their text, by id: what decoding needs beside the rest. */
function writeSpecials(writer: Writer, { added }: Plan): void {
  writer.number(added.length);
  for (const { id, text } of added) {
    writer.number(id);
    writer.block(encoder.encode(text));
  }
}

function writeMerges(
  writer: Writer,
  { vocab, merges }: Plan,
  tokens: readonly TokenBytes[],
  path: string,
): void {
  // By both halves; of two equal merges the last one counts.
  const last = new Map<string, [left: number, right: number, token: number]>();
  for (const [left, right] of merges) {
    const ids = [left, right, left + right].map((token) => {
      const id = vocab.get(token);
      if (id !== undefined) return id;
      throw new AgentError(
        "CORRUPT",
        `${path} is no tokenizer.json: its merges name ${JSON.stringify(token.slice(0, 40))}, ` +
          "which is no token",
        { path },
      );
    });
    const [first, second, token] = ids as [number, number, number];
    const key = `${first} ${second}`;
    last.delete(key);
    // Bytes are never merged to what stands for its text.
    if (tokens[token]!.isPlain) last.set(key, [first, second, token]);
  }
  writer.number(last.size);
  for (const ids of last.values()) ids.forEach((id) => writer.number(id));
  for (const [letter, byte] of byteLetters()) {
    // These never stand in UTF-8.
    const isUsed = byte < 0xc0 || (byte > 0xc1 && byte < 0xf5);
    const id = vocab.get(letter);
    if (id === undefined && isUsed) {
      const what = `no token for the byte 0x${byte.toString(16)}`;
      throw new AgentError("UNSUPPORTED", `The tokenizer ${path} has ${what}`, { what });
    }
    writer.number(id === undefined ? 0 : id + 1);
  }
}

/** Bytes that grow. */
class Writer {
  #bytes = new Uint8Array(1 << 22);
  #length = 0;

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  number(value: number): void {
    this.#room(5);
    for (; value > 127; value >>>= 7) this.#bytes[this.#length++] = value & 127 | 128;
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  block(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.raw(bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

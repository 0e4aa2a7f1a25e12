/**
 * A lazy deterministic automaton over a pattern program: states are made when a text first leads there, and thrown away
 * when there are too many. Twin: `rust/areas/redact/src/automaton.rs`.
 *
 * Which alternative comes first does not matter, since the longest match is taken: a state is a set of the program's
 * states, nothing more. Assertions wait in the set until the next character is known.
 *
 * @module
 */

import { HEADER, holds, Kind, Op } from "./compile.ts";

/** The dead state: nothing can match any more. */
export const DEAD = 0;
/** In place of a pattern: none. */
export const NO_PATTERN = 0x7fffffff;

const STATES_KEPT = 4096;
// Sets of counted repetitions inside of another are large: all of `(a{1,50}){1,50}` have three million members.
const ENTRIES_KEPT = 1 << 22;

/** The automaton, which texts share. */
export class PatternAutomaton {
  /** How many times states were thrown away; numbers of states are good only within one. */
  generation = 0;
  /** By state: the first pattern that matches here, whatever follows. */
  matched: Int32Array = new Int32Array(64);
  /** By state: the first pattern that matched before the character that led here, because of that character. */
  late: Int32Array = new Int32Array(64);
  /** By state: 1 if nothing goes on from here. */
  final: Uint8Array = new Uint8Array(64);
  /** The class of the edge of the text. */
  readonly edge: number;
  readonly #unanchored: boolean;
  readonly #code: Uint32Array;
  readonly #sets: Uint32Array;
  readonly #words: number;
  readonly #kinds: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #borders: Uint32Array;
  readonly #classes: Uint32Array;
  readonly #small = new Uint16Array(256);
  readonly #stride: number;
  #next = new Int32Array(0);
  #members: Uint16Array[] = [];
  #before: number[] = [];
  #known = new Map<string, number>();
  #entries = 0;
  readonly #begin = new Int32Array(4);
  readonly #seen: Uint32Array;
  #round = 0;

  /**
   * Reads a program of `compile.ts`.
   *
   * @param program The program.
   * @param unanchored Whether a match may begin anywhere, not only where the automaton does.
   */
  constructor(program: Uint32Array, unanchored: boolean) {
    this.#unanchored = unanchored;
    const [states, classes, borders, words, starts] = program as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    let at = HEADER;
    const part = (length: number): Uint32Array => program.subarray(at, at += length);
    this.#borders = part(borders);
    this.#classes = part(borders);
    this.#kinds = part(classes);
    this.#code = part(states * 3);
    const sets = program.length - at - starts;
    this.#sets = part(sets);
    this.#starts = part(starts);
    this.#words = words;
    this.edge = classes;
    this.#stride = classes + 1;
    this.#seen = new Uint32Array(states);
    for (let code = 0; code < 256; code++) this.#small[code] = this.#search(code);
    this.#clear();
  }

  /** The class of a code point. */
  classOf(code: number): number {
    return code < 256 ? this.#small[code]! : this.#search(code);
  }

  /** The kind of a class, or of the edge. */
  kindOf(one: number): number {
    return one === this.edge ? Kind.EDGE : this.#kinds[one]!;
  }

  #search(code: number): number {
    const borders = this.#borders;
    let low = 0;
    let high = borders.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (borders[middle]! <= code) low = middle;
      else high = middle;
    }
    return this.#classes[low]!;
  }

  #clear(): void {
    this.generation++;
    this.#members = [new Uint16Array(0)];
    this.#before = [Kind.EDGE];
    this.#known.clear();
    this.#entries = 0;
    this.#next = new Int32Array(16 * this.#stride).fill(-1);
    this.#next.fill(DEAD, 0, this.#stride);
    this.matched[DEAD] = NO_PATTERN;
    this.late[DEAD] = NO_PATTERN;
    this.final[DEAD] = 1;
    this.#begin.fill(-1);
  }

  /** The state to begin with where a kind stands before. */
  begin(before: number): number {
    const known = this.#begin[before]!;
    if (known >= 0) return known;
    this.#round++;
    const members: number[] = [];
    for (let i = 0; i < this.#starts.length; i++) this.#close(this.#starts[i]!, members);
    return this.#begin[before] = this.#intern(members, before, NO_PATTERN);
  }

  /** The state after one more class. May throw all states away: compare `generation`. */
  step(state: number, one: number): number {
    const known = this.#next[state * this.#stride + one]!;
    return known >= 0 ? known : this.#make(state, one);
  }

  #make(state: number, one: number): number {
    const before = this.#before[state]!;
    const after = this.kindOf(one);
    const current = [...this.#members[state]!];
    let late = NO_PATTERN;
    // What assertions let through joins the set, at its end.
    this.#round++;
    for (const member of current) this.#seen[member] = this.#round;
    const matched = this.matched[state]!;
    for (let i = 0; i < current.length; i++) {
      const at = current[i]! * 3;
      const operation = this.#code[at];
      if (operation === Op.ASSERT) {
        if (holds(this.#code[at + 1]!, before, after)) this.#close(this.#code[at + 2]!, current);
      } else if (operation === Op.MATCH && this.#code[at + 1]! < late) {
        late = this.#code[at + 1]!;
      }
    }
    // What matched without looking ahead was said by the state itself.
    if (late >= matched) late = NO_PATTERN;
    const members: number[] = [];
    if (one !== this.edge) {
      this.#round++;
      for (const member of current) {
        const at = member * 3;
        if (this.#code[at] !== Op.SET) continue;
        const word = this.#sets[this.#code[at + 1]! * this.#words + (one >> 5)]!;
        if ((word >>> (one & 31) & 1) === 1) this.#close(this.#code[at + 2]!, members);
      }
      if (this.#unanchored) { for (const start of this.#starts) this.#close(start, members); }
    }
    if (members.length === 0 && late === NO_PATTERN) {
      this.#next[state * this.#stride + one] = DEAD;
      return DEAD;
    }
    if (this.#members.length >= STATES_KEPT || this.#entries > ENTRIES_KEPT) {
      this.#clear();
      return this.#intern(members, after, late);
    }
    const next = this.#intern(members, after, late);
    this.#next[state * this.#stride + one] = next;
    return next;
  }

  /** Adds a state of the program, and what it leads to without a character, to a set. */
  #close(state: number, members: number[]): void {
    const code = this.#code;
    const stack = [state];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (this.#seen[top] === this.#round) continue;
      this.#seen[top] = this.#round;
      if (code[top * 3] === Op.SPLIT) stack.push(code[top * 3 + 2]!, code[top * 3 + 1]!);
      else members.push(top);
    }
  }

  #intern(list: readonly number[], before: number, late: number): number {
    // Programs have at most `STATES_MAX` states, which 16 bits can tell apart.
    const members = Uint16Array.from(list).sort();
    const code = this.#code;
    let asserts = false;
    let final = 1;
    let matched = NO_PATTERN;
    for (const member of members) {
      const operation = code[member * 3];
      if (operation === Op.MATCH) matched = Math.min(matched, code[member * 3 + 1]!);
      else final = 0;
      if (operation === Op.ASSERT) asserts = true;
    }
    // What stands before matters only where an assertion will look at it.
    const kind = asserts ? before : Kind.OTHER;
    const key = `${kind} ${late} ${textOf(members)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const state = this.#members.length;
    this.#known.set(key, state);
    this.#members.push(members);
    this.#before.push(kind);
    this.#entries += members.length + this.#stride;
    if ((state + 1) * this.#stride > this.#next.length) {
      const grown = new Int32Array(this.#next.length * 2).fill(-1);
      grown.set(this.#next);
      this.#next = grown;
    }
    if (state >= this.matched.length) {
      this.matched = doubled(this.matched);
      this.late = doubled(this.late);
      const final = new Uint8Array(this.final.length * 2);
      final.set(this.final);
      this.final = final;
    }
    this.matched[state] = matched;
    this.late[state] = late;
    this.final[state] = final;
    return state;
  }
}

/** A text that is as good as the numbers. */
function textOf(numbers: Uint16Array): string {
  let text = "";
  for (let at = 0; at < numbers.length; at += 4096) {
    text += String.fromCharCode(...numbers.subarray(at, at + 4096));
  }
  return text;
}

function doubled(numbers: Int32Array): Int32Array {
  const grown = new Int32Array(numbers.length * 2);
  grown.set(numbers);
  return grown;
}

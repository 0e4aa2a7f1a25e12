/**
 * Finds matches of patterns. Twin: `rust/areas/redact/src/patterns.rs`.
 *
 * From each place where one can begin the automaton runs until it dies. Runs from neighbouring places soon are in the same
 * state at the same place; the states of one long run are kept, and a run that meets it takes its end. Where runs still
 * come to nothing again and again, an automaton for matches that begin anywhere finds the next place where one ends
 * at all, and what lies more than a match's length before it is passed over. So texts meant to make all runs long take
 * linear time, but for at most `PATTERN_MAX` steps a character just before the end of a match.
 *
 * @module
 */

import { Finder } from "../finder.ts";
import { PATTERN_MAX } from "../rules.ts";
import { CLASS, WORD } from "../scan/chars.ts";
import { DEAD, NO_PATTERN, PatternAutomaton } from "./automaton.ts";
import { Kind } from "./compile.ts";

const RING = 8192;
const RING_MASK = RING - 1;
/** Shorter runs are not worth keeping. */
const SHORT = 32;
/** Runs that came to nothing may cost so many steps, and so many more a character, before a sweep. */
const PATIENCE = 256;
const PATIENCE_EACH = 8;

function kindOf(unit: number): number {
  if (unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029) return Kind.LINE;
  return unit < 128 && (CLASS[unit]! & WORD) !== 0 ? Kind.WORD : Kind.OTHER;
}

const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => kindOf(unit));

/** Finds what the patterns match; rule ids begin at `base`. */
export class PatternFinder extends Finder {
  readonly #program: Uint32Array;
  readonly #automaton: PatternAutomaton;
  // For matches that begin anywhere; made when it is needed.
  #anywhere: PatternAutomaton | undefined;
  readonly #base: number;
  #text = "";
  #last = true;
  // By kind before and small unit: 0 unknown, 1 a match may begin, 2 none does.
  readonly #first = new Uint8Array(4 * 128);
  // The kept run: its states from #from to #to, and the last match on it.
  readonly #states = new Int32Array(RING);
  #from = 0;
  #to = -1;
  #generation = 0;
  #end = 0;
  #pattern = NO_PATTERN;

  // Steps of runs that came to nothing, since when; up to where a sweep went, and from where on a match may begin.
  #wasted = 0;
  #since = 0;
  #swept = 0;
  #clear = 0;

  /** Makes a finder for a program of `compile.ts`. */
  constructor(program: Uint32Array, base: number) {
    super();
    this.#program = program;
    this.#automaton = new PatternAutomaton(program, false);
    this.#base = base;
  }

  override begin(text: string, last: boolean): void {
    this.#text = text;
    this.#last = last;
    this.#to = -1;
    this.#wasted = 0;
    this.#since = 0;
    this.#swept = 0;
    this.#clear = 0;
    this.start = -1;
  }

  override seek(from: number): void {
    const text = this.#text;
    const n = text.length;
    let kind = this.#kindBefore(from);
    for (let i = from; i < n; i++) {
      if (i < this.#clear) {
        i = this.#clear;
        if (i >= n) break;
        kind = this.#kindBefore(i);
      }
      const unit = text.charCodeAt(i);
      // The second half of a character is no place to begin.
      if ((unit & 0xfc00) === 0xdc00 && i > 0 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) {
        continue;
      }
      if (unit >= 128 || this.#mayBegin(kind, unit)) {
        const end = this.#run(i, kind);
        if (end !== 0) {
          this.start = i;
          this.end = end > 0 ? end : 0;
          return;
        }
        const patience = PATIENCE + PATIENCE_EACH * (i - this.#since);
        if (this.#wasted > patience && i >= this.#swept) this.#sweep(i);
      }
      kind = unit < 128 ? KINDS[unit]! : kindOf(unit);
    }
    this.start = n;
    this.end = 0;
  }

  #kindBefore(at: number): number {
    return at === 0 ? Kind.EDGE : kindOf(this.#text.charCodeAt(at - 1));
  }

  #mayBegin(kind: number, unit: number): boolean {
    const place = kind * 128 + unit;
    if (this.#first[place] === 0) {
      const automaton = this.#automaton;
      const next = automaton.step(automaton.begin(kind), automaton.classOf(unit));
      this.#first[place] = next === DEAD ? 2 : 1;
    }
    return this.#first[place] === 1;
  }

  /** Finds out up to where no match begins, from `i` on. */
  #sweep(i: number): void {
    const text = this.#text;
    const n = text.length;
    const automaton = this.#anywhere ??= new PatternAutomaton(this.#program, true);
    let state = automaton.begin(this.#kindBefore(i));
    let p = i;
    for (;;) {
      if (p >= n && !this.#last) break;
      const code = p < n ? text.codePointAt(p)! : -1;
      state = automaton.step(state, p < n ? automaton.classOf(code) : automaton.edge);
      if (automaton.late[state] !== NO_PATTERN) break;
      if (p >= n) {
        // Nothing ends in all that is left.
        this.#clear = this.#swept = n;
        return;
      }
      p += code > 0xffff ? 2 : 1;
      if (automaton.matched[state] !== NO_PATTERN) break;
    }
    this.#swept = p;
    this.#clear = p - PATTERN_MAX;
    this.#wasted = 0;
    this.#since = Math.max(i, this.#clear);
  }

  /** The end of the longest match that begins at `i`; 0 if there is none, -1 if it cannot be said. */
  #run(i: number, kind: number): number {
    const text = this.#text;
    const automaton = this.#automaton;
    const n = text.length;
    const limit = i + PATTERN_MAX;
    let state = automaton.begin(kind);
    let end = 0;
    let pattern = NO_PATTERN;
    let kept = false;
    let p = i;
    for (;;) {
      this.#wasted++;
      if (p - i > SHORT) {
        const merged = this.#generation === automaton.generation && p >= this.#from &&
          p < this.#to && this.#states[p & RING_MASK] === state;
        if (merged) {
          if (this.#end >= p) {
            end = this.#end;
            pattern = this.#pattern;
          }
          p = this.#to;
          state = this.#states[p & RING_MASK]!;
          kept = true;
        } else if (!kept || p !== this.#to) {
          this.#from = p;
          this.#to = p;
          this.#end = end;
          this.#pattern = pattern;
          this.#generation = automaton.generation;
          this.#states[p & RING_MASK] = state;
          kept = true;
        }
      }
      if (p >= n && !this.#last) {
        return automaton.final[state] === 1 ? this.#done(end, pattern) : -1;
      }
      const code = p < n ? text.codePointAt(p)! : -1;
      const next = automaton.step(state, p < n ? automaton.classOf(code) : automaton.edge);
      const late = automaton.late[next]!;
      if (late !== NO_PATTERN && p > i) {
        pattern = end === p ? Math.min(pattern, late) : late;
        end = p;
        this.#note(kept, end, pattern);
      }
      const width = code > 0xffff ? 2 : 1;
      if (automaton.final[next] === 1 && automaton.matched[next] === NO_PATTERN) break;
      if (p + width > limit) break;
      p += width;
      state = next;
      if (automaton.matched[state] !== NO_PATTERN) {
        end = p;
        pattern = automaton.matched[state]!;
      }
      if (kept) {
        if (this.#generation !== automaton.generation) {
          kept = false;
        } else {
          this.#to = p;
          this.#states[p & RING_MASK] = state;
          if (p - this.#from >= RING) this.#from = p - RING + 1;
          if (end === p) this.#note(true, end, pattern);
        }
      }
      if (automaton.final[state] === 1) break;
    }
    return this.#done(end, pattern);
  }

  #note(kept: boolean, end: number, pattern: number): void {
    if (!kept) return;
    this.#end = end;
    this.#pattern = pattern;
  }

  #done(end: number, pattern: number): number {
    this.rule = this.#base + pattern;
    return end;
  }
}

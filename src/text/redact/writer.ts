/**
 * Puts replacements in place of matches. The same for both twins, for whole texts and for streams.
 *
 * @module
 */

import { JsonReader, mayBeScalar } from "./json.ts";
import { labelOf } from "./rules.ts";
import type { Plan, RedactionMatch, RedactionValue, Replacement, Scan } from "./types.ts";
import { giveNumber, momentOf, openPlaceholder, passOn, type RedactionVault } from "./vault.ts";

/** What has to be escaped in a string of JSON. */
// deno-lint-ignore no-control-regex
const ESCAPED = /["\\\u0000-\u001f]/;

/** Where `replace` is a function, what it gave must be a string. */
function replaced(value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`options.replace must return a string, got ${typeof value}`);
  }
  return value;
}

/** What was written of a text. */
export interface Written {
  /** What goes out. */
  out: string;
  /** Up to here the text is written. */
  end: number;
}

/** Writes one text. */
export class Writer {
  readonly #plan: Plan;
  readonly #replace: Replacement | undefined;
  readonly #vault: RedactionVault | undefined;
  readonly #json = new JsonReader();
  // What stands in place of a rule's matches, where that is always the same.
  readonly #fixed = new Map<string, string>();
  // With a vault: what was given before this text, and the end of what is kept, as far as it may be the beginning of what
  // looks like a placeholder.
  readonly #since: number;
  #tail = "";

  /** Makes a writer; `vault` is the replacement if it is a vault. */
  constructor(plan: Plan, replace: Replacement | undefined, vault: RedactionVault | undefined) {
    this.#plan = plan;
    this.#replace = replace;
    this.#vault = vault;
    this.#since = vault === undefined ? 0 : momentOf(vault);
  }

  /**
   * Writes a stretch of text.
   *
   * @param text The text, of which what is before `from` was written.
   * @param from Where to begin.
   * @param scan What was found from there on.
   * @param last Whether the text ends here.
   * @param matches Takes what was replaced.
   * @returns What goes out, and up to where: a number of JSON is written whole.
   */
  write(
    text: string,
    from: number,
    { found, count, hold }: Scan,
    last: boolean,
    matches?: RedactionMatch[],
  ): Written {
    const { names, isAllowed } = this.#plan;
    const json = this.#json;
    // A function or an own vault may call back into native code, whose buffers are then used again.
    const calls = typeof this.#replace === "function" || this.#vault !== undefined;
    const places = calls ? found.slice(0, count) : found;
    let end = hold;
    let out = "";
    let at = from;
    for (let i = 0; i < count; i += 3) {
      let start = places[i + 1]!;
      let stop = places[i + 2]!;
      if (start < at || isAllowed?.(text.slice(start, stop)) === true) continue;
      let number = false;
      if (mayBeScalar(text, start) && json.isInScalar(text, start) && json.start >= at) {
        if (json.end > hold || (json.end === text.length && !last)) {
          end = json.start;
          break;
        }
        number = json.isScalar(text) && isWithin(places, i, count, json.end);
        if (number) {
          start = json.start;
          stop = json.end;
        }
      }
      const rule = places[i]!;
      out += this.#keep(text, at, start) + this.#put(rule, text, start, stop, number);
      matches?.push({ rule: names[rule]!, start, end: stop });
      at = stop;
    }
    if (last) return { out: out + this.#keep(text, at, text.length) + this.#end(), end };
    json.read(text, end);
    if (json.at >= at && json.at < end && json.isAtScalar(text)) end = json.at;
    return { out: out + this.#keep(text, at, end), end };
  }

  /** What of the text is needed from here on, at most up to `keep`; places count from there then. */
  drop(keep: number): number {
    const least = Math.min(keep, this.#json.at);
    this.#json.shift(least);
    return least;
  }

  /** Passes on text that did not match. */
  #keep(text: string, start: number, end: number): string {
    const kept = text.slice(start, end);
    const vault = this.#vault;
    if (vault === undefined || kept === "") return kept;
    const seen = this.#tail + kept;
    const decided = seen.length - openPlaceholder(seen);
    this.#tail = seen.slice(decided);
    return passOn(vault, seen.slice(0, decided), this.#since);
  }

  /** What is still held when the text ends. */
  #end(): string {
    const tail = this.#tail;
    this.#tail = "";
    return tail;
  }

  /** Replaces what a rule found; a number of JSON by a string. */
  #put(rule: number, text: string, start: number, end: number, number: boolean): string {
    const name = this.#plan.names[rule]!;
    let replacement = this.#replacement(name, text, start, end, number);
    if (!number && !ESCAPED.test(replacement)) return replacement;
    this.#json.read(text, start);
    if (number) replacement = JSON.stringify(replacement);
    for (let level = this.#json.level; level > 0; level--) {
      replacement = JSON.stringify(replacement).slice(1, -1);
    }
    return this.#vault === undefined ? replacement : this.#end() + replacement;
  }

  #replacement(
    name: string,
    text: string,
    start: number,
    end: number,
    number: boolean,
  ): string {
    const replace = this.#replace;
    if (typeof replace === "string") return replace;
    if (replace === undefined) {
      let fixed = this.#fixed.get(name);
      if (fixed === undefined) this.#fixed.set(name, fixed = `[${labelOf(name)}]`);
      return fixed;
    }
    const value = text.slice(start, end);
    if (this.#vault !== undefined) {
      if (number) return giveNumber(this.#vault, name, value);
      return this.#end() + this.#vault.placeholder(name, value);
    }
    const call = replace as (match: RedactionValue) => unknown;
    return replaced(call({ rule: name, label: labelOf(name), value }));
  }
}

/** Whether no match that begins before an end goes on behind it. */
function isWithin(
  places: Uint32Array | readonly number[],
  i: number,
  count: number,
  end: number,
): boolean {
  let k = i;
  while (k + 3 < count && places[k + 4]! < end) k += 3;
  return places[k + 2]! <= end;
}

/**
 * Puts replacements in place of matches. The same for both twins, for whole texts and for streams.
 *
 * @module
 */

import { labelOf } from "./rules.ts";
import type { Plan, RedactionValue, Replacement } from "./types.ts";
import { momentOf, openPlaceholder, passOn, type RedactionVault } from "./vault.ts";

/** Where `replace` is a function, what it gave must be a string. */
function replaced(value: unknown): string {
  if (typeof value !== "string") {
    throw new TypeError(`options.replace must return a string, got ${typeof value}`);
  }
  return value;
}

/** Writes one text. */
export class Writer {
  readonly #names: readonly string[];
  readonly #replace: Replacement | undefined;
  readonly #vault: RedactionVault | undefined;
  // What stands in place of a rule's matches, where that is always the same.
  readonly #fixed = new Map<string, string>();
  // With a vault: what was given before this text, and the end of what is kept, as far as it may be the beginning of what
  // looks like a placeholder.
  readonly #since: number;
  #tail = "";

  /** Makes a writer; `vault` is the replacement if it is a vault. */
  constructor(plan: Plan, replace: Replacement | undefined, vault: RedactionVault | undefined) {
    this.#names = plan.names;
    this.#replace = replace;
    this.#vault = vault;
    this.#since = vault === undefined ? 0 : momentOf(vault);
  }

  /** Passes on text that did not match. */
  keep(text: string, start: number, end: number): string {
    const kept = text.slice(start, end);
    const vault = this.#vault;
    if (vault === undefined || kept === "") return kept;
    const seen = this.#tail + kept;
    const decided = seen.length - openPlaceholder(seen);
    this.#tail = seen.slice(decided);
    return passOn(vault, seen.slice(0, decided), this.#since);
  }

  /** What is still held when the text ends. */
  end(): string {
    const tail = this.#tail;
    this.#tail = "";
    return tail;
  }

  /** Replaces what a rule found. */
  put(rule: number, text: string, start: number, end: number): string {
    const replace = this.#replace;
    if (typeof replace === "string") return replace;
    const name = this.#names[rule]!;
    if (replace === undefined) {
      let fixed = this.#fixed.get(name);
      if (fixed === undefined) this.#fixed.set(name, fixed = `[${labelOf(name)}]`);
      return fixed;
    }
    const value = text.slice(start, end);
    if (this.#vault !== undefined) return this.end() + this.#vault.placeholder(name, value);
    const call = replace as (match: RedactionValue) => unknown;
    return replaced(call({ rule: name, label: labelOf(name), value }));
  }
}

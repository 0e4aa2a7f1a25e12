/**
 * Puts replacements in place of matches. The same for both twins, for whole texts and for streams.
 *
 * @module
 */

import { labelOf } from "./rules.ts";
import type { Plan, RedactionValue, Replacement } from "./types.ts";
import { openPlaceholder, type RedactionVault } from "./vault.ts";

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
  // The end of what was passed on, as far as it may be the beginning of a placeholder.
  #tail = "";

  /** Makes a writer; `vault` is the replacement if it is a vault. */
  constructor(plan: Plan, replace: Replacement | undefined, vault: RedactionVault | undefined) {
    this.#names = plan.names;
    this.#replace = replace;
    this.#vault = vault;
  }

  /** Passes on text that did not match. */
  keep(text: string, start: number, end: number): string {
    const kept = text.slice(start, end);
    const vault = this.#vault;
    if (vault !== undefined && kept !== "") {
      const seen = this.#tail + kept;
      vault.reserve(seen);
      this.#tail = seen.slice(seen.length - openPlaceholder(seen));
    }
    return kept;
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
    this.#tail = "";
    if (this.#vault !== undefined) return this.#vault.placeholder(name, value);
    const call = replace as (match: RedactionValue) => unknown;
    return replaced(call({ rule: name, label: labelOf(name), value }));
  }
}
